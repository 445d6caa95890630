//! What a linter or scanner found: one type for all of them.

use serde::{Deserialize, Serialize};

mod fingerprint;

pub use fingerprint::Fingerprints;

use super::flaw::Flaw;
pub use super::level::Level;

/// Where a finding is. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Location {
    /// Relative to the workspace root, with `/`; absolute when the file is outside.
    pub path: String,
    /// First line.
    pub line: u32,
    /// First column, in characters.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column behind the last character.
    pub end_column: u32,
}

impl Location {
    /// A single place.
    pub fn at(path: impl Into<String>, line: u32, column: u32) -> Self {
        let (line, column) = (line.max(1), column.max(1));
        Self { path: path.into(), line, column, end_line: line, end_column: column }
    }

    /// The same, up to here.
    #[must_use]
    pub fn until(mut self, end_line: u32, end_column: u32) -> Self {
        self.end_line = end_line.max(self.line);
        self.end_column =
            if self.end_line == self.line { end_column.max(self.column) } else { end_column.max(1) };
        self
    }
}

/// One thing that a tool found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// The step that found it, such as `lint.clippy`.
    pub step: String,
    /// The tool's stable name of the rule, such as `clippy::needless_return` or `E0308`.
    pub rule: String,
    /// How bad it is.
    pub level: Level,
    /// What is wrong, in the tool's words.
    pub message: String,
    /// Where; none when it concerns the whole repository.
    pub location: Option<Location>,
    /// The tool's own long form, with the code shown.
    pub rendered: Option<String>,
    /// A page about the rule.
    pub url: Option<String>,
    /// What a scanner knows besides; none of linters' findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flaw: Option<Flaw>,
}

impl Finding {
    /// A finding without a place.
    pub fn new(step: &str, rule: impl Into<String>, level: Level, message: impl Into<String>) -> Self {
        Self {
            step: step.to_owned(),
            rule: rule.into(),
            level,
            message: message.into(),
            location: None,
            rendered: None,
            url: None,
            flaw: None,
        }
    }

    /// The same, at this place.
    #[must_use]
    pub fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }

    /// `src/lib.rs:3:5`, or `-` when it has no place.
    #[must_use]
    pub fn place(&self) -> String {
        self.location.as_ref().map_or_else(
            || "-".to_owned(),
            |location| format!("{}:{}:{}", location.path, location.line, location.column),
        )
    }
}

/// Sorted by severity, then place, and without the repetitions that a tool prints when it looks at the same
/// file twice (as a library and as its own test). What is accepted repeats nothing that counts.
#[must_use]
pub fn tidy(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (std::cmp::Reverse(finding.level), finding.location.clone());
        key(a).cmp(&key(b)).then_with(|| a.cmp(b))
    });
    let waived = |finding: &Finding| finding.flaw.as_ref().and_then(|flaw| flaw.waived.clone());
    findings.dedup_by(|a, b| {
        (&a.step, &a.rule, &a.location, &a.message) == (&b.step, &b.rule, &b.location, &b.message)
            && waived(a) == waived(b)
    });
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_comes_first_and_once() {
        let warning = Finding::new("lint.clippy", "a", Level::Warning, "w").at(Location::at("a.rs", 1, 1));
        let error = Finding::new("lint.clippy", "b", Level::Error, "e").at(Location::at("b.rs", 1, 1));
        let tidied = tidy(vec![warning.clone(), error.clone(), warning.clone()]);
        assert_eq!(tidied, [error, warning]);
    }

    #[test]
    fn a_location_never_ends_before_it_begins() {
        let location = Location::at("a.rs", 3, 7).until(2, 1);
        assert_eq!((location.end_line, location.end_column), (3, 7));
    }
}
