//! The failed tests of the page, with what they printed.

use serde::Serialize;

use super::pieces::clean;
use crate::kit::text::{last_lines, millis};
use crate::model::record::RunRecord;
use crate::model::test::{Attempt, TestCase};
use crate::report::{pick, words};

/// Failures with their output; the rest stands in the table of tests.
const SHOWN: usize = 200;

/// These are unfolded from the start.
const OPEN: usize = 10;

/// Lines of an output, its last ones.
const LINES: usize = 400;

#[derive(Serialize)]
pub(super) struct Failures {
    heading: String,
    count: usize,
    shown: Vec<Failure>,
    more: Option<String>,
}

#[derive(Serialize)]
struct Failure {
    name: String,
    binary: String,
    outcome: &'static str,
    time: Option<String>,
    place: Option<String>,
    message: Option<String>,
    output: String,
    open: bool,
    earlier: Vec<Earlier>,
}

#[derive(Serialize)]
struct Earlier {
    outcome: &'static str,
    time: String,
    message: Option<String>,
    output: String,
}

pub(super) fn failures(record: &RunRecord) -> Failures {
    let failed: Vec<&TestCase> = record.tests.failed().collect();
    let shown = failed.iter().take(SHOWN).enumerate();
    Failures {
        heading: heading(record),
        count: failed.len(),
        shown: shown.map(|(place, case)| failure(case, place < OPEN)).collect(),
        more: (failed.len() > SHOWN)
            .then(|| words::more(failed.len() - SHOWN).replace("the report", "junit.xml")),
    }
}

/// `Failed tests`, `Failed checks`, or both.
fn heading(record: &RunRecord) -> String {
    let tests = record.tests.tests.failed + record.tests.doctests.failed;
    match (tests, record.tests.checks.failed) {
        (_, 0) => "Failed tests".to_owned(),
        (0, _) => "Failed checks".to_owned(),
        _ => "Failed tests and checks".to_owned(),
    }
}

fn failure(case: &TestCase, open: bool) -> Failure {
    let at = pick::panic_place(case).map(|place| format!("{}:{}:{}", place.path, place.line, place.column));
    Failure {
        name: clean(&case.name),
        binary: clean(&case.binary),
        outcome: case.outcome.word(),
        time: case.duration_ms.map(millis),
        place: at,
        message: case.message.as_deref().map(clean),
        output: clean(&last_lines(&case.output, LINES)),
        open,
        earlier: case.earlier.iter().map(earlier).collect(),
    }
}

fn earlier(attempt: &Attempt) -> Earlier {
    Earlier {
        outcome: attempt.outcome.word(),
        time: words::time(attempt.duration_ms),
        message: attempt.message.as_deref().map(clean),
        output: clean(&last_lines(&attempt.output, LINES)),
    }
}
