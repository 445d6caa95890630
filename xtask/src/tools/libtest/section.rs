//! One executable, or the doctests of one library: the lines from cargo's header to the next one, and the test
//! cases that they come to.

use std::time::Duration;

use super::block::{Block, Opening};
use super::line;
use super::targets::{Harness, Target};
use crate::model::test::{TestCase, TestKind, TestOutcome};
use crate::tools::test_output::tail::Tail;

/// What was read of it so far.
#[derive(Clone, Debug)]
pub struct Section {
    /// Whose tests they are.
    pub target: Target,
    /// Tests or doctests.
    pub kind: TestKind,
    /// When cargo announced it.
    pub began: Duration,
    /// The runs of libtest: one, or two for doctests of which some were merged into one program.
    pub blocks: Vec<Block>,
    /// What was printed before the first of them.
    pub printed: Tail,
    /// Cargo told that it failed.
    pub failed: bool,
    /// How the process ended, in cargo's words, when it was not with libtest's own code for failed tests.
    pub process_end: Option<String>,
    /// When it was over.
    pub over: Option<Duration>,
    /// Doctests were merged into one program.
    pub merged: bool,
}

impl Section {
    /// A section that has just been announced.
    #[must_use]
    pub fn new(target: Target, kind: TestKind, began: Duration) -> Self {
        let (printed, blocks) = (Tail::default(), Vec::new());
        Self {
            target,
            kind,
            began,
            blocks,
            printed,
            failed: false,
            process_end: None,
            over: None,
            merged: false,
        }
    }

    /// Takes one line.
    pub fn line(&mut self, at: Duration, text: &str, threads: usize) {
        if self.failed && (text.is_empty() || text == "Caused by:") {
            return;
        }
        if let Some(end) = line::process_end(text).filter(|_| self.failed) {
            self.process_end = Some(end.to_owned());
            return;
        }
        if self.kind == TestKind::Doctest && text.contains("; merged doctests compilation took ") {
            self.merged = true;
            return;
        }
        let open = match self.kind {
            TestKind::Test | TestKind::Check => self.blocks.is_empty(),
            TestKind::Doctest => self.blocks.last().is_none_or(|block| block.summary.is_some()),
        };
        if let Some((total, shuffled)) = line::running(text).filter(|_| open) {
            let opening = Opening { total, shuffled, threads, at };
            let tests = self.target.tests.as_deref().filter(|_| self.target.harness == Harness::Libtest);
            self.blocks.push(Block::new(opening, tests));
        } else if let Some(block) = self.blocks.last_mut() {
            block.line(at, text);
        } else {
            self.printed.push_line(text);
        }
    }

    /// The tests that have been running for `limit` or longer.
    #[must_use]
    pub fn overdue(&self, now: Duration, limit: Duration) -> Vec<(Option<String>, Duration)> {
        let running = match self.blocks.last() {
            Some(block) => block.running(),
            None if self.kind == TestKind::Test => vec![(Some(self.target.short_name()), self.began)],
            None => Vec::new(),
        };
        let late = |since: &Duration| now.checked_sub(*since).is_some_and(|ran| ran >= limit);
        let running = running.into_iter().filter(|(_, since)| late(since) && self.over.is_none());
        running.map(|(name, since)| (name.map(str::to_owned), since)).collect()
    }

    /// How the process ended, in words.
    #[must_use]
    pub fn end_in_words(&self) -> &str {
        match &self.process_end {
            Some(end) => end,
            None if self.failed => "exit status: 101",
            None => "exit status: 0",
        }
    }

    /// What was printed by nobody in particular.
    #[must_use]
    pub fn said(&self, block: Option<&Block>) -> String {
        block.map_or(&self.printed, |block| &block.noise).clone().finish()
    }

    /// A case that stands for the whole process, called after the target.
    #[must_use]
    pub fn case_of_process(&self, outcome: TestOutcome, message: String) -> TestCase {
        self.named(self.target.short_name().to_owned(), outcome, Some(message))
    }

    /// A case of this section.
    #[must_use]
    pub fn named(&self, name: String, outcome: TestOutcome, message: Option<String>) -> TestCase {
        TestCase {
            name,
            package: self.target.package.clone(),
            binary: self.target.binary.clone(),
            kind: self.kind,
            outcome,
            duration_ms: None,
            message,
            output: String::new(),
            earlier: Vec::new(),
        }
    }
}
