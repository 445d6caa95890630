//! One run of an image: what is the same of commands and services.

use std::time::{Duration, Instant};

use super::{Subject, Surroundings, command, service, words};
use crate::kit::text::{last_lines, millis};
use crate::model::expression::Expression;
use crate::model::image::SmokeRecord;
use crate::model::smoke::{Checks, End, is_root, panics};
use crate::model::test::{TestCase, TestOutcome};
use crate::settings::Smoke;
use crate::tools::runtime::{Fault, Output, RunSpec, Running, Runtime, RuntimeError};

/// Lines of each stream that a report keeps of a run that failed.
const LINES: usize = 200;

/// A run, and what has come of it so far.
pub(super) struct Contract<'a> {
    pub(super) smoke: &'a Smoke,
    pub(super) checks: Checks,
    pub(super) ready: Option<Duration>,
    pub(super) end: Option<End>,
    pub(super) around: &'a Surroundings<'a>,
    subject: Subject<'a>,
    runtime: &'a dyn Runtime,
}

impl<'a> Contract<'a> {
    pub(super) fn new(
        subject: Subject<'a>,
        smoke: &'a Smoke,
        runtime: &'a dyn Runtime,
        around: &'a Surroundings<'a>,
    ) -> Self {
        let checks = Checks::new(subject.image, smoke.name.as_str());
        Self { smoke, checks, ready: None, end: None, around, subject, runtime }
    }

    /// Runs it; with what kept it from being run or looked at.
    pub(super) fn run(mut self) -> (SmokeRecord, Vec<TestCase>, Option<RuntimeError>) {
        let smoke = self.smoke;
        (self.around.log)(&format!(
            "smoke {}: {} by {}",
            smoke.name.as_str(),
            self.subject.reference,
            self.runtime.name()
        ));
        let begun = Instant::now();
        let mut printed = None;
        let error = match self.runtime.start(&self.spec()) {
            Ok(running) => {
                self.checks.keep("starts", begun.elapsed(), Ok(()));
                let followed = self.follow(running.as_ref(), begun);
                printed = running.output().ok();
                followed.and(running.remove()).err()
            }
            Err(error) if error.fault == Fault::Image => {
                self.checks.keep("starts", begun.elapsed(), Err(error.to_string()));
                None
            }
            Err(error) => Some(error),
        };
        let printed = printed.map(|Output { stdout, stderr }| Output {
            stdout: self.around.redactor.redact(&stdout),
            stderr: self.around.redactor.redact(&stderr),
        });
        self.finish(printed.as_ref(), error)
    }

    fn spec(&self) -> RunSpec {
        let Smoke { args, env, memory, pids, writable, port, .. } = self.smoke;
        let env = env.iter().map(|(name, value)| (name.as_str().to_owned(), value.clone()));
        RunSpec {
            entrypoint: None,
            args: args.clone(),
            env: env.collect(),
            memory: memory.limit(),
            pids: *pids,
            writable: writable.clone(),
            port: *port,
        }
    }

    fn follow(&mut self, running: &dyn Running, begun: Instant) -> Result<(), RuntimeError> {
        if !self.smoke.root {
            let user = running.user()?;
            let found = if is_root(&user) {
                Err("it runs as root; set `user` of the image, or `root = true` of this run".to_owned())
            } else {
                Ok(())
            };
            self.checks.keep("runs as a user that is not root", Duration::ZERO, found);
        }
        match self.smoke.port {
            Some(_) => service::follow(self, running, begun)?,
            None => command::follow(self, running)?,
        }
        self.end = match running.end()? {
            // Whoever still runs is killed by us, which is no end of its own.
            None => self.end,
            end => end,
        };
        self.memory();
        self.printed(&running.output()?);
        Ok(())
    }

    /// The exit code of the settings.
    pub(super) fn exits_right(&mut self, end: End) {
        let expected = self.smoke.exit;
        let found = match end {
            End::Exited(code) if code == i64::from(expected) => Ok(()),
            End::OutOfMemory => Err(self.out_of_memory()),
            end => Err(format!("it ended with {end}")),
        };
        self.checks.keep(self.exits_with(), Duration::ZERO, found);
    }

    /// The name of that check.
    pub(super) fn exits_with(&self) -> String {
        format!("exits with {}", self.smoke.exit)
    }

    pub(super) fn out_of_memory(&self) -> String {
        format!("out of memory: it may use {}", words::size(self.smoke.memory))
    }

    fn memory(&mut self) {
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

    fn printed(&mut self, output: &Output) {
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

    fn finish(
        self,
        printed: Option<&Output>,
        error: Option<RuntimeError>,
    ) -> (SmokeRecord, Vec<TestCase>, Option<RuntimeError>) {
        let (passed, total) = self.checks.counts();
        let has_failed = self.checks.failed().next().is_some();
        let end = self.end.map(|end| end.to_string());
        let output = has_failed.then(|| told(end.as_deref(), printed));
        if let Some(output) = printed {
            write_all(self.around, "stdout", &output.stdout);
            write_all(self.around, "stderr", &output.stderr);
        }
        let cases = self.checks.into_cases(output.as_deref());
        for case in &cases {
            let took = case.duration_ms.filter(|took| *took > 0).map(|took| format!(" ({})", millis(took)));
            let why = case.message.as_ref().map(|why| format!(": {why}"));
            let line = [case.outcome.word(), ": ", &case.name].concat();
            (self.around.log)(&format!("{line}{}{}", took.unwrap_or_default(), why.unwrap_or_default()));
        }
        if let Some(error) = &error {
            (self.around.log)(&error.to_string());
        }
        let record = SmokeRecord {
            name: self.smoke.name.as_str().to_owned(),
            reference: self.subject.reference.to_owned(),
            runtime: self.runtime.name().to_owned(),
            passed,
            total,
            ready_ms: self.ready.map(|ready| u64::try_from(ready.as_millis()).unwrap_or(u64::MAX)),
            end,
            output,
        };
        debug_assert!(cases.iter().all(|case| case.outcome != TestOutcome::Failed || case.message.is_some()));
        (record, cases, error)
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

/// How it ended and the last of what it printed.
fn told(end: Option<&str>, printed: Option<&Output>) -> String {
    let mut text = format!("state: {}\n", end.unwrap_or("it had not ended by itself"));
    let Some(Output { stdout, stderr }) = printed else { return text };
    for (stream, printed) in [("stdout", stdout), ("stderr", stderr)] {
        if printed.trim().is_empty() {
            text.extend(["\n", stream, ": nothing\n"]);
        } else {
            text.extend(["\n", stream, ":\n", &last_lines(printed, LINES), "\n"]);
        }
    }
    text
}

fn write_all(around: &Surroundings<'_>, stream: &str, text: &str) {
    for line in text.lines() {
        (around.log)(&format!("{stream} | {line}"));
    }
}
