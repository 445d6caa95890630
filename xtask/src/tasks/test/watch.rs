//! Follows `cargo test`: reads what it prints as it comes, and ends it when a test has run too long.

use std::time::Duration;

use super::threads::{Threads, is_named};
use super::wish::Wish;
use crate::engine::Bench;
use crate::model::command::{CommandLine, CommandOutput};
use crate::tools::libtest::{Reader, reading::Reading, targets::Targets};
use crate::tools::process::{Flow, Pipes, Source, SpawnError, Watcher};

/// What one run of `cargo test` is read with.
pub(super) struct Watch {
    reader: Reader,
    limit: Duration,
}

impl Watch {
    /// Runs a command of `cargo test` and reads it. A test that runs longer than `limit` ends the command.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn run(
        bench: &Bench<'_>,
        line: &CommandLine,
        targets: Targets,
        limits: Limits,
    ) -> Result<(CommandOutput, Reading), SpawnError> {
        let mut watch = Self { reader: Reader::new(targets, limits.threads.number), limit: limits.test };
        let output = bench.run_watched(line, Pipes::Merged, &mut watch)?;
        let reading = watch.reader.finish(output.duration, output.end);
        Ok((output, reading))
    }
}

/// The bounds of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long one test may run.
    pub(super) test: Duration,
    /// How many tests run at a time.
    pub(super) threads: Threads,
}

impl Limits {
    /// What tells libtest the number of threads, where it has to be told beside these arguments.
    pub(super) fn flag(&self, arguments: &[String]) -> Option<String> {
        let threads = self.threads;
        (threads.told && !is_named(arguments)).then(|| format!("--test-threads={}", threads.number))
    }
}

/// The bounds of all runs for a wish.
pub(super) fn limits(wish: &Wish<'_>) -> Limits {
    let supervisor = &wish.session.supervisor;
    let threads = Threads::of(&wish.filters, &supervisor.env, &supervisor.root);
    Limits { test: wish.session.settings().test.timeout.get(), threads }
}

impl Watcher for Watch {
    fn line(&mut self, _source: Source, text: &str, at: Duration) {
        self.reader.line(at, text);
    }

    fn tick(&mut self, at: Duration) -> Flow {
        if self.reader.overdue(at, self.limit).is_empty() { Flow::Continue } else { Flow::Stop(self.limit) }
    }
}
