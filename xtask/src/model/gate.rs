//! A gate: one measured thing, what is required of it, and what to do when it does not hold.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kit::text;

/// Whether a failing gate fails the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// It is reported, and that is all.
    ReportOnly,
    /// It fails the run.
    Block,
}

impl Mode {
    /// The word that people and files read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ReportOnly => "report-only",
            Self::Block => "block",
        }
    }

    /// A gate blocks only when every mode above it says so too.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }
}

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Measured, and as required.
    Pass,
    /// Nothing was measured, or what was measured cannot be trusted: never green.
    Inconclusive,
    /// Measured, and not as required.
    Fail,
}

impl Decision {
    /// The word that people and files read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

/// A measured or required value. Shares are kept as counts, never as a float alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// So many.
    Count(u64),
    /// So many of so many.
    Share {
        /// The part.
        part: u64,
        /// The whole.
        whole: u64,
    },
    /// So many bytes.
    Bytes(u64),
    /// A word, such as how a step ended.
    Word(String),
    /// Nothing was measured.
    Nothing,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |n: &u64| text::thousands(usize::try_from(*n).unwrap_or(usize::MAX));
        match self {
            Self::Count(n) => f.write_str(&count(n)),
            Self::Share { part, whole } => write!(f, "{} of {}", count(part), count(whole)),
            Self::Bytes(bytes) => f.write_str(&text::bytes(*bytes)),
            Self::Word(word) => f.write_str(word),
            Self::Nothing => f.write_str("nothing"),
        }
    }
}

/// A judged gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Gate {
    /// The id, such as `lint.clippy` or `test.failed`.
    pub id: String,
    /// Whether it fails the run.
    pub mode: Mode,
    /// What is measured, such as `failed tests`.
    pub metric: String,
    /// What was measured.
    pub measured: Measure,
    /// What is required, as a phrase: `0`, `at least 1`.
    pub required: String,
    /// How far it is from holding, as a phrase; none when it holds.
    pub gap: Option<String>,
    /// What it says.
    pub verdict: Decision,
    /// Why, in one sentence.
    pub reason: String,
    /// What to do, in one sentence; none when it passes.
    pub remedy: Option<String>,
    /// The worst places, at most [`WORST`].
    pub worst: Vec<String>,
    /// A command that shows the same.
    pub reproduce: Option<String>,
}

/// How many of the worst places a gate names.
pub const WORST: usize = 5;

impl Gate {
    /// A gate that passes, with its reason.
    pub fn pass(
        id: impl Into<String>,
        mode: Mode,
        metric: impl Into<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            mode,
            metric: metric.into(),
            measured: Measure::Nothing,
            required: String::new(),
            gap: None,
            verdict: Decision::Pass,
            reason: reason.into(),
            remedy: None,
            worst: Vec::new(),
            reproduce: None,
        }
    }

    /// The same, with what was measured and what is required.
    #[must_use]
    pub fn measured(mut self, measured: Measure, required: impl Into<String>) -> Self {
        self.measured = measured;
        self.required = required.into();
        self
    }

    /// The same, but failing by this much.
    #[must_use]
    pub fn fail(mut self, gap: impl Into<String>, remedy: impl Into<String>) -> Self {
        self.verdict = Decision::Fail;
        self.gap = Some(gap.into());
        self.remedy = Some(remedy.into());
        self
    }

    /// The same, but with nothing to judge by.
    #[must_use]
    pub fn inconclusive(mut self, remedy: impl Into<String>) -> Self {
        self.verdict = Decision::Inconclusive;
        self.remedy = Some(remedy.into());
        self
    }

    /// The same, with the worst places.
    #[must_use]
    pub fn worst(mut self, places: impl IntoIterator<Item = String>) -> Self {
        self.worst = places.into_iter().take(WORST).collect();
        self
    }

    /// The same, with the command that shows it again.
    #[must_use]
    pub fn reproduce(mut self, command: Option<String>) -> Self {
        self.reproduce = command;
        self
    }
}
