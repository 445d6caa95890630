//! What a run knows of coverage, as its record keeps it: totals, packages, files, the changed lines, and how it
//! compares with what was kept of earlier runs. Shares are counts; a share of nothing was not measured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::percent::Percent;
use crate::kit::text::plural;

mod share;

pub use share::{Metric, Share, Totals};

/// The coverage of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CoverageRecord {
    /// What measured it.
    pub backend: Backend,
    /// Over all files.
    pub totals: Totals,
    /// By package, in alphabetical order; files outside all packages are in none.
    pub packages: Vec<PackageCoverage>,
    /// By file, in the order of their paths.
    pub files: Vec<FileCoverage>,
    /// Of the lines that a change touches; none when nobody asked git.
    pub patch: Option<PatchRecord>,
    /// How it compares with earlier runs; none when none is kept.
    pub baseline: Option<BaselineRecord>,
    /// Files that earlier runs covered and that are still there, but that this run does not know.
    pub vanished: Vec<String>,
    /// Sentences that a reader should know.
    pub notes: Vec<String>,
}

/// What measured coverage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Backend {
    /// `embedded`, `llvm` or `tracefile`.
    pub name: String,
    /// Why this one.
    pub reason: String,
}

/// The coverage of a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PackageCoverage {
    /// Its name.
    pub name: String,
    /// Over its files.
    pub totals: Totals,
}

/// The coverage of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FileCoverage {
    /// Relative to the workspace root, with `/`; absolute when the file is outside.
    pub path: String,
    /// The package that it belongs to.
    pub package: Option<String>,
    /// Of the file.
    pub totals: Totals,
}

/// The coverage of the lines that a change touches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PatchRecord {
    /// What the change was compared with, as git names it; none when nothing was found to compare with.
    pub base: Option<String>,
    /// Why the changed lines are not known; none when they are.
    pub problem: Option<String>,
    /// Of the changed lines that hold code, how many ran.
    pub share: Share,
    /// Changed lines of measured files that hold no code.
    pub not_coverable: u64,
    /// Files with changed lines that hold code, those with the most uncovered ones first.
    pub files: Vec<PatchFile>,
    /// Changed Rust files that hold code and that the run does not know at all.
    pub not_measured: Vec<String>,
}

/// The changed lines of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PatchFile {
    /// Relative to the workspace root, with `/`.
    pub path: String,
    /// Of its changed lines that hold code, how many ran.
    pub share: Share,
    /// The changed lines that never ran, in order.
    pub uncovered: Vec<UncoveredLines>,
}

/// Changed lines that follow each other and never ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UncoveredLines {
    /// The first, from 1.
    pub start: u32,
    /// The last.
    pub end: u32,
    /// What stands there, without the indentation that all have; none where the code was left out or cannot be read.
    pub code: Option<String>,
}

/// How coverage compares with what was kept of earlier runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BaselineRecord {
    /// The file, relative to the workspace root.
    pub path: String,
    /// The commit of its newest entry; none when that run knew none.
    pub commit: Option<String>,
    /// How many entries it has.
    pub entries: u64,
    /// Covered lines of the newest entry.
    pub lines: Share,
    /// The best share of covered lines of all entries.
    pub best: Option<Percent>,
    /// What lines differ by from run to run without any change, in percentage points.
    pub noise: Percent,
    /// Why it cannot be compared; none when it can.
    pub problem: Option<String>,
}

impl CoverageRecord {
    /// A record of what was measured. `package_of` gives the package that a path belongs to.
    #[must_use]
    pub fn of(
        coverage: &slipway_coverage::Coverage,
        backend: Backend,
        package_of: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let mut packages: BTreeMap<String, Totals> = BTreeMap::new();
        let mut files = Vec::with_capacity(coverage.files.len());
        for (path, file) in &coverage.files {
            let (package, totals) = (package_of(path), Totals::from(file.totals()));
            if let Some(name) = &package {
                *packages.entry(name.clone()).or_default() += totals;
            }
            files.push(FileCoverage { path: path.clone(), package, totals });
        }
        let packages = packages.into_iter().map(|(name, totals)| PackageCoverage { name, totals });
        let totals = coverage.totals().into();
        Self { backend, totals, packages: packages.collect(), files, ..Self::default() }
    }

    /// The files with the most that never ran, the worst first; files without any are left out.
    #[must_use]
    pub fn worst(&self, metric: Metric) -> Vec<&FileCoverage> {
        let missed = |file: &FileCoverage| file.totals.of(metric).missed();
        let mut files: Vec<&FileCoverage> = self.files.iter().filter(|file| missed(file) > 0).collect();
        files.sort_by_key(|file| std::cmp::Reverse(missed(file)));
        files
    }
}

impl UncoveredLines {
    /// `7`, or `7-9`.
    #[must_use]
    pub fn lines(&self) -> String {
        if self.start == self.end { self.start.to_string() } else { format!("{}-{}", self.start, self.end) }
    }

    /// How many lines it is.
    #[must_use]
    pub fn count(&self) -> u64 {
        u64::from(self.end.saturating_sub(self.start)) + 1
    }

    /// `line 7 never ran`, `3 lines never ran`.
    #[must_use]
    pub fn told(&self) -> String {
        match self.count() {
            1 => format!("line {} never ran", self.start),
            count => format!("{} never ran", plural(usize::try_from(count).unwrap_or(usize::MAX), "line")),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use slipway_coverage as measured;

    use super::*;

    /// A record of files with so many covered lines of so many, each `PACKAGE/src/FILE.rs`.
    pub(crate) fn record(files: &[(&str, u64, u64)]) -> CoverageRecord {
        let counts = |covered: u64, total: u64| {
            (1..=total).map(|line| (u32::try_from(line).unwrap(), u64::from(line <= covered))).collect()
        };
        let file = |&(path, covered, total): &(&str, u64, u64)| {
            let file = measured::FileCoverage { lines: counts(covered, total), ..Default::default() };
            (path.to_owned(), file)
        };
        let coverage = measured::Coverage { files: files.iter().map(file).collect() };
        let backend = Backend { name: "embedded".to_owned(), reason: "no LLVM tool is needed".to_owned() };
        CoverageRecord::of(&coverage, backend, |path| Some(path.split('/').next()?.to_owned()))
    }

    #[test]
    fn files_are_added_up_by_package_and_in_all() {
        let record = record(&[("a/src/lib.rs", 1, 2), ("a/src/x.rs", 3, 4), ("b/src/lib.rs", 0, 5)]);
        assert_eq!(record.totals.lines, Share { covered: 4, total: 11 });
        let packages: Vec<_> =
            record.packages.iter().map(|package| (package.name.as_str(), package.totals.lines)).collect();
        assert_eq!(packages, [("a", Share { covered: 4, total: 6 }), ("b", Share { covered: 0, total: 5 })]);
    }

    #[test]
    fn the_worst_files_come_first_and_whole_ones_not_at_all() {
        let record = record(&[("a/src/lib.rs", 1, 2), ("a/src/whole.rs", 4, 4), ("b/src/lib.rs", 0, 5)]);
        let worst: Vec<&str> = record.worst(Metric::Lines).iter().map(|file| file.path.as_str()).collect();
        assert_eq!(worst, ["b/src/lib.rs", "a/src/lib.rs"]);
    }
}
