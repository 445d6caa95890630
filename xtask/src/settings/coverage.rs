//! `[coverage]`: what is measured of the sources that tests run, and what is required of it.

use serde::{Deserialize, Serialize};

use super::file_path::FilePath;
use super::pattern::Pattern;
use crate::model::gate::Mode;
use crate::model::percent::Percent;

/// Coverage of the sources by tests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Coverage {
    /// Measure coverage when the tests run.
    pub enabled: bool,
    /// Whether the gates on coverage fail the run. `report-only` makes all of them report and none block.
    pub mode: Mode,
    /// What reads the profiles.
    pub backend: Backend,
    /// Files whose coverage is not looked at, such as generated ones.
    pub exclude: Vec<Pattern>,
    /// Count the code of tests, examples and benchmarks as well: files below folders of these names.
    pub include_tests: bool,
    /// Keep the raw profiles of a run, below `target/slipway/coverage/profiles`, for other tools to read; `objects.txt`
    /// beside that folder lists what left them. The next run replaces them.
    pub keep_profiles: bool,
    /// The file that keeps what earlier runs covered; `cargo xtask coverage baseline save` adds to it.
    pub baseline: FilePath,
    /// Lines of all files together.
    pub lines: Threshold,
    /// Functions of all files together.
    pub functions: Threshold,
    /// Regions of all files together.
    pub regions: Threshold,
    /// Branches of all files together; the stable compiler emits none.
    pub branches: Threshold,
    /// Lines of each package.
    pub package: Threshold,
    /// Lines of each file.
    pub file: FileThreshold,
    /// Lines that a change touches.
    pub patch: Patch,
    /// Lines, against earlier runs.
    pub drop: Drop,
}

/// What reads the profiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// `embedded` where it knows the format of the profiles, `llvm` otherwise.
    Auto,
    /// The reader that is built in; it needs no tool.
    Embedded,
    /// `llvm-profdata` and `llvm-cov` of the compiler's LLVM version.
    Llvm,
}

/// The least that has to be covered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Threshold {
    /// The least that has to be covered; 0 for no gate.
    pub min: Percent,
    /// Whether less fails the run; `coverage.mode` and `mode` must say so too.
    pub mode: Mode,
}

/// The least that has to be covered of each file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FileThreshold {
    /// The least that has to be covered of each file; 0 for no gate.
    pub min: Percent,
    /// Other thresholds for some files: tables of `glob` and `min`. The last one that matches holds.
    pub overrides: Vec<FileOverride>,
    /// Whether less fails the run; `coverage.mode` and `mode` must say so too.
    pub mode: Mode,
}

/// Another threshold for some files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FileOverride {
    /// The files.
    pub glob: Pattern,
    /// The least that has to be covered of each of them; 0 for none.
    pub min: Percent,
}

/// What is required of the lines that a change touches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Patch {
    /// The least that has to be covered of the changed lines; 0 for no gate.
    pub min: Percent,
    /// The commit or branch that the change is compared with. Empty for the base of the pull request, and for the
    /// default branch elsewhere.
    pub base: String,
    /// Whether less fails the run; `coverage.mode` and `mode` must say so too.
    pub mode: Mode,
}

/// How far coverage may fall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Drop {
    /// By how many percentage points fewer lines may be covered than in the newest run of the baseline; 100 for no
    /// gate.
    pub max: Percent,
    /// Require what the best run of the baseline had.
    pub ratchet: bool,
    /// Whether more fails the run; `coverage.mode` and `mode` must say so too.
    pub mode: Mode,
}

impl FileThreshold {
    /// Whether anything is required of any file.
    #[must_use]
    pub fn is_set(&self) -> bool {
        !self.min.is_none() || self.overrides.iter().any(|other| !other.min.is_none())
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::load::tests::{loaded, try_load};

    #[test]
    fn percentages_are_whole_or_not() {
        let coverage = loaded("[coverage]\nlines.min = 90\npatch.min = 87.5").settings.coverage;
        assert_eq!(
            (coverage.lines.min.to_string(), coverage.patch.min.to_string()),
            ("90 %".into(), "87.5 %".into())
        );
    }

    #[test]
    fn what_is_no_percentage_is_refused_where_it_stands() {
        for wrong in ["101", "-1", "'90'", "nan", "1e9"] {
            let error = try_load(&format!("coverage.lines.min = {wrong}"), &[], &[]).unwrap_err().to_string();
            assert!(error.contains("expected a number from 0 to 100"), "{wrong}: {error}");
        }
        let error = try_load("coverage.lines.min = 90.0004", &[], &[]).unwrap_err().to_string();
        assert!(error.contains("three decimal places"), "{error}");
    }

    #[test]
    fn a_variable_sets_a_percentage() {
        for (text, shown) in [("95", "95 %"), ("87.5", "87.5 %")] {
            let loaded = try_load("", &[("SLIPWAY_COVERAGE_LINES_MIN", text)], &[]).unwrap();
            assert_eq!(loaded.settings.coverage.lines.min.to_string(), shown);
        }
        assert!(try_load("", &[("SLIPWAY_COVERAGE_LINES_MIN", "many")], &[]).is_err());
    }

    #[test]
    fn a_table_without_its_glob_is_refused() {
        let error = try_load("[[coverage.file.overrides]]\nmin = 3", &[], &[]).unwrap_err().to_string();
        assert!(error.contains("`coverage.file.overrides[0]` has no `glob`"), "{error}");
        let file = loaded("[[coverage.file.overrides]]\nglob = 'src/**'\nmin = 3").settings.coverage.file;
        assert!(file.is_set());
    }
}
