//! One run of libtest: the lines from `running 5 tests` to the next header, sorted into what they may mean.
//! Believes nothing yet; `settle` does, when all has been read.

use std::collections::HashSet;
use std::time::Duration;

use super::line::{self, ResultLine, Summary};
use super::schedule::Schedule;
use crate::model::test::TestOutcome;
use crate::tools::test_output::tail::Tail;

/// A line that told the result of a test, or seemed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The name of the test.
    pub name: String,
    /// How it ended; none when output of a test hid the result.
    pub outcome: Option<TestOutcome>,
    /// Why it was ignored.
    pub reason: Option<String>,
    /// When the line arrived.
    pub at: Duration,
    /// The test ended right then: not so when its result was torn, as nobody knows which line ended it.
    pub timed: bool,
    /// The line held nothing else.
    pub sure: bool,
}

/// What a block is opened with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// How many tests libtest announced.
    pub total: usize,
    /// They run in an order of chance.
    pub shuffled: bool,
    /// How many run at once.
    pub threads: usize,
    /// When it was announced.
    pub at: Duration,
}

/// The names of failed tests, as libtest lists them below its last `failures:`.
#[derive(Clone, Debug, Default)]
struct Listed {
    names: Vec<String>,
    place: usize,
}

/// What was read of a block.
#[derive(Clone, Debug)]
pub struct Block {
    /// How it began.
    pub opening: Opening,
    /// Lines with results, in the order in which they arrived.
    pub seen: Vec<Seen>,
    /// The last `test result:` line.
    pub summary: Option<Summary>,
    /// The names below the last `failures:`.
    pub failed: Vec<String>,
    /// What failed tests printed, by name.
    pub outputs: Vec<(String, Tail)>,
    /// Lines that are none of libtest's.
    pub noise: Tail,
    /// Tests that libtest itself calls slow, and since when they run.
    pub slow: Vec<(String, Duration)>,
    /// The tests on their way, when their names are known.
    pub schedule: Option<Schedule>,
    known: Option<HashSet<String>>,
    suspects: HashSet<String>,
    torn: Option<usize>,
    in_failures: bool,
    listed: Option<Listed>,
}

impl Block {
    /// A block that has just been announced. `tests` are the names that will run, in order, when they are known.
    #[must_use]
    pub fn new(opening: Opening, tests: Option<&[String]>) -> Self {
        let tests = tests.filter(|tests| tests.len() == opening.total);
        let schedule = tests
            .filter(|_| !opening.shuffled)
            .map(|tests| Schedule::new(tests.to_vec(), opening.threads, opening.at));
        Self {
            opening,
            seen: Vec::new(),
            summary: None,
            failed: Vec::new(),
            outputs: Vec::new(),
            noise: Tail::default(),
            slow: Vec::new(),
            schedule,
            known: tests.map(|tests| tests.iter().cloned().collect()),
            suspects: HashSet::new(),
            torn: None,
            in_failures: false,
            listed: None,
        }
    }

    /// Whether the names of the tests were known before.
    #[must_use]
    pub fn is_listed(&self) -> bool {
        self.known.is_some()
    }

