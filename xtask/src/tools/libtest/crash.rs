//! A test process that ended before its tests did: who is to blame, and what has not run.

use std::collections::HashSet;
use std::time::Duration;

use super::block::Block;
use super::line::is_path;
use super::reading::{Reading, Suspects, Unfinished};
use super::section::Section;
use crate::kit::text;
use crate::model::command::End;
use crate::model::test::{TestCase, TestOutcome};

/// When and how it ended.
#[derive(Clone, Copy, Debug)]
pub struct Ending {
    /// When.
    pub over: Duration,
    /// How the whole run was ended, when that is why.
    pub cut: Option<End>,
}

/// Adds the tests that this ended as cases, and the others as unfinished.
pub fn conclude(section: &Section, block: &Block, ending: Ending, reading: &mut Reading) {
    let running = block.running();
    let (outcome, blamed, why) = match ending.cut {
        Some(End::TimedOut(limit)) => {
            let late = |since: Duration| ending.over.saturating_sub(since) >= limit;
            let blamed = running.iter().filter(|(_, since)| late(*since)).copied().collect();
            (TestOutcome::TimedOut, blamed, format!("it ran longer than {}", text::duration(limit)))
        }
        Some(_) => (TestOutcome::Failed, Vec::new(), String::new()),
        None => {
            let why = format!("the test process ended before this test did ({})", section.end_in_words());
            (TestOutcome::Failed, blamed(block, &running), why)
        }
    };
    let named: Vec<(String, Duration)> =
        blamed.iter().filter_map(|(name, since)| Some(((*name)?.to_owned(), *since))).collect();
    let ended_here = ending.cut.is_none() || !blamed.is_empty();
    if named.is_empty() && ended_here && unseen(block) > 0 {
        let left = text::plural(unseen(block), "test");
        let message = match outcome {
            TestOutcome::TimedOut => {
                format!("a test, of {left} without a result, {why}").replace(", it ran", ", ran")
            }
            _ => format!("the process ended with {left} unfinished ({})", section.end_in_words()),
        };
        let case = section.case_of_process(outcome, message);
        reading.cases.push(TestCase { output: section.said(Some(block)), ..case });
    }
    for (name, since) in &named {
        let ran = ending.over.checked_sub(*since).and_then(|ran| u64::try_from(ran.as_millis()).ok());
        let exact = block.schedule.as_ref().is_some_and(super::schedule::Schedule::holds);
        let case = section.named(name.clone(), outcome, Some(why.clone()));
        let duration_ms = ran.filter(|_| exact);
        reading.cases.push(TestCase { duration_ms, output: section.said(Some(block)), ..case });
    }
    if outcome == TestOutcome::Failed && named.len() > 1 {
        let running = named.iter().map(|(name, _)| name.clone()).collect();
        reading.suspects.push(Suspects { binary: section.target.binary.clone(), names: running });
    }
    let blamed: HashSet<&str> = named.iter().map(|(name, _)| name.as_str()).collect();
    unfinished(section, block, &blamed, reading);
}

/// How many of the announced tests have no result.
fn unseen(block: &Block) -> usize {
    let ended = block.seen.iter().filter(|seen| seen.outcome.is_some()).count();
    block.opening.total.saturating_sub(ended)
}

type Running<'a> = (Option<&'a str>, Duration);

/// The tests whose thread is named by a last message; otherwise all that were running.
fn blamed<'a>(block: &'a Block, running: &[Running<'a>]) -> Vec<Running<'a>> {
    let ended: HashSet<&str> =
        block.seen.iter().filter(|seen| seen.outcome.is_some()).map(|seen| seen.name.as_str()).collect();
    let listed = block.schedule.is_some();
    let since =
        |name: &str| running.iter().find(|(running, _)| *running == Some(name)).map(|(_, since)| *since);
    let thread = |line: &'a str| {
        let name = line.strip_prefix("thread '")?.split('\'').next()?;
        let dying = line.contains(" panicked at ") || line.ends_with("has overflowed its stack");
        let possible = if listed { since(name).is_some() } else { is_path(name) && name != "main" };
        (dying && possible && !ended.contains(name)).then_some(name)
    };
    let mut names: Vec<&str> = block.noise.kept().lines().filter_map(thread).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return running.to_vec();
    }
    names.into_iter().map(|name| (Some(name), since(name).unwrap_or(block.opening.at))).collect()
}

/// What has no result and is not to blame: by name when names are known.
fn unfinished(section: &Section, block: &Block, blamed: &HashSet<&str>, reading: &mut Reading) {
    let binary = &section.target.binary;
    let Some(tests) = section.target.tests.as_ref().filter(|_| block.is_listed()) else {
        if unseen(block) > blamed.len() {
            reading.unfinished.push(Unfinished { binary: binary.clone(), name: None });
        }
        return;
    };
    let ended: HashSet<&str> =
        block.seen.iter().filter(|seen| seen.outcome.is_some()).map(|seen| seen.name.as_str()).collect();
    let left = tests.iter().filter(|name| !ended.contains(name.as_str()) && !blamed.contains(name.as_str()));
    reading
        .unfinished
        .extend(left.map(|name| Unfinished { binary: binary.clone(), name: Some(name.clone()) }));
}
