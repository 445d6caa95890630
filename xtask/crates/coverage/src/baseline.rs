//! What earlier runs covered, kept in a file to compare with.
//!
//! The file is JSON of version 1, made to be committed or cached: the newest entry last, shares as `"covered/total"`,
//! one line each. Only the newest entry keeps its files, for only they are compared; so the file stays small.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Coverage, Share, Totals};

mod fraction;
mod noise;

pub use noise::MOST_NOISE;

use fraction::Fraction;

/// The version of the format.
const VERSION: u32 = 1;

/// How many entries are worth keeping: enough to learn the noise from, few enough to forget what it once was.
pub const KEEP: usize = 20;

/// What earlier runs covered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baselines {
    /// Runs, the newest last.
    entries: Vec<Baseline>,
}

/// What a run covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    /// The commit that was measured, when it was known.
    pub commit: Option<String>,
    /// When, as RFC 3339 in UTC; it is shown and never compared.
    pub time: String,
    /// Over all files.
    pub totals: Totals,
    /// Lines of each file by its path.
    pub files: BTreeMap<String, Share>,
}

/// A text is no file of baselines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BaselineError {
    /// It is no JSON, or has not the shape of the format.
    Shape(String),
    /// It is of another version.
    Version(u64),
    /// It has no entry.
    Empty,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shape(cause) => write!(f, "it is no coverage baseline: {cause}"),
            Self::Version(found) => {
                write!(f, "it is a coverage baseline of version {found}, and version {VERSION} is read")
            }
            Self::Empty => f.write_str("it is a coverage baseline without any entry"),
        }
    }
}

impl std::error::Error for BaselineError {}

impl Baseline {
    /// What this run covered.
    #[must_use]
    pub fn of(coverage: &Coverage, commit: Option<String>, time: String) -> Self {
        let files = coverage.files.iter().map(|(path, file)| (path.clone(), file.lines.share()));
        Self { commit, time, totals: coverage.totals(), files: files.collect() }
    }
}

impl Baselines {
    /// Reads the file.
    ///
    /// # Errors
    /// When it is of another version, has another shape, or holds no entry.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let shape = |error: serde_json::Error| BaselineError::Shape(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(shape)?;
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {}
            Some(version) => return Err(BaselineError::Version(version)),
            None => return Err(BaselineError::Shape("it has no `version`".to_owned())),
        }
        let written: Written = serde_json::from_value(value).map_err(shape)?;
        if written.entries.is_empty() {
            return Err(BaselineError::Empty);
        }
        Ok(Self { entries: written.entries.into_iter().map(Baseline::from).collect() })
    }

    /// The file, with a line feed at its end.
    ///
    /// # Errors
    /// When JSON cannot hold it; its keys are all text, so it always can.
    pub fn write(&self) -> Result<String, serde_json::Error> {
        let entries = self.entries.iter().cloned().map(Entry::from).collect();
        Ok(serde_json::to_string_pretty(&Written { version: VERSION, entries })? + "\n")
    }

    /// Adds a run and forgets all but the newest `keep`, at least this one. Runs before it forget their files.
    pub fn push(&mut self, run: Baseline, keep: usize) {
        for earlier in &mut self.entries {
            earlier.files.clear();
        }
        self.entries.push(run);
        let surplus = self.entries.len().saturating_sub(keep.max(1));
        self.entries.drain(..surplus);
    }

    /// All runs, the newest last.
    #[must_use]
    pub fn entries(&self) -> &[Baseline] {
        &self.entries
    }

    /// The newest run.
    #[must_use]
    pub fn newest(&self) -> Option<&Baseline> {
        self.entries.last()
    }

    /// The best share of lines that any of the runs had.
    #[must_use]
    pub fn best(&self) -> Option<Share> {
        let lines = self.entries.iter().map(|entry| entry.totals.lines).filter(|lines| lines.is_measured());
        // As fractions: rounded, a better run could look like an equal one.
        let times = |a: u64, b: u64| u128::from(a) * u128::from(b);
        lines.max_by(|a, b| times(a.covered, b.total).cmp(&times(b.covered, a.total)))
    }

    /// How much lines differ by from run to run although nothing changed, in thousandths of a percentage point.
    ///
    /// A line that runs only when threads happen to meet in time is covered in one run and not in the next. The rule:
    /// of successive runs whose lines, functions and regions are as many, the largest fall and the largest rise are
    /// taken, and the smaller of the two is the noise, [`MOST_NOISE`] at most. For noise comes and goes: it falls and
    /// rises again by the same. A test that was deleted makes a fall without a rise, a new one a rise without a
    /// fall; neither may widen what is allowed. A median, the usual choice, would be 0 when a line flickers in fewer than
    /// half of the runs, and those runs would then fail. Fewer than three runs have no fall and rise, so no noise.
    #[must_use]
    pub fn noise(&self) -> u32 {
        noise::of(&self.entries)
    }

    /// Files of the newest run that are still there, as `still_there` tells by their paths, and that `coverage` does
    /// not know. Files without any line of code are left out.
    #[must_use]
    pub fn vanished(&self, coverage: &Coverage, still_there: impl Fn(&str) -> bool) -> Vec<String> {
        let files = self.newest().into_iter().flat_map(|newest| &newest.files);
        let gone = files.filter(|(path, lines)| lines.is_measured() && !coverage.files.contains_key(*path));
        gone.map(|(path, _)| path.clone()).filter(|path| still_there(path)).collect()
    }
}

/// The format.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u32,
    entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    commit: Option<String>,
    time: String,
    lines: Fraction,
    functions: Fraction,
    regions: Fraction,
    branches: Fraction,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    files: BTreeMap<String, Fraction>,
}

impl From<Baseline> for Entry {
    fn from(run: Baseline) -> Self {
        let Totals { lines, functions, branches, regions } = run.totals;
        Self {
            commit: run.commit,
            time: run.time,
            lines: Fraction(lines),
            functions: Fraction(functions),
            regions: Fraction(regions),
            branches: Fraction(branches),
            files: run.files.into_iter().map(|(path, lines)| (path, Fraction(lines))).collect(),
        }
    }
}

impl From<Entry> for Baseline {
    fn from(entry: Entry) -> Self {
        let totals = Totals {
            lines: entry.lines.0,
            functions: entry.functions.0,
            branches: entry.branches.0,
            regions: entry.regions.0,
        };
        let files = entry.files.into_iter().map(|(path, lines)| (path, lines.0)).collect();
        Self { commit: entry.commit, time: entry.time, totals, files }
    }
}

#[cfg(test)]
mod tests;
