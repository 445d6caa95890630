//! The first run of all tests by `cargo test`, which builds them too: one pass of cargo for both, as anybody would
//! do by hand.
//!
//! What is built is known from cargo's messages before the first test begins. The names of the tests are not, and
//! mostly nothing needs them: where libtest's lines are whole and agree with its counts, they tell the same. They
//! are asked for, at the price of another pass, when something is printed that they may explain, when a test never
//! ended, and when one runs so long that it must be known which; then everything is read once more with them.

use std::time::Duration;

use super::commands::{Commands, targets};
use super::names::Names;
use crate::engine::Bench;
use crate::model::command::{CommandOutput, End};
use crate::model::workspace::Workspace;
use crate::tools::cargo::{TestBinary, ends_the_build, test_binaries};
use crate::tools::libtest::{Reader, reading::Reading, targets::Targets};
use crate::tools::process::{Flow, Pipes, Source, SpawnError, Watcher};

/// What the first run came to.
pub(super) struct First {
    /// What cargo and the tests printed, and how cargo ended.
    pub(super) output: CommandOutput,
    /// What was read of it.
    pub(super) reading: Reading,
    /// What was built.
    pub(super) binaries: Vec<TestBinary>,
    /// Some executable was started, so that it was not the build that ended the run.
    pub(super) begun: bool,
}

impl First {
    /// Builds and runs all tests and reads what they print.
    ///
    /// # Errors
    /// When cargo cannot be started.
    pub(super) fn run(
        workspace: &Workspace,
        commands: &Commands,
        bench: &Bench<'_>,
    ) -> Result<Self, SpawnError> {
        let names = Names::new(commands, bench);
        let reader = Reader::new(Targets::new(), commands.limits.threads.number);
        let (messages, binaries) = (String::new(), Vec::new());
        let mut follower =
            Follower { workspace, limit: commands.limits.test, messages, binaries, reader, names };
        let output = bench.run_watched(&commands.first, Pipes::Merged, &mut follower)?;
        let Follower { binaries, reader, mut names, .. } = follower;
        let begun = reader.has_begun();
        let reading = reader.finish(output.duration, output.end);
        let settled = !reading.unclear || !begun || output.end == End::Cancelled;
        let again = if settled { None } else { names.ask() };
        let reading = again.map_or(reading, |again| again.finish(output.duration, output.end));
        Ok(Self { output, reading, binaries, begun })
    }
}

struct Follower<'a> {
    workspace: &'a Workspace,
    limit: Duration,
    messages: String,
    binaries: Vec<TestBinary>,
    reader: Reader,
    names: Names<'a>,
}

impl Follower<'_> {
    fn message(&mut self, text: &str) {
        self.messages.push_str(text);
        self.messages.push('\n');
        if ends_the_build(text) {
            self.binaries = test_binaries(self.workspace, &std::mem::take(&mut self.messages));
            self.reader.expect(targets(&self.binaries));
            self.names.expect(targets(&self.binaries));
        }
    }

    fn ask_names(&mut self) {
        if let Some(reader) = self.names.ask() {
            self.reader = reader;
        }
    }
}

impl Watcher for Follower<'_> {
    fn line(&mut self, _source: Source, text: &str, at: Duration) {
        if text.starts_with('{') && !self.reader.has_begun() {
            return self.message(text);
        }
        self.reader.line(at, text);
        self.names.keep(at, text);
        if self.names.is_full() {
            self.ask_names();
        }
    }

    fn tick(&mut self, at: Duration) -> Flow {
        // No test runs longer than its process does.
        let may_be_late =
            self.reader.process_began().is_some_and(|began| at.saturating_sub(began) >= self.limit);
        if !may_be_late {
            return Flow::Continue;
        }
        self.ask_names();
        if self.reader.overdue(at, self.limit).is_empty() { Flow::Continue } else { Flow::Stop(self.limit) }
    }
}
