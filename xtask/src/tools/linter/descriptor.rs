//! A linter as data: when it applies, what is run, how its words are read.
//! Running is done elsewhere; the rule that an exit code must be explained by a finding is kept here for all.

use std::ops::RangeInclusive;

use crate::model::command::{CommandLine, CommandOutput, End};
use crate::model::finding::{Finding, Level, tidy};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::reading::{ReadError, Reading, first_error};

/// A linter.
#[derive(Debug)]
pub struct Linter {
    /// Its name in `--only`, settings and reports: `clippy`.
    pub id: &'static str,
    /// What it does, in a few words.
    pub title: &'static str,
    /// The program that must be found on `PATH`: `cargo-clippy`.
    pub program: &'static str,
    /// How to install it, as a command.
    pub install: &'static str,
    /// Whether the step is skipped, and not failed, where the program is missing.
    pub optional: bool,
    /// What it must have for itself.
    pub resource: Resource,
    /// The exit codes by which it says that it ran and found something.
    pub found: RangeInclusive<i32>,
    /// The least level of a finding that explains such an exit code.
    pub explained_by: Level,
    /// Why there is nothing for it to do here, when there is nothing.
    pub applies: fn(&Workspace) -> Result<(), String>,
    /// The commands, to be run from the workspace root one after the other.
    pub command: fn(&Workspace, &Options) -> Vec<CommandLine>,
    /// Reads what one command printed, without judging how it ended.
    pub read: fn(&Reading<'_>) -> Result<Vec<Finding>, ReadError>,
}

/// What the user adds to a linter's command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Arguments of this linter.
    pub args: Vec<String>,
    /// Flags for cargo, ready to use: features, excluded packages, `--locked`.
    pub cargo: Vec<String>,
}

impl Linter {
    /// The id of its step: `lint.clippy`.
    #[must_use]
    pub fn step(&self) -> String {
        format!("lint.{}", self.id)
    }

    /// The findings of one of its commands, sorted, each once.
    ///
    /// # Errors
    /// When the output cannot be read, or when the linter did not end well and nothing that it found explains that:
    /// then the step is inconclusive.
    pub fn findings(&self, workspace: &Workspace, output: &CommandOutput) -> Result<Vec<Finding>, ReadError> {
        let reading = Reading { step: &self.step(), workspace, output };
        let (findings, unreadable) = match (self.read)(&reading) {
            Ok(findings) => (tidy(findings), None),
            Err(error) => (tidy(error.findings.clone()), Some(error)),
        };
        match (output.end, unreadable) {
            // Output that was cut off is no wonder then.
            (End::Signalled(_) | End::TimedOut(_) | End::Cancelled, _) => {
                Err(reading.error(format!("{}: {}", self.id, output.end)).with_findings(findings))
            }
            (End::Exited(_), Some(error)) => Err(error.with_findings(findings)),
            (End::Exited(0), None) => Ok(findings),
            (End::Exited(code), None) if self.found.contains(&code) && self.explains(&findings) => {
                Ok(findings)
            }
            (End::Exited(_), None) => {
                let reason = self.unexplained(output, &findings);
                Err(reading.error(reason).with_findings(findings))
            }
        }
    }

    fn unexplained(&self, output: &CommandOutput, findings: &[Finding]) -> String {
        let what = if findings.is_empty() { " and named no finding" } else { ", which no finding explains" };
        let reason = format!("{} ended with {}{what}", self.id, output.end);
        match first_error(&output.stderr) {
            Some(line) => format!("{reason}: {line}"),
            None => reason,
        }
    }

    fn explains(&self, findings: &[Finding]) -> bool {
        findings.iter().any(|finding| finding.level >= self.explained_by)
    }
}
