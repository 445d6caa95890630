//! Coverage of a change: which of the lines that it touches ran.

use std::path::Path;

use crate::{Coverage, FileCoverage, Share};

mod diff;
mod ranges;

pub use diff::{Diff, DiffError, DiffProblem, FileDiff};
pub use ranges::LineRange;

use ranges::Ranges;

/// The coverage of the lines that a change touches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchCoverage {
    /// Measured files with changed lines, in the order of the diff.
    pub files: Vec<PatchFile>,
    /// Rust files with changed lines that were not measured at all: nothing is known of them, which is not 0 %.
    pub not_measured: Vec<String>,
}

/// The changed lines of a measured file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatchFile {
    /// Its path, as in [`Coverage::files`].
    pub path: String,
    /// Of the changed lines that hold code, how many ran.
    pub share: Share,
    /// The changed lines that hold code and never ran. Two ranges are apart also where only a line without code, or
    /// one that was not changed, lies between them.
    pub uncovered: Vec<LineRange>,
    /// How many changed lines hold no code.
    pub not_coverable: u64,
}

impl PatchCoverage {
    /// Holds the changed lines against what was measured. Files are matched by their new paths.
    #[must_use]
    pub fn of(diff: &Diff, coverage: &Coverage) -> Self {
        let mut patch = Self::default();
        for change in diff.files.iter().filter(|change| !change.added.is_empty()) {
            match coverage.files.get(&change.path) {
                Some(file) => patch.files.push(PatchFile::of(change, file)),
                None if is_rust(&change.path) => patch.not_measured.push(change.path.clone()),
                None => {}
            }
        }
        patch
    }

    /// Of all changed lines that hold code, how many ran.
    #[must_use]
    pub fn share(&self) -> Share {
        self.files.iter().map(|file| file.share).sum()
    }

    /// Whether any changed line holds code that was measured.
    #[must_use]
    pub fn is_measured(&self) -> bool {
        self.share().is_measured()
    }

    /// How many changed lines of measured files hold no code.
    #[must_use]
    pub fn not_coverable(&self) -> u64 {
        self.files.iter().map(|file| file.not_coverable).sum()
    }
}

fn is_rust(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "rs")
}

impl PatchFile {
    fn of(change: &FileDiff, file: &FileCoverage) -> Self {
        let mut share = Share::default();
        let mut uncovered = Ranges::default();
        for (line, count) in change.added.iter().flat_map(|range| file.lines.within(*range)) {
            share.total += 1;
            if count > 0 {
                share.covered += 1;
            } else {
                uncovered.push(line);
            }
        }
        let changed: u64 = change.added.iter().map(|range| range.count()).sum();
        Self {
            path: change.path.clone(),
            share,
            uncovered: uncovered.into(),
            not_coverable: changed.saturating_sub(share.total),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coverage(path: &str, counts: &[(u32, u64)]) -> Coverage {
        let file = FileCoverage { lines: counts.iter().copied().collect(), ..FileCoverage::default() };
        Coverage { files: [(path.to_owned(), file)].into() }
    }

    fn diff(path: &str, added: &[(u32, u32)]) -> Diff {
        let added = added.iter().map(|&(start, end)| LineRange { start, end }).collect();
        Diff { files: vec![FileDiff { path: path.to_owned(), old_path: None, added }] }
    }

    #[test]
    fn changed_lines_ran_or_did_not_or_hold_no_code() {
        let coverage = coverage("src/lib.rs", &[(1, 0), (3, 1), (4, 0), (5, 0), (7, 0), (9, 2), (10, 0)]);
        let patch = PatchCoverage::of(&diff("src/lib.rs", &[(2, 7), (9, 9)]), &coverage);
        let expected = PatchFile {
            path: "src/lib.rs".to_owned(),
            share: Share { covered: 2, total: 5 },
            uncovered: vec![LineRange { start: 4, end: 5 }, LineRange { start: 7, end: 7 }],
            not_coverable: 2,
        };
        assert_eq!(patch.files, [expected]);
        assert!(patch.is_measured());
    }

    #[test]
    fn a_file_without_coverage_is_named_and_counts_for_nothing() {
        let patch = PatchCoverage::of(&diff("src/new.rs", &[(1, 9)]), &coverage("src/lib.rs", &[(1, 1)]));
        assert_eq!((patch.share(), patch.is_measured()), (Share::default(), false));
        assert_eq!(patch.not_measured, ["src/new.rs"]);
        let prose = PatchCoverage::of(&diff("README.md", &[(1, 9)]), &Coverage::default());
        assert_eq!(prose, PatchCoverage::default());
    }

    #[test]
    fn a_rename_alone_changes_no_line() {
        let patch = PatchCoverage::of(&diff("src/lib.rs", &[]), &Coverage::default());
        assert_eq!(patch, PatchCoverage::default());
    }

    proptest! {
        #[test]
        fn every_changed_line_is_counted_once(
            counts in prop::collection::vec((1_u32..60, 0_u64..2), 0..40),
            start in 1_u32..30,
            length in 0_u32..30,
        ) {
            let coverage = coverage("a.rs", &counts);
            let patch = PatchCoverage::of(&diff("a.rs", &[(start, start + length)]), &coverage);
            let file = &patch.files[0];
            prop_assert_eq!(file.share.total + file.not_coverable, u64::from(length) + 1);
            let uncovered: u64 = file.uncovered.iter().map(|range| range.count()).sum();
            prop_assert_eq!(uncovered, file.share.missed());
        }
    }
}
