//! The gates: pure functions from what a step brought back to a judgement, one kind a file.

pub mod coverage;
pub mod failed;
pub mod findings;
pub mod flaky;
pub mod image;
pub mod outcome;
pub mod scan;

use super::gate::Mode;
use super::step::{Outcome, Step};

/// What a gate looks at, with the mode that holds for it.
#[derive(Clone, Copy, Debug)]
pub struct Measured<'a> {
    /// The step that measured.
    pub step: &'a Step,
    /// What it brought back.
    pub outcome: &'a Outcome,
    /// Whether the gate fails the run.
    pub mode: Mode,
}

impl Measured<'_> {
    /// The last command of the step: what a person runs to see the same.
    #[must_use]
    pub fn command(&self) -> Option<String> {
        self.step.commands.last().map(ToString::to_string)
    }

    /// The step's reason, or a word in its place.
    #[must_use]
    pub fn reason(&self) -> String {
        self.outcome.reason.clone().unwrap_or_else(|| self.outcome.status.word().to_owned())
    }
}
