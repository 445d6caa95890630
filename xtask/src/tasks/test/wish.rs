//! What is asked of every way to run tests.

use super::instrumented::Instrumented;
use crate::model::command::CommandLine;
use crate::model::step::{Outcome, Status};
use crate::pipeline::Session;

/// What both jobs work with.
#[derive(Clone)]
pub(super) struct Wish<'a> {
    pub(super) session: &'a Session,
    /// Only tests whose names contain one of these.
    pub(super) filters: Vec<String>,
    /// Cargo's flags for features and packages.
    pub(super) flags: Vec<String>,
    /// How what runs is measured, when it is.
    pub(super) measured: Option<Instrumented>,
}

impl Wish<'_> {
    /// Makes ready what measuring needs, or says how a step ends without it.
    pub(super) fn unprepared(&self) -> Option<Outcome> {
        let error = self.measured.as_ref()?.prepare().err()?;
        Some(Outcome::because(Status::Inconclusive, error).blame_environment())
    }

    /// A command of cargo that runs tests, measured where that is wanted. The flags for it are among [`Wish::flags`].
    pub(super) fn dressed(&self, line: CommandLine) -> CommandLine {
        match &self.measured {
            Some(measured) => measured.measuring(line),
            None => line,
        }
    }
}
