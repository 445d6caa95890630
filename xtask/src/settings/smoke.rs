//! `[[smoke]]`: an image is run, and what has to come of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::name::StepName;
use super::size::Size;
use super::time_span::TimeSpan;
use super::variable::Variable;
use crate::model::expression::Expression;

/// A run of an image: of a command, or with `port` of a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Smoke {
    /// What it is called in reports.
    pub name: StepName,
    /// The image; all when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<StepName>,
    /// Arguments, in place of those of the image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Vec<String>>,
    /// Variables of its environment.
    #[serde(default)]
    pub env: BTreeMap<Variable, String>,
    /// The exit code that it ends with; of a service, when it is asked to stop.
    #[serde(default)]
    pub exit: u8,
    /// Regular expressions, each of which something that it prints to standard output matches.
    #[serde(default)]
    pub stdout: Vec<Expression>,
    /// Regular expressions, each of which something that it prints to standard error matches.
    #[serde(default)]
    pub stderr: Vec<Expression>,
    /// How long a command may run.
    #[serde(default = "command")]
    pub timeout: TimeSpan,
    /// The port that a service listens on. With it, a service is run: it has to come up, answer, and stop when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// What a service answers; the first one has to within `within`, and all of them then.
    #[serde(default)]
    pub http: Vec<Http>,
    /// How long a service may take until it listens and is well.
    #[serde(default = "within")]
    pub within: TimeSpan,
    /// How long a service may take to stop when it is asked to by SIGTERM.
    #[serde(default = "grace")]
    pub grace: TimeSpan,
    /// Memory that it may use.
    #[serde(default = "memory")]
    pub memory: Size,
    /// Processes and threads that it may have.
    #[serde(default = "pids")]
    pub pids: u16,
    /// Folders that it may write to; all else is read-only.
    #[serde(default)]
    pub writable: Vec<String>,
    /// It may run as root.
    #[serde(default)]
    pub root: bool,
}

/// A question to a service, and what it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Http {
    /// The path, with its query: `/health`.
    pub path: String,
    /// The status of the answer.
    #[serde(default = "ok")]
    pub status: u16,
    /// Values of a JSON answer, by their JSON pointers or plain names: `status = "ok"`, `"/components/0/name" = "db"`.
    /// What is no string is compared as JSON writes it.
    #[serde(default)]
    pub json: BTreeMap<String, String>,
    /// Regular expressions, each of which the answer matches.
    #[serde(default)]
    pub body: Vec<Expression>,
}

impl Smoke {
    /// A command that ends well and prints something that matches. The name has to be one: letters, digits, `-` and `_`.
    #[must_use]
    pub fn command(name: &'static str, args: Vec<String>, stdout: Expression) -> Self {
        Self { args: Some(args), stdout: vec![stdout], port: None, root: true, ..Self::service(name, 0) }
    }

    /// A service on a port, with the usual limits and nothing asked of it but to come up and to stop. The name has to be
    /// one: letters, digits, `-` and `_`.
    #[must_use]
    pub fn service(name: &'static str, port: u16) -> Self {
        Self {
            name: StepName::known(name),
            image: None,
            args: None,
            env: BTreeMap::new(),
            exit: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
            timeout: command(),
            port: Some(port),
            http: Vec::new(),
            within: within(),
            grace: grace(),
            memory: memory(),
            pids: pids(),
            writable: Vec::new(),
            root: false,
        }
    }
}

const fn command() -> TimeSpan {
    TimeSpan::of_seconds(30)
}

const fn within() -> TimeSpan {
    TimeSpan::of_seconds(60)
}

const fn grace() -> TimeSpan {
    TimeSpan::of_seconds(10)
}

const fn memory() -> Size {
    Size::of_bytes(512 << 20)
}

const fn pids() -> u16 {
    256
}

const fn ok() -> u16 {
    200
}

#[cfg(test)]
mod tests {
    use crate::settings::load::tests::{loaded, try_load};

    #[test]
    fn a_wrong_expression_is_told_where_it_stands() {
        let problem = try_load("[[smoke]]\nname = 'up'\nstdout = ['a(']", &[], &[]).unwrap_err().to_string();
        assert!(problem.contains("unclosed group"), "{problem}");
    }

    #[test]
    fn what_is_left_out_has_its_usual_value() {
        let settings = loaded("[[smoke]]\nname = 'up'\nport = 80\nhttp = [{path = '/'}]").settings;
        let smoke = &settings.smoke[0];
        let spans = [smoke.timeout, smoke.within, smoke.grace].map(|span| span.to_string());
        assert_eq!(spans, ["30s", "1m", "10s"]);
        assert_eq!(
            (smoke.memory.to_string().as_str(), smoke.pids, smoke.http[0].status),
            ("512MiB", 256, 200)
        );
    }
}
