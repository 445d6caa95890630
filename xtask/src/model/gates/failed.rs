//! The gate on tests: at least one ran, and none failed.

use crate::kit::text::plural;
use crate::model::gate::{Gate, Measure};
use crate::model::gates::Measured;
use crate::model::step::Status;
use crate::model::test::{TestCase, TestKind, TestTotals};

/// Judges the tests of both kinds together: a package with doctests only has been tested.
///
/// `suites` are the steps that ran tests, `test.suite` first; a step that was skipped is left out by the caller.
#[must_use]
pub fn judge(suites: &[Measured<'_>]) -> Option<Gate> {
    let first = suites.first()?;
    let cases: Vec<&TestCase> = suites.iter().flat_map(|suite| &suite.outcome.facts.tests).collect();
    let failed: Vec<&TestCase> = cases.iter().copied().filter(|case| case.outcome.is_bad()).collect();
    let run = cases.iter().map(|case| totals(case).run).sum::<usize>();
    let gate = Gate::pass("test.failed", first.mode, "failed tests", "")
        .measured(Measure::Share { part: failed.len() as u64, whole: run as u64 }, "0, of at least 1")
        .worst(failed.iter().map(|case| format!("{} ({})", case.full_name(), case.outcome.word())))
        .reproduce(first.command());
    let of_status = |status| suites.iter().find(|suite| suite.outcome.status == status);
    let judged = if !failed.is_empty() {
        let reason = format!("{} of {} failed", failed.len(), plural(run, "test"));
        let gap = format!("{} too many", failed.len());
        Gate { reason, ..gate }.fail(gap, "mend the first one; its output is in the report")
    } else if let Some(suite) = of_status(Status::Failed) {
        let reproduce = suite.command();
        Gate { reason: suite.reason(), reproduce, ..gate }
            .fail("no result", "mend what the step's log shows first")
    } else if let Some(suite) = of_status(Status::Inconclusive).or_else(|| of_status(Status::Cancelled)) {
        let remedy = match run {
            0 => "see the step's log",
            _ => "see the step's log; what was not run cannot be judged",
        };
        Gate { reason: suite.reason(), ..gate }.inconclusive(remedy)
    } else if run == 0 {
        let reason = "no test ran".to_owned();
        Gate { reason, ..gate }
            .inconclusive("add a test, look at the name filters, or leave the step out with --skip test")
    } else {
        Gate { reason: format!("{} passed", plural(run, "test")), ..gate }
    };
    Some(judged)
}

fn totals(case: &TestCase) -> TestTotals {
    TestTotals::of(std::slice::from_ref(case), case.kind)
}

/// What a step of this kind concludes from its own cases.
#[must_use]
pub fn conclude(cases: &[TestCase], kind: TestKind) -> (Status, Option<String>) {
    let totals = TestTotals::of(cases, kind);
    let noun = kind.noun();
    match totals {
        // Whether that is enough is for the gate to say, which sees tests and doctests together.
        TestTotals { failed: 0, run: 0, .. } => (Status::Passed, Some(format!("no {noun} ran"))),
        TestTotals { failed: 0, .. } => (Status::Passed, None),
        TestTotals { failed, run, .. } => {
            (Status::Failed, Some(format!("{failed} of {} failed", plural(run, noun))))
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::facts::Facts;
    use crate::model::gate::{Decision, Mode};
    use crate::model::gates::outcome::tests::step;
    use crate::model::step::Outcome;
    use crate::model::test::TestOutcome;

    pub(crate) fn case(name: &str, kind: TestKind, outcome: TestOutcome) -> TestCase {
        TestCase {
            name: name.to_owned(),
            package: "demo".to_owned(),
            binary: "demo".to_owned(),
            kind,
            outcome,
            duration_ms: Some(1),
            message: None,
            output: String::new(),
            earlier: Vec::new(),
        }
    }

    fn judged(outcomes: &[Outcome]) -> Option<Gate> {
        let step = step("test.suite");
        let suites: Vec<_> =
            outcomes.iter().map(|outcome| Measured { step: &step, outcome, mode: Mode::Block }).collect();
        judge(&suites)
    }

    fn ran(cases: Vec<TestCase>) -> Outcome {
        let (status, reason) = conclude(&cases, TestKind::Test);
        Outcome { reason, ..Outcome::new(status, Facts::of_tests(cases)) }
    }

    #[test]
    fn one_failed_test_fails() {
        let passed = case("a", TestKind::Test, TestOutcome::Passed);
        let failed = case("b", TestKind::Test, TestOutcome::TimedOut);
        let gate = judged(&[ran(vec![passed, failed])]).unwrap();
        assert_eq!((gate.verdict, gate.measured), (Decision::Fail, Measure::Share { part: 1, whole: 2 }));
        assert_eq!(gate.worst, ["demo b (timed out)"]);
    }

    #[test]
    fn no_test_at_all_is_inconclusive() {
        assert_eq!(judged(&[ran(vec![])]).unwrap().verdict, Decision::Inconclusive);
        let skipped = case("a", TestKind::Test, TestOutcome::Skipped);
        assert_eq!(judged(&[ran(vec![skipped])]).unwrap().verdict, Decision::Inconclusive);
    }

    #[test]
    fn doctests_alone_are_tests() {
        let doctest = case("a", TestKind::Doctest, TestOutcome::Passed);
        let none = Outcome::new(Status::Passed, Facts::default());
        let doctests = Outcome::new(Status::Passed, Facts::of_tests(vec![doctest]));
        assert_eq!(judged(&[none, doctests]).unwrap().verdict, Decision::Pass);
    }

    #[test]
    fn a_build_that_fails_is_a_failure_not_an_absence() {
        let gate = judged(&[Outcome::because(Status::Failed, "the tests do not compile")]).unwrap();
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Fail, "the tests do not compile"));
    }

    #[test]
    fn an_interrupted_run_is_inconclusive() {
        let passed = ran(vec![case("a", TestKind::Test, TestOutcome::Passed)]);
        let gate = judged(&[passed, Outcome::because(Status::Cancelled, "interrupted")]).unwrap();
        assert_eq!(gate.verdict, Decision::Inconclusive);
    }
}
