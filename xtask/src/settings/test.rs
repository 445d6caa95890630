//! `[test]`: how tests run and what is required of them.

use serde::{Deserialize, Serialize};

use super::time_span::TimeSpan;
use crate::model::gate::Mode;

/// Tests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Test {
    /// Whether failing tests fail the run.
    pub mode: Mode,
    /// What runs the tests.
    pub runner: Runner,
    /// How often a failed test is tried again. One that then passes is flaky; see `test.flaky`.
    pub retries: u16,
    /// How long one test may run before it is ended and counts as failed.
    pub timeout: TimeSpan,
    /// Run the examples in documentation as well.
    pub doctests: bool,
    /// The profile in `.config/nextest.toml` that nextest uses.
    pub nextest_profile: String,
    /// Further arguments for `cargo nextest run` or `cargo test`.
    pub args: Vec<String>,
    /// Tests that pass only when tried again.
    pub flaky: Flaky,
}

/// What runs the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Runner {
    /// `nextest` when it is installed, `cargo` otherwise.
    Auto,
    /// `cargo nextest run`; doctests by `cargo test --doc`.
    Nextest,
    /// `cargo test`.
    Cargo,
}

/// Tests that pass only when tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Flaky {
    /// Whether too many flaky tests fail the run.
    pub mode: Mode,
    /// How many flaky tests are allowed.
    pub max: u16,
}
