//! Further rounds of `cargo test`: for tests that a crash or a hang kept from running, for those that a crash may
//! wrongly be blamed on, and for failed ones that may be tried again.

use std::collections::BTreeMap;

use super::commands::{Commands, targets};
use super::watch::Watch;
use crate::engine::Bench;
use crate::model::command::End;
use crate::model::test::{Attempt, TestCase};
use crate::tools::cargo::TestBinary;
use crate::tools::libtest::reading::{Reading, Unfinished};

/// Names in one command line; a few hundred kilobytes at the most, which every system takes.
const NAMES: usize = 500;

/// The state between rounds.
pub(super) struct Rounds<'a> {
    pub(super) commands: &'a Commands,
    pub(super) binaries: &'a [TestBinary],
    pub(super) bench: &'a Bench<'a>,
    pub(super) reading: Reading,
    pub(super) cancelled: bool,
}

impl Rounds<'_> {
    /// Runs what has not run, until all has or a round brings nothing new.
    pub(super) fn finish_the_unfinished(&mut self) {
        while !self.cancelled && !self.reading.unfinished.is_empty() {
            let before = self.reading.unfinished.clone();
            let mut left = Vec::new();
            for (binary, names) in by_binary(std::mem::take(&mut self.reading.unfinished)) {
                match self.run(&binary, &names) {
                    Some(round) => {
                        self.reading.cases.extend(round.cases);
                        left.extend(round.unfinished);
                        self.reading.suspects.extend(round.suspects);
                        self.reading.notes.extend(round.notes);
                        self.reading.lasting |= round.lasting;
                        self.reading.did_not_compile =
                            self.reading.did_not_compile.take().or(round.did_not_compile);
                    }
                    None => {
                        left.extend(before.iter().filter(|unfinished| unfinished.binary == binary).cloned());
                    }
                }
            }
            left.sort();
            left.dedup();
            let stuck = left == before;
            self.reading.unfinished = left;
            if stuck {
                return;
            }
        }
        // Everything has a result now, which settles the doubts that the lack of one caused, and no others.
        self.reading.doubtful &= self.cancelled;
        self.reading.doubtful |= self.reading.lasting;
    }

    /// Runs each test alone that was running when a process ended, and takes those results: one test crashed, and the
    /// others were only there. When none fails alone, all stay failed, as nobody knows which of them did it.
    pub(super) fn clear_the_innocent(&mut self) {
        for suspects in std::mem::take(&mut self.reading.suspects) {
            let mut alone = Vec::new();
            for name in &suspects.names {
                if self.cancelled {
                    return;
                }
                let Some(round) = self.run(&suspects.binary, std::slice::from_ref(name)) else { continue };
                alone.extend(round.cases.into_iter().filter(|case| case.name == *name));
            }
            if !alone.iter().any(|case| case.outcome.is_bad()) {
                continue;
            }
            for case in alone {
                let same = |known: &&mut TestCase| known.binary == case.binary && known.name == case.name;
                if let Some(known) = self.reading.cases.iter_mut().find(same) {
                    *known = case;
                }
            }
        }
    }

    /// Tries failed tests again, so many times; one that passes then is flaky.
    pub(super) fn try_again(&mut self, retries: usize) {
        for _ in 0..retries {
            let failed: Vec<usize> = (0..self.reading.cases.len())
                .filter(|place| self.reading.cases[*place].outcome.is_bad())
                .collect();
            for place in failed {
                if self.cancelled {
                    return;
                }
                let case = &self.reading.cases[place];
                let (binary, name) = (case.binary.clone(), case.name.clone());
                let Some(round) = self.run(&binary, std::slice::from_ref(&name)) else { continue };
                if let Some(again) = round.cases.into_iter().find(|again| again.name == name) {
                    self.reading.cases[place] = after(self.reading.cases[place].clone(), again);
                }
            }
        }
    }

    fn run(&mut self, binary: &str, names: &[String]) -> Option<Reading> {
        let target = self.binaries.iter().find(|known| known.name == binary)?;
        let mut arguments = Vec::new();
        let mut only = targets(std::slice::from_ref(target));
        let (now, later) = names.split_at(names.len().min(NAMES));
        if !now.is_empty() {
            arguments.push("--exact".to_owned());
            arguments.extend(now.iter().cloned());
            only.chosen(&target.file, now);
        }
        let command = self.commands.run(&target.select, &arguments);
        let (output, mut round) = Watch::run(self.bench, &command, only, self.commands.limits).ok()?;
        self.cancelled |= output.end == End::Cancelled;
        let later =
            later.iter().map(|name| Unfinished { binary: binary.to_owned(), name: Some(name.clone()) });
        round.unfinished.extend(later);
        Some(round)
    }
}

fn by_binary(unfinished: Vec<Unfinished>) -> BTreeMap<String, Vec<String>> {
    let mut binaries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for test in unfinished {
        binaries.entry(test.binary).or_default().extend(test.name);
    }
    binaries
}

/// The same test after another attempt.
fn after(before: TestCase, mut again: TestCase) -> TestCase {
    again.earlier = before.earlier;
    again.earlier.push(Attempt {
        outcome: before.outcome,
        duration_ms: before.duration_ms,
        message: before.message,
        output: before.output,
    });
    again
}
