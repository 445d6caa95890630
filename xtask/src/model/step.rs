//! A step of the plan, and how it ended.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::command::CommandLine;
use super::facts::Facts;
use crate::kit::text::ending;

/// A step as data: what it is, what it needs, what it will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `GROUP.NAME`, such as `lint.clippy`; also the id of the step's gate and its section in the settings.
    pub id: String,
    /// For people: what the step does, in a few words.
    pub title: String,
    /// Steps that must have passed before this one starts.
    pub needs: Vec<String>,
    /// Steps that must be over before this one starts, however they ended.
    pub after: Vec<String>,
    /// What this step must have for itself while it runs.
    pub resource: Resource,
    /// How long it may run.
    pub timeout: Duration,
    /// The commands, exactly as they will be run.
    pub commands: Vec<CommandLine>,
    /// Why it will not run, when that is known beforehand.
    pub skip: Option<Skip>,
}

impl Step {
    /// All steps that must be over before this one starts.
    pub fn earlier(&self) -> impl Iterator<Item = &String> {
        self.needs.iter().chain(&self.after)
    }

    /// The part of the id before the first dot: `lint` of `lint.clippy`.
    #[must_use]
    pub fn group(&self) -> &str {
        self.id.split_once('.').map_or(self.id.as_str(), |(group, _)| group)
    }

    /// The part of the id behind the first dot: `clippy` of `lint.clippy`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.id.split_once('.').map_or(self.id.as_str(), |(_, name)| name)
    }
}

/// What a step must have for itself; steps of the same exclusive resource run one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// The lock on cargo's target directory: two builds at once would only wait for each other.
    CargoTarget,
    /// Nothing but a share of the processors.
    Shared,
}

/// Why a step does not run; each is named and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Skip {
    /// `--only` or `--skip` left it out.
    NotSelected,
    /// The settings switch it off.
    Disabled,
    /// An optional tool is not installed.
    MissingTool {
        /// The program that was looked for.
        program: String,
        /// How to install it.
        install: String,
    },
    /// There is nothing for it to look at, such as a linter of shell scripts where there are none.
    NothingToDo(String),
    /// Its `when` does not hold here.
    Condition(String),
}

impl Skip {
    /// The reason, as a short phrase.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::NotSelected => "not selected".to_owned(),
            Self::Disabled => "switched off in the settings".to_owned(),
            Self::MissingTool { program, install } => format!("{program} is not installed ({install})"),
            Self::NothingToDo(what) | Self::Condition(what) => what.clone(),
        }
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It did what it should and found nothing wrong.
    Passed,
    /// It ran and something is wrong.
    Failed,
    /// It ran and measured nothing, or what it said cannot be read.
    Inconclusive,
    /// It did not run, on purpose.
    Skipped,
    /// It was stopped, or something that it needs did not pass.
    Cancelled,
}

impl Status {
    /// The word that people and files read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Bytes of output that explain a step. A line may be endless, and this goes into every report.
const EXCERPT: usize = 16 << 10;

/// What a step brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// Why, when it did not simply pass.
    pub reason: Option<String>,
    /// What was learnt.
    pub facts: Facts,
    /// The last lines of output, when they explain the status.
    pub excerpt: Option<String>,
    /// The machine failed, not the code: a needed tool is missing, a disk is full.
    pub environment: bool,
    /// Nothing was run: the inputs are the same as when it last passed.
    pub cached: bool,
}

impl Outcome {
    /// An outcome without a word about it.
    #[must_use]
    pub fn new(status: Status, facts: Facts) -> Self {
        Self { status, reason: None, facts, excerpt: None, environment: false, cached: false }
    }

    /// An outcome that needs explaining.
    pub fn because(status: Status, reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::new(status, Facts::default()) }
    }

    /// The same with these facts.
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// The same with the output that explains it.
    #[must_use]
    pub fn with_excerpt(mut self, excerpt: impl Into<String>) -> Self {
        let excerpt = excerpt.into();
        self.excerpt = (!excerpt.trim().is_empty()).then(|| ending(&excerpt, EXCERPT).into_owned());
        self
    }

    /// The same, blamed on the machine.
    #[must_use]
    pub fn blame_environment(mut self) -> Self {
        self.environment = true;
        self
    }
}