    /// Whether it came to its end and held nothing but what libtest prints, one whole result for each test announced.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        let mut names = HashSet::new();
        self.summary.is_some()
            && self.seen.len() == self.opening.total
            && self.seen.iter().all(|seen| seen.sure && names.insert(seen.name.as_str()))
            && self.noise.is_blank()
    }

    /// Takes one line.
    pub fn line(&mut self, at: Duration, text: &str) {
        if let Some(summary) = line::summary(text) {
            self.summary = Some(summary);
            self.end_list();
        } else if self.in_failures || text == "failures:" && self.seen.len() >= self.opening.total {
            self.in_failures = true;
            self.failure_line(text);
        } else if let Some((name, seconds)) = line::running_long(text) {
            let began = at.saturating_sub(Duration::from_secs(seconds));
            self.slow.push((name.to_owned(), began));
        } else {
            self.result_line(at, text);
        }
    }

    fn result_line(&mut self, at: Duration, text: &str) {
        let (name, ended, sure) = match line::result(text) {
            Some(ResultLine::Whole(name, ended)) if self.may_be(name) => (name, Some(ended), true),
            Some(ResultLine::Behind(name, ended)) if self.may_be(name) => (name, Some(ended), false),
            Some(ResultLine::Torn(name, ended)) if self.may_be(name) => (name, ended, false),
            _ => return self.other_line(at, text),
        };
        let torn = !sure && text.starts_with("test ");
        if !sure {
            self.noise.push_line(text);
        }
        self.torn = torn.then_some(self.seen.len());
        self.seen.push(Seen {
            name: name.to_owned(),
            outcome: ended.map(|(outcome, _)| outcome),
            reason: ended.and_then(|(_, reason)| reason).map(str::to_owned),
            at,
            timed: !torn,
            sure,
        });
        match ended {
            Some((outcome, _)) => self.ended(at, name, outcome),
            None => _ = self.suspects.insert(name.to_owned()),
        }
    }

    /// A line that is no result, but may end one that was torn.
    fn other_line(&mut self, at: Duration, text: &str) {
        self.noise.push_line(text);
        let (Some(torn), Some((outcome, _))) = (self.torn, line::torn_end(text)) else { return };
        let seen = &mut self.seen[torn];
        let first = seen.outcome.is_none();
        seen.outcome = Some(outcome);
        let name = seen.name.clone();
        if outcome.is_bad() {
            self.suspects.insert(name.clone());
        } else {
            self.suspects.remove(&name);
        }
        if first {
            self.ended(at, &name, outcome);
        }
    }

    fn ended(&mut self, at: Duration, name: &str, outcome: TestOutcome) {
        if outcome.is_bad() {
            self.suspects.insert(name.to_owned());
        }
        self.slow.retain(|(slow, _)| slow != name);
        if let Some(schedule) = &mut self.schedule {
            let _ = schedule.ended(name, at);
        }
    }

    fn may_be(&self, name: &str) -> bool {
        self.known.as_ref().is_none_or(|known| known.contains(name))
    }

    /// A line at or below `failures:`: the heads of outputs, outputs, and at last the list of names. An output can
    /// hold all of these too, so the list that stands right before the last summary is the true one.
    fn failure_line(&mut self, text: &str) {
        if text == "failures:" {
            let place = self.outputs.last().map_or(0, |(_, output)| output.place());
            self.listed = Some(Listed { names: Vec::new(), place });
        } else if let Some(listed) = &mut self.listed {
            match text.strip_prefix("    ") {
                Some(name) => listed.names.push(name.to_owned()),
                None if text.is_empty() => {}
                None => self.listed = None,
            }
        }
        match line::output_head(text) {
            Some(name) if self.suspects.contains(name) => {
                self.outputs.push((name.to_owned(), Tail::default()));
            }
            _ => {
                if let Some((_, output)) = self.outputs.last_mut() {
                    output.push_line(text);
                }
            }
        }
    }

    fn end_list(&mut self) {
        if let Some(listed) = self.listed.take() {
            self.failed = listed.names;
            if let Some((_, output)) = self.outputs.last_mut() {
                output.back_to(listed.place);
            }
        }
    }

    /// The tests that run now and since when, as far as it is known: without names, that some test has been
    /// running at least since then.
    #[must_use]
    pub fn running(&self) -> Vec<(Option<&str>, Duration)> {
        if self.summary.is_some() || self.seen.len() >= self.opening.total {
            return Vec::new();
        }
        if let Some(schedule) = self.schedule.as_ref().filter(|schedule| schedule.holds()) {
            return schedule.running().map(|(name, since)| (Some(name), since)).collect();
        }
        if !self.slow.is_empty() {
            return self.slow.iter().map(|(name, since)| (Some(name.as_str()), *since)).collect();
        }
        // With one thread the name of the test stands before its result.
        let torn = self.torn.map(|torn| &self.seen[torn]).filter(|seen| seen.outcome.is_none());
        let since = self.seen.last().map_or(self.opening.at, |seen| seen.at);
        vec![(torn.filter(|_| self.opening.threads == 1).map(|seen| seen.name.as_str()), since)]
    }
}
