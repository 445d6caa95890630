//! Which of the lines that look like results are true.
//!
//! A test can print `test other ... ok` past libtest's capture, or print so that a result is torn apart. libtest
//! counts by itself: it announces how many tests run, and tells how many passed, failed and were ignored. Readings
//! of the lines are tried from the strictest to the most lenient, and the first one that gives those counts
//! is taken. When none does, the worst of each name is kept and the reading is said not to agree.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::block::{Block, Seen};
use super::line::{Summary, is_path};
use super::schedule;
use crate::model::test::TestOutcome;

/// One test of a settled block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its name, made unique.
    pub name: String,
    /// How it ended.
    pub outcome: TestOutcome,
    /// Why it was ignored.
    pub reason: Option<String>,
    /// How long it ran.
    pub ran: Option<Duration>,
}

/// Which names a block can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// Rust paths: the standard harness.
    Paths,
    /// Anything: doctests, and harnesses of the target's own.
    Any,
}

/// The results of a block, and whether libtest's own counts agree with them.
#[must_use]
pub fn settle(block: &Block, names: Names) -> (Vec<Settled>, bool) {
    let (reading, agreed) = believed(block, names);
    let hidden = agreed.then_some(TestOutcome::Passed);
    let results = reading.iter().filter_map(|seen| Some((seen, seen.outcome.or(hidden)?)));
    let ran = agreed.then(|| durations(block, &reading));
    let mut times = ran.into_iter().flatten();
    let mut unique = HashMap::new();
    let settled = results
        .map(|(seen, outcome)| Settled {
            name: unique_name(&mut unique, &seen.name),
            outcome,
            reason: seen.reason.clone(),
            ran: times.next().flatten().filter(|_| outcome != TestOutcome::Skipped),
        })
        .collect();
    (settled, agreed)
}

/// The first reading that libtest's counts agree with; without one, the most lenient, with the worst of each name
/// and without names that cannot be true.
fn believed(block: &Block, names: Names) -> (Vec<Seen>, bool) {
    let agreed =
        |reading: &[Seen]| block.summary.is_some_and(|summary| agrees(reading, block.opening.total, summary));
    let mut reading = Vec::new();
    for only_paths in [false, true] {
        for lenience in [Lenience::Sure, Lenience::Ended, Lenience::All] {
            let fits = |seen: &&Seen| {
                lenience.takes(seen) && !(only_paths && names == Names::Paths && !is_path(&seen.name))
            };
            let taken: Vec<Seen> = block.seen.iter().filter(fits).cloned().collect();
            if !block.is_listed() {
                reading = with_failed(taken.clone(), &block.failed);
                if agreed(&reading) {
                    return (reading, true);
                }
            }
            reading = with_failed(worst_of_each(taken), &block.failed);
            if agreed(&reading) {
                return (reading, true);
            }
        }
    }
    (reading, false)
}

/// How much of what was seen is taken for true.
#[derive(Clone, Copy)]
enum Lenience {
    /// Lines that hold a result and nothing else.
    Sure,
    /// And lines that a result can be made out in.
    Ended,
    /// And tests whose result was hidden; what libtest does not list as failed has passed.
    All,
}

impl Lenience {
    fn takes(self, seen: &Seen) -> bool {
        match self {
            Self::Sure => seen.sure,
            Self::Ended => seen.outcome.is_some(),
            Self::All => true,
        }
    }
}

fn worst_of_each(seen: Vec<Seen>) -> Vec<Seen> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Seen> = Vec::new();
    for seen in seen {
        match places.get(&seen.name) {
            None => {
                places.insert(seen.name.clone(), kept.len());
                kept.push(seen);
            }
            Some(place) if badness(&seen) > badness(&kept[*place]) => kept[*place] = seen,
            Some(_) => {}
        }
    }
    kept.sort_by_key(|seen| seen.at);
    kept
}

fn badness(seen: &Seen) -> u8 {
    match seen.outcome {
        Some(TestOutcome::Failed | TestOutcome::TimedOut) => 3,
        Some(_) if seen.sure => 2,
        Some(_) => 1,
        None => 0,
    }
}

/// What libtest lists as failed has failed, whatever a line said.
fn with_failed(mut reading: Vec<Seen>, failed: &[String]) -> Vec<Seen> {
    let failed: HashSet<&str> = failed.iter().map(String::as_str).collect();
    let mut missing = failed.clone();
    for seen in &mut reading {
        if failed.contains(seen.name.as_str()) {
            missing.remove(seen.name.as_str());
            if !seen.outcome.is_some_and(TestOutcome::is_bad) {
                seen.outcome = Some(TestOutcome::Failed);
            }
        }
    }
    let at = reading.last().map_or(Duration::ZERO, |seen| seen.at);
    let mut missing: Vec<&str> = missing.into_iter().collect();
    missing.sort_unstable();
    for name in missing {
        let name = name.to_owned();
        let outcome = Some(TestOutcome::Failed);
        reading.push(Seen { name, outcome, reason: None, at, timed: false, sure: false });
    }
    reading
}

fn agrees(reading: &[Seen], total: usize, summary: Summary) -> bool {
    let mut counts = Summary { passed: 0, failed: 0, ignored: 0 };
    for seen in reading {
        match seen.outcome {
            Some(TestOutcome::Failed | TestOutcome::TimedOut) => counts.failed += 1,
            Some(TestOutcome::Skipped) => counts.ignored += 1,
            Some(TestOutcome::Passed) | None => counts.passed += 1,
        }
    }
    reading.len() == total && counts == summary
}

/// How long each test ran. With one thread a test begins where the one before it ended; otherwise the schedule
/// tells, as libtest takes the tests in the order of their names.
fn durations(block: &Block, reading: &[Seen]) -> Vec<Option<Duration>> {
    let opening = &block.opening;
    if opening.threads == 1 {
        let mut began = Some(opening.at);
        let ran = |seen: &Seen| {
            let end = seen.timed.then_some(seen.at);
            let before = std::mem::replace(&mut began, end);
            end?.checked_sub(before?)
        };
        return reading.iter().map(ran).collect();
    }
    let exact = !opening.shuffled && reading.iter().all(|seen| seen.timed);
    let ends: Vec<(&str, Duration)> = reading.iter().map(|seen| (seen.name.as_str(), seen.at)).collect();
    let mut order: Vec<String> = reading.iter().map(|seen| seen.name.clone()).collect();
    order.sort_unstable();
    let ran = exact.then(|| schedule::durations(order, opening.threads, opening.at, &ends)).flatten();
    ran.map_or_else(|| vec![None; reading.len()], |ran| ran.into_iter().map(Some).collect())
}

/// The same name twice, as macros can make it for doctests: the second is called `name (2)`.
fn unique_name(taken: &mut HashMap<String, usize>, name: &str) -> String {
    let count = taken.entry(name.to_owned()).or_insert(0);
    *count += 1;
    if *count == 1 { name.to_owned() } else { format!("{name} ({count})") }
}
