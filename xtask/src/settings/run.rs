//! `[run]`: how a run goes.

use serde::{Deserialize, Serialize};

use super::time_span::TimeSpan;
use super::variable::Variable;

/// How a run goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Run {
    /// How many steps run at the same time; 0 for as many as there are processors.
    pub jobs: u16,
    /// How long a step may run before it is ended and counts as failed.
    pub timeout: TimeSpan,
    /// How long a step that is ended has to clean up: the time between SIGTERM and SIGKILL.
    pub grace: TimeSpan,
    /// Names of further variables whose values are masked in all output. Variables whose names end in words like
    /// `TOKEN`, `SECRET` or `PASSWORD` are masked anyway.
    pub secrets: Vec<Variable>,
}
