//! The gate on flaky tests: no more than allowed passed only on a later attempt.

use crate::kit::text::plural;
use crate::model::gate::{Gate, Measure};
use crate::model::gates::Measured;
use crate::model::test::TestCase;

/// Judges flakiness; nothing to say when no test ran.
#[must_use]
pub fn judge(measured: Measured<'_>, allowed: u64) -> Option<Gate> {
    let cases = &measured.outcome.facts.tests;
    let run = cases.iter().filter(|case| case.outcome != crate::model::test::TestOutcome::Skipped).count();
    let flaky: Vec<&TestCase> = cases.iter().filter(|case| case.is_flaky()).collect();
    if run == 0 {
        return None;
    }
    let count = flaky.len() as u64;
    let gate = Gate::pass("test.flaky", measured.mode, "flaky tests", plural(flaky.len(), "flaky test"))
        .measured(Measure::Share { part: count, whole: run as u64 }, format!("at most {allowed}"))
        .worst(
            flaky.iter().map(|case| format!("{} (attempts: {})", case.full_name(), case.earlier.len() + 1)),
        )
        .reproduce(measured.command());
    if count <= allowed {
        return Some(gate);
    }
    Some(gate.fail(
        format!("{} too many", count - allowed),
        "mend what makes them depend on time, order or chance",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Facts;
    use crate::model::gate::{Decision, Mode};
    use crate::model::gates::failed::tests::case;
    use crate::model::gates::outcome::tests::step;
    use crate::model::step::{Outcome, Status};
    use crate::model::test::{Attempt, TestKind, TestOutcome};

    #[test]
    fn one_more_than_allowed_fails() {
        let failed =
            Attempt { outcome: TestOutcome::Failed, duration_ms: None, message: None, output: String::new() };
        let flaky = TestCase { earlier: vec![failed], ..case("a", TestKind::Test, TestOutcome::Passed) };
        let outcome = Outcome::new(Status::Passed, Facts::of_tests(vec![flaky]));
        let step = step("test.suite");
        let judged = |allowed| judge(Measured { step: &step, outcome: &outcome, mode: Mode::Block }, allowed);
        assert_eq!(judged(0).unwrap().verdict, Decision::Fail);
        assert_eq!(judged(1).unwrap().verdict, Decision::Pass);
    }
}
