//! What a section comes to: cases for what was told, and what is left when its process ended early.

use std::collections::HashMap;
use std::time::Duration;

use super::block::Block;
use super::crash;
use super::reading::{Reading, Unfinished};
use super::section::Section;
use super::settle::{Names, Settled, settle};
use super::targets::Harness;
use crate::kit::text::plural;
use crate::model::command::End;
use crate::model::test::{TestCase, TestKind, TestOutcome};
use crate::tools::test_output::cause;
use crate::tools::test_output::tail::Tail;

impl Section {
    /// Comes to a conclusion. `cut` is how the whole run was ended, when it was ended while this section ran.
    pub fn conclude(mut self, at: Duration, cut: Option<End>, reading: &mut Reading) {
        let over = self.over.unwrap_or(at);
        let cases = reading.cases.len();
        let blocks = std::mem::take(&mut self.blocks);
        let missing = match (&self.target.tests, self.target.harness) {
            (Some(tests), Harness::Libtest) if blocks.is_empty() => !tests.is_empty(),
            _ => false,
        };
        reading.unclear |= blocks.is_empty() || !blocks.iter().all(Block::is_clear);
        if blocks.is_empty() {
            self.whole_process(over, cut, missing, reading);
        }
        for block in &blocks {
            self.block(block, reading);
            if block.summary.is_none() {
                crash::conclude(&self, block, crash::Ending { over, cut }, reading);
            }
        }
        let told = reading.cases[cases..].iter().any(|case| case.outcome.is_bad());
        if self.failed && !told {
            let message = format!("the process failed ({}), and no test of it did", self.end_in_words());
            let case = self.case_of_process(TestOutcome::Failed, message);
            reading.cases.push(TestCase { output: self.said(blocks.last()), ..case });
        }
    }

    fn block(&self, block: &Block, reading: &mut Reading) {
        let names = match (self.kind, self.target.harness) {
            (TestKind::Test, Harness::Libtest) => Names::Paths,
            _ => Names::Any,
        };
        let (settled, agreed) = settle(block, names);
        // A merged program is started after its announcement, and a harness of the target's own has its own order.
        let timed = agreed && !self.merged && self.target.harness == Harness::Libtest;
        let mut outputs: HashMap<&str, &Tail> =
            block.outputs.iter().rev().map(|(name, output)| (name.as_str(), output)).collect();
        for result in settled {
            let output = outputs.remove(result.name.as_str()).map(|output| output.clone().finish());
            reading.cases.push(self.case(result, timed, output.unwrap_or_default()));
        }
        if let Some(summary) = block.summary.filter(|_| !agreed) {
            reading.doubt(format!(
                "{}: libtest announced {} and counted {} passed, {} failed and {} ignored, which the lines of \
                 their results do not agree with; a test may print lines that look like results",
                self.target.binary,
                plural(block.opening.total, "test"),
                summary.passed,
                summary.failed,
                summary.ignored,
            ));
        }
    }

    fn case(&self, result: Settled, timed: bool, output: String) -> TestCase {
        let message = match result.outcome {
            TestOutcome::Failed => cause::of(&result.name, &output),
            TestOutcome::TimedOut => Some("it ran longer than libtest's own limit".to_owned()),
            TestOutcome::Passed | TestOutcome::Skipped => result.reason,
        };
        let duration = result.ran.filter(|_| timed);
        TestCase {
            name: result.name,
            duration_ms: duration.map(|ran| u64::try_from(ran.as_millis()).unwrap_or(u64::MAX)),
            output,
            ..self.named(String::new(), result.outcome, message)
        }
    }

    /// A section without any run of libtest: a `main` of the target's own, a crash before it, or rustdoc's failure.
    fn whole_process(&self, over: Duration, cut: Option<End>, missing: bool, reading: &mut Reading) {
        match cut {
            Some(End::TimedOut(limit))
                if self.kind == TestKind::Test && over.saturating_sub(self.began) >= limit =>
            {
                let message = format!("it ran longer than {}", crate::kit::text::duration(limit));
                reading.cases.push(self.case_of_process(TestOutcome::TimedOut, message));
            }
            Some(_) => reading.unfinished.push(Unfinished { binary: self.target.binary.clone(), name: None }),
            // It is told as a failure of the process.
            None if self.failed => {}
            None if missing => {
                reading.unfinished.push(Unfinished { binary: self.target.binary.clone(), name: None });
                reading.doubt(format!("{}: it lists tests and ran none", self.target.binary));
            }
            None if self.kind == TestKind::Doctest => {}
            None if self.target.harness == Harness::Libtest => {
                reading.unfinished.push(Unfinished { binary: self.target.binary.clone(), name: None });
                reading.doubt(format!(
                    "{}: it ended without a run of its tests, as with --list or --help",
                    self.target.binary
                ));
            }
            None => {
                let case = self.named(self.target.short_name().to_owned(), TestOutcome::Passed, None);
                let ran = over.saturating_sub(self.began).as_millis();
                reading.cases.push(TestCase { duration_ms: u64::try_from(ran).ok(), ..case });
            }
        }
    }
}
