//! The sentences that several reports share, so that all of them say the same. Nothing here is escaped: each
//! renderer escapes for its own target.

use crate::kit::text::{millis, plural, shorten, thousands};
use crate::model::finding::{Finding, Level};
use crate::model::gate::{Decision, Gate, Measure, Mode};
use crate::model::record::{RunRecord, StepRecord, TestsRecord};
use crate::model::step::{Skip, Status};
use crate::model::test::{TestKind, TestTotals};

/// `Passed`, `Inconclusive`, `Failed`.
pub(crate) fn verdict(record: &RunRecord) -> &'static str {
    match record.verdict.decision {
        Decision::Pass => "Passed",
        Decision::Inconclusive => "Inconclusive",
        Decision::Fail => "Failed",
    }
}

/// What the gates come to: `2 of 7 gates do not pass`; when only report-only ones do not, it says so.
pub(crate) fn gates(record: &RunRecord) -> String {
    let all = record.gates.len();
    let open = |mode: Mode| {
        record.gates.iter().filter(|gate| gate.mode == mode && gate.verdict != Decision::Pass).count()
    };
    let does_not = |count: usize| if count == 1 { "does not pass" } else { "do not pass" };
    let (blocking, advisory) = (open(Mode::Block), open(Mode::ReportOnly));
    match (all, blocking, advisory) {
        (0, ..) => "nothing was judged".to_owned(),
        (1, 0, 0) => "the only gate passes".to_owned(),
        (_, 0, 0) => format!("all {} pass", plural(all, "gate")),
        (_, 0, _) => format!("{} {}", plural(advisory, "report-only gate"), does_not(advisory)),
        _ => {
            let open = blocking + advisory;
            format!("{} of {} {}", thousands(open), plural(all, "gate"), does_not(open))
        }
    }
}

/// The verdict in one line: `Failed: 2 of 7 gates do not pass`.
pub(crate) fn headline(record: &RunRecord) -> String {
    format!("{}: {}", verdict(record), gates(record))
}

/// What the verdict means for the process: `mode block, exit code 1`.
pub(crate) fn consequence(record: &RunRecord) -> String {
    let told = match (record.verdict.mode, record.verdict.decision) {
        (Mode::ReportOnly, Decision::Fail | Decision::Inconclusive) => ", does not fail the run",
        _ => "",
    };
    format!("mode {}{told}, exit code {}", record.verdict.mode.word(), record.verdict.exit_code)
}

/// What stands against a pass beside the gates, such as an interruption; no gate's own sentence is repeated.
pub(crate) fn other_reasons(record: &RunRecord) -> Vec<&str> {
    let of_gate = |reason: &str| {
        let told = |start: String| reason.starts_with(&start);
        record.gates.iter().any(|gate| told(format!("{} {}: ", gate.id, gate.verdict.word())))
    };
    record.verdict.reasons.iter().map(String::as_str).filter(|reason| !of_gate(reason)).collect()
}

/// What ran and on what, in pieces: what happened, the repository, the commit, the attempt.
pub(crate) fn place(record: &RunRecord) -> Vec<String> {
    let context = &record.context;
    let mut pieces = vec![shorten(&context.describe(), 120)];
    pieces.extend(context.repository.as_ref().map(|name| shorten(name, 100)));
    pieces.extend(commit(record).map(|sha| {
        let changed = if context.checkout.dirty { " with uncommitted changes" } else { "" };
        format!("commit {sha}{changed}")
    }));
    if record.run.attempt > 1 {
        pieces.push(format!("attempt {}", record.run.attempt));
    }
    pieces
}

/// The first ten digits of the commit that is judged.
pub(crate) fn commit(record: &RunRecord) -> Option<String> {
    let sha = record.context.head_sha.as_ref().or(record.context.checkout.commit.as_ref())?;
    Some(sha.chars().take(10).collect())
}

