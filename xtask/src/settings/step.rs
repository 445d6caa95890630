//! `[[steps]]`: a step that a repository adds to the pipeline.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::condition::Condition;
use super::folder::Folder;
use super::name::StepName;
use super::pattern::Pattern;
use super::program::Program;
use super::time_span::TimeSpan;
use super::variable::Variable;
use crate::model::gate::Mode;

/// A step of your own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CustomStep {
    /// What the step is called in `needs`, `--only`, `--skip` and reports. No two steps have the same name.
    pub name: StepName,
    /// What it does, in a few words for people; the name when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is run: a string by `sh -euc`, a list as a program with its arguments, without a shell.
    pub run: Program,
    /// Steps that must have passed before this one starts: ids such as `lint.clippy`, groups such as `test`, or names
    /// of other steps.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Where and on which events it runs: when any of the named events and places holds, and `fork` or `not-fork`
    /// too if one is named. Empty for always.
    #[serde(default)]
    pub when: Vec<Condition>,
    /// How long it may run; `run.timeout` when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<TimeSpan>,
    /// Files that its result depends on. When nothing that matches has changed since it last passed, it is not run
    /// again. Empty for running it always.
    #[serde(default)]
    pub inputs: Vec<Pattern>,
    /// Variables for its environment.
    #[serde(default)]
    pub env: BTreeMap<Variable, String>,
    /// Names of variables that it gets although they are kept from commands: tokens and passwords for GitHub and registries,
    /// such as `GITHUB_TOKEN`.
    #[serde(default)]
    pub secrets: Vec<Variable>,
    /// The folder that it runs in; the root of the repository when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Folder>,
    /// Whether its failure fails the run; `block` when it is left out.
    #[serde(default = "block")]
    pub mode: Mode,
    /// JUnit files that it writes; their tests join the report.
    #[serde(default)]
    pub junit: Vec<Pattern>,
    /// SARIF files that it writes; their findings join the report.
    #[serde(default)]
    pub sarif: Vec<Pattern>,
    /// LCOV tracefiles that it writes; their coverage joins the report.
    #[serde(default)]
    pub lcov: Vec<Pattern>,
}

fn block() -> Mode {
    Mode::Block
}
