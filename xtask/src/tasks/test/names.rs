//! The names of the tests of a run that has begun, for the case that its output cannot be understood without them.

use std::time::Duration;

use super::commands::Commands;
use crate::engine::Bench;
use crate::model::command::CommandLine;
use crate::tools::libtest::Reader;
use crate::tools::libtest::targets::Targets;
use crate::tools::process::{Pipes, Unwatched};

/// Bytes of output that are kept to be read once more. Only tests that print past libtest's capture make as much, and
/// what they print is a reason to ask.
const KEPT: usize = 16 << 20;

/// What was printed so far, until the names are asked for.
pub(super) struct Names<'a> {
    /// What asks for them; none when that would run something, or when they have been asked for.
    list: Option<&'a CommandLine>,
    bench: &'a Bench<'a>,
    threads: usize,
    targets: Targets,
    lines: Vec<(Duration, String)>,
    bytes: usize,
}

impl<'a> Names<'a> {
    /// Nothing printed yet.
    pub(super) fn new(commands: &'a Commands, bench: &'a Bench<'a>) -> Self {
        Self {
            list: commands.list.as_ref(),
            bench,
            threads: commands.limits.threads.number,
            targets: Targets::new(),
            lines: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes what is about to run.
    pub(super) fn expect(&mut self, targets: Targets) {
        self.targets = targets;
    }

    /// Keeps a line and when it arrived.
    pub(super) fn keep(&mut self, at: Duration, text: &str) {
        if self.list.is_some() {
            self.lines.push((at, text.to_owned()));
            self.bytes += text.len() + size_of::<(Duration, String)>();
        }
    }

    /// More is kept than there should be.
    pub(super) fn is_full(&self) -> bool {
        self.bytes > KEPT
    }

    /// Asks for the names, once, and gives a reader that knows them and has read everything so far. None when they
    /// cannot be had, or were asked for before.
    pub(super) fn ask(&mut self) -> Option<Reader> {
        let listed = self.bench.run_watched(self.list.take()?, Pipes::Merged, &mut Unwatched).ok()?;
        let mut targets = std::mem::take(&mut self.targets);
        targets.listing(&listed.stdout);
        let mut reader = Reader::new(targets, self.threads);
        for (at, text) in std::mem::take(&mut self.lines) {
            reader.line(at, &text);
        }
        Some(reader)
    }
}
