//! Tests: those that failed with their output, the flaky ones, the slowest.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::plural;
use crate::model::record::RunRecord;
use crate::model::test::TestCase;
use crate::report::{pick, words};

/// How many of the slowest tests are told.
const SLOWEST: usize = 5;

/// Each failed test with the cause in one line, and its output to unfold.
pub(super) fn failed(record: &RunRecord, detail: Detail) -> String {
    let all: Vec<&TestCase> = record.tests.failed().collect();
    detail.list(&words::failed(record), &all, |case| {
        let (name, outcome) = (detail.code(&case.full_name()), case.outcome.word());
        let time = case.duration_ms.map(|_| format!(" after {}", words::time(case.duration_ms)));
        let attempts = match case.earlier.len() {
            0 => String::new(),
            earlier => format!(", {} attempts", earlier + 1),
        };
        let mut text = format!("**{name}** {outcome}{}{attempts}", time.unwrap_or_default());
        if let Some(place) = pick::panic_place(case) {
            let place = format!("{}:{}:{}", place.path, place.line, place.column);
            let _ = write!(text, " at {}", detail.code(&place));
        }
        if let Some(cause) = &case.message {
            let _ = write!(text, ": {}", detail.text(cause));
        }
        text + "\n" + &detail.output("Output", &case.output) + "\n"
    })
}

/// Each flaky test with the cause of its first failure.
pub(super) fn flaky(record: &RunRecord, detail: Detail) -> String {
    let all: Vec<&TestCase> = record.tests.flaky().collect();
    detail.list(&plural(all.len(), "flaky test"), &all, |case| {
        let (name, attempts) = (detail.code(&case.full_name()), case.earlier.len() + 1);
        let cause = case.earlier.first().and_then(|attempt| attempt.message.as_ref());
        let cause = cause.map(|cause| format!("; at first: {}", detail.text(cause))).unwrap_or_default();
        format!("- {name} passed at attempt {attempts}{cause}\n")
    })
}

/// The slowest tests.
pub(super) fn slowest(record: &RunRecord, detail: Detail) -> String {
    let all = pick::slowest(record, SLOWEST.min(detail.items));
    if all.is_empty() {
        return String::new();
    }
    let mut text = "### Slowest tests\n\n| test | time |\n|---|--:|\n".to_owned();
    for case in all {
        let row = format!("| {} | {} |\n", detail.code(&case.full_name()), words::time(case.duration_ms));
        text.push_str(&row);
    }
    text
}