/// `312 tests: 310 passed, 1 failed, 1 skipped, 2 flaky; 12 doctests passed`; none when no test was seen.
pub(crate) fn tests(record: &RunRecord) -> Option<String> {
    let told: Vec<String> = own_tests(record).into_iter().chain(checks(record)).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// The same without the assertions about images.
pub(crate) fn own_tests(record: &RunRecord) -> Option<String> {
    let TestsRecord { tests, doctests, .. } = &record.tests;
    let kinds = [(tests, TestKind::Test), (doctests, TestKind::Doctest)];
    let told: Vec<String> = kinds.into_iter().filter_map(|(totals, kind)| of_kind(totals, kind)).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// The assertions about images: `12 checks passed`; none when there were none.
pub(crate) fn checks(record: &RunRecord) -> Option<String> {
    of_kind(&record.tests.checks, TestKind::Check)
}

/// `3 failed tests`, `1 failed check`, `3 failed tests and 1 failed check`.
pub(crate) fn failed(record: &RunRecord) -> String {
    let TestsRecord { tests, doctests, checks, .. } = &record.tests;
    match (tests.failed + doctests.failed, checks.failed) {
        (tests, 0) => plural(tests, "failed test"),
        (0, checks) => plural(checks, "failed check"),
        (tests, checks) => format!("{} and {}", plural(tests, "failed test"), plural(checks, "failed check")),
    }
}

fn of_kind(totals: &TestTotals, kind: TestKind) -> Option<String> {
    let noun = kind.noun();
    let all = totals.run + totals.skipped;
    if all == 0 {
        return None;
    }
    if totals.passed == all && totals.flaky == 0 {
        return Some(format!("{} passed", plural(all, noun)));
    }
    let timed_out = match totals.timed_out {
        0 => String::new(),
        count => format!(" ({} timed out)", thousands(count)),
    };
    let parts = [
        (totals.passed, "passed", ""),
        (totals.failed, "failed", timed_out.as_str()),
        (totals.skipped, "skipped", ""),
        (totals.flaky, "flaky", ""),
    ];
    let told = parts.into_iter().filter(|(count, ..)| *count > 0);
    let told: Vec<String> =
        told.map(|(count, word, more)| format!("{} {word}{more}", thousands(count))).collect();
    Some(format!("{}: {}", plural(all, noun), told.join(", ")))
}

/// `3 findings: 1 error, 2 warnings`; none when there is none.
pub(crate) fn findings<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Option<String> {
    let (mut errors, mut warnings, mut notes) = (0, 0, 0);
    for finding in findings {
        match finding.level {
            Level::Error => errors += 1,
            Level::Warning => warnings += 1,
            Level::Note => notes += 1,
        }
    }
    let parts = [(errors, "error"), (warnings, "warning"), (notes, "note")];
    let told: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| plural(count, noun)).collect();
    let all = errors + warnings + notes;
    (all > 0).then(|| format!("{}: {}", plural(all, "finding"), told.join(", ")))
}

/// `12 steps: 8 passed, 1 failed, 3 skipped`; those that nobody asked for are counted apart.
pub(crate) fn steps(record: &RunRecord) -> String {
    let kinds = [Status::Passed, Status::Failed, Status::Inconclusive, Status::Skipped, Status::Cancelled];
    let unasked = record.steps.iter().filter(|step| is_unasked(step)).count();
    let count = |status| match status {
        Status::Skipped => record.steps_that(status) - unasked,
        _ => record.steps_that(status),
    };
    let mut told: Vec<String> = kinds
        .into_iter()
        .map(|status| (count(status), status))
        .filter(|(count, _)| *count > 0)
        .map(|(count, status)| format!("{} {}", thousands(count), status.word()))
        .collect();
    if unasked > 0 {
        told.push(format!("{} not selected", thousands(unasked)));
    }
    match told.len() {
        0 => "no steps".to_owned(),
        _ => format!("{}: {}", plural(record.steps.len(), "step"), told.join(", ")),
    }
}

/// The step was left out by `--only` or `--skip`: whoever did so need not be told of each.
pub(crate) fn is_unasked(step: &StepRecord) -> bool {
    step.status == Status::Skipped && step.reason == Some(Skip::NotSelected.reason())
}

/// Why a step ended as it did; empty when it simply passed.
pub(crate) fn why(step: &StepRecord) -> String {
    match (&step.reason, step.cached) {
        (Some(reason), true) => format!("unchanged; {reason}"),
        (Some(reason), false) => reason.clone(),
        (None, true) => "unchanged since it last passed".to_owned(),
        (None, false) => String::new(),
    }
}

/// How long a step ran; `-` when it did not.
pub(crate) fn step_time(step: &StepRecord) -> String {
    if step.started_ms.is_none() { "-".to_owned() } else { millis(step.duration_ms) }
}

/// How long something took, when that is known.
pub(crate) fn time(duration_ms: Option<u64>) -> String {
    duration_ms.map_or_else(|| "-".to_owned(), millis)
}

/// What a gate measured, and of what: `4` `findings`, `nothing` `measured`; a word and a size stand for themselves.
pub(crate) fn measured(gate: &Gate) -> (String, &str) {
    let metric = match &gate.measured {
        Measure::Nothing => "measured",
        Measure::Word(_) | Measure::Bytes(_) => "",
        Measure::Count(1) => gate.metric.strip_suffix('s').unwrap_or(&gate.metric),
        Measure::Count(_) | Measure::Share { .. } => &gate.metric,
    };
    (gate.measured.to_string(), metric)
}

/// What a gate measured, after the name of its metric.
pub(crate) fn value(gate: &Gate) -> String {
    match &gate.measured {
        Measure::Nothing => "nothing measured".to_owned(),
        measured => measured.to_string(),
    }
}

/// `12 more, see the report`.
pub(crate) fn more(count: usize) -> String {
    format!("{} more, see the report", thousands(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::tests::record;
    use crate::report::sample::sample;

    #[test]
    fn the_sample_is_told_in_a_few_lines() {
        let sample = sample();
        assert_eq!(headline(&sample), "Failed: 6 of 10 gates do not pass");
        assert_eq!(consequence(&sample), "mode block, exit code 1");
        let told = "8 tests: 4 passed, 3 failed (1 timed out), 1 skipped, 1 flaky; 2 doctests: 1 passed, 1 failed; \
             4 checks: 2 passed, 2 failed";
        assert_eq!(tests(&sample).unwrap(), told);
        assert_eq!(findings(&sample.findings).unwrap(), "6 findings: 2 errors, 3 warnings, 1 note");
        assert_eq!(steps(&sample), "14 steps: 6 passed, 5 failed, 1 inconclusive, 1 skipped, 1 cancelled");
        assert_eq!(other_reasons(&sample), ["the disk of the runner is nearly full"]);
    }

    #[test]
    fn nothing_is_told_of_nothing() {
        let empty = record();
        assert_eq!(headline(&empty), "Passed: nothing was judged");
        assert_eq!((tests(&empty), findings(&empty.findings)), (None, None));
        assert_eq!(steps(&empty), "no steps");
    }

    #[test]
    fn one_is_told_in_the_singular() {
        let gate = Gate::pass("lint.fmt", Mode::Block, "findings", "");
        assert_eq!(measured(&gate.clone().measured(Measure::Count(1), "0")).1, "finding");
        assert_eq!(measured(&gate.measured(Measure::Count(0), "0")).1, "findings");
    }

    #[test]
    fn a_failure_that_does_not_fail_the_run_says_so() {
        let mut sample = sample();
        (sample.verdict.mode, sample.verdict.exit_code) = (Mode::ReportOnly, 0);
        assert_eq!(consequence(&sample), "mode report-only, does not fail the run, exit code 0");
    }
}
