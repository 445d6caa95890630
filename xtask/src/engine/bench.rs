//! What a step's work has at hand: it runs commands, and everything they print is logged and told.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Engine;
use super::log::Log;
use crate::kit::text::beginning;
use crate::model::command::{CommandLine, CommandOutput, End};
use crate::model::progress::Progress;
use crate::model::step::Step;
use crate::tools::process::{Flow, Pipes, Source, SpawnError, Supervisor, Unwatched, Watcher};

/// Bytes of a line that are told; the log has all of it.
const TOLD: usize = 8 << 10;

/// The place where one step is carried out.
pub struct Bench<'a> {
    step: &'a Step,
    engine: Engine<'a>,
    log: Mutex<Log>,
    started: Instant,
}

impl<'a> Bench<'a> {
    pub(super) fn new(step: &'a Step, engine: Engine<'a>, started: Instant) -> Self {
        let log = Mutex::new(Log::new(engine.logs.join(format!("{}.log", step.id))));
        Self { step, engine, log, started }
    }

    /// The supervisor, for short questions.
    #[must_use]
    pub fn supervisor(&self) -> &Supervisor {
        self.engine.supervisor
    }

    /// Runs a command with its output on two pipes.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run(&self, line: &CommandLine) -> Result<CommandOutput, SpawnError> {
        self.run_watched(line, Pipes::Apart, &mut Unwatched)
    }

    /// Runs a command and lets somebody follow it. It may use what is left of the step's time.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn run_watched(
        &self,
        line: &CommandLine,
        pipes: Pipes,
        watcher: &mut dyn Watcher,
    ) -> Result<CommandOutput, SpawnError> {
        self.write(&self.engine.supervisor.redactor.redact(&format!("$ {line}")));
        let left = self.left();
        let mut teller = Teller { bench: self, watcher };
        let mut result = self.engine.supervisor.run(line, pipes, left, &mut teller);
        if let Ok(output) = &mut result
            && output.end == End::TimedOut(left)
        {
            // What is said is the limit of the step, not what earlier commands had left of it.
            output.end = End::TimedOut(self.step.timeout);
        }
        self.write(&match &result {
            Ok(output) => format!("[{}]", output.end),
            Err(error) => format!("[{error}]"),
        });
        result
    }

    /// Puts a line into the log and tells it: what a step does without a command.
    pub fn say(&self, text: &str) {
        let text = self.engine.supervisor.redactor.redact(text);
        self.write(&text);
        let text = beginning(&text, TOLD).into_owned();
        self.engine.sink.tell(&Progress::Line { step: self.step.id.clone(), text });
    }

    /// How much of the step's time is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.step.timeout.saturating_sub(self.started.elapsed())
    }

    /// Puts a line into the log without telling it.
    pub fn write(&self, text: &str) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).line(text);
    }

    /// The log's file name and what kept it from being written.
    pub(super) fn close(self) -> (Option<String>, Option<String>) {
        self.log.into_inner().unwrap_or_else(PoisonError::into_inner).close()
    }
}

struct Teller<'a, 'b> {
    bench: &'a Bench<'a>,
    watcher: &'b mut dyn Watcher,
}

impl Watcher for Teller<'_, '_> {
    fn line(&mut self, source: Source, text: &str, at: Duration) {
        self.bench.write(text);
        // What is meant for programs is in the log; people would only see a wall of it.
        let is_for_programs = text.starts_with("{\"");
        let told = beginning(text, TOLD).into_owned();
        let line = Progress::Line { step: self.bench.step.id.clone(), text: told };
        if !is_for_programs {
            self.bench.engine.sink.tell(&line);
        }
        self.watcher.line(source, text, at);
    }

    fn tick(&mut self, at: Duration) -> Flow {
        self.watcher.tick(at)
    }
}
