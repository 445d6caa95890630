//! What has to come of any run, whether of a command or of a service.

use std::time::Duration;

use super::subject::Surroundings;
use super::words;
use crate::model::expression::Expression;
use crate::model::smoke::{Checks, End, is_root, panics};
use crate::settings::Smoke;
use crate::tools::runtime::Output;

/// The exit code of what SIGKILL ended.
const KILLED: i64 = 137;

/// What has to come of a run, and what has come of it so far.
pub(super) struct Contract<'a> {
    /// What the settings say.
    pub(super) smoke: &'a Smoke,
    /// Takes secrets out, and knows whether somebody wants an end.
    pub(super) around: &'a Surroundings<'a>,
    /// What was looked at.
    pub(super) checks: Checks,
    /// How long a service took until it was ready.
    pub(super) ready: Option<Duration>,
    /// How it ended, unless we had to end it.
    pub(super) end: Option<End>,
}

impl<'a> Contract<'a> {
    pub(super) fn new(image: &str, smoke: &'a Smoke, around: &'a Surroundings<'a>) -> Self {
        let checks = Checks::new(image, smoke.name.as_str());
        Self { smoke, around, checks, ready: None, end: None }
    }

    /// It runs as somebody else than root.
    pub(super) fn is_no_root(&mut self, user: &str) {
        let found = if is_root(user) {
            Err("it runs as root; set `user` of the image, or `root = true` of this run".to_owned())
        } else {
            Ok(())
        };
        self.checks.keep("runs as a user that is not root", Duration::ZERO, found);
    }

    /// The exit code of the settings.
    pub(super) fn exits_right(&mut self, end: End) {
        let expected = self.smoke.exit;
        let found = match end {
            End::Exited(code) if code == i64::from(expected) => Ok(()),
            End::OutOfMemory => Err(self.out_of_memory()),
            // An engine that hears of the end before it hears why says no more than this.
            End::Exited(KILLED) if self.smoke.memory.limit().is_some() => Err(format!(
                "it ended with exit code {KILLED}: somebody killed it, or it was out of memory: it may use {}",
                words::size(self.smoke.memory)
            )),
            end => Err(format!("it ended with {end}")),
        };
        self.checks.keep(self.exits_with(), Duration::ZERO, found);
    }

    /// The name of that check.
    pub(super) fn exits_with(&self) -> String {
        format!("exits with {}", self.smoke.exit)
    }

    /// What to say of any check that failed for want of memory.
    pub(super) fn out_of_memory(&self) -> String {
        format!("out of memory: it may use {}", words::size(self.smoke.memory))
    }

    /// None of its processes wanted more memory than there is.
    pub(super) fn memory(&mut self) {
        if self.smoke.memory.limit().is_none() {
            return;
        }
        let name = format!("needs at most {} of memory", words::size(self.smoke.memory));
        let found = if self.end == Some(End::OutOfMemory) {
            Err(format!("{}; give it more with `memory`", self.out_of_memory()))
        } else {
            Ok(())
        };
        self.checks.keep(name, Duration::ZERO, found);
    }

    /// Both streams have what they should, and no panic.
    pub(super) fn printed(&mut self, output: &Output) {
        let streams = [
            ("standard output", &output.stdout, &self.smoke.stdout),
            ("standard error", &output.stderr, &self.smoke.stderr),
        ];
        for (stream, text, expressions) in streams {
            for expression in expressions {
                let found = matched(expression, text, stream);
                self.checks.keep(format!("prints {} to {stream}", shown(expression)), Duration::ZERO, found);
            }
        }
        let panic = panics(&output.stderr).or_else(|| panics(&output.stdout));
        let found = panic.map_or(Ok(()), |line| Err(self.around.redactor.redact(line)));
        self.checks.keep("prints no panic", Duration::ZERO, found);
    }
}

/// An expression as the names of checks have it.
pub(super) fn shown(expression: &Expression) -> String {
    format!("/{}/", expression.as_str())
}

/// Something in the text matches.
pub(super) fn matched(expression: &Expression, text: &str, place: &str) -> Result<(), String> {
    if expression.matches(text) {
        Ok(())
    } else {
        Err(format!("nothing in {place} matches {}", shown(expression)))
    }
}
