//! The gate on runs: every image was run, as it came back, and every assertion about its runs holds.

use super::{Look, asserted};
use crate::model::gate::Gate;
use crate::model::test::{TestCase, TestKind};

/// Judges the step that runs images.
#[must_use]
pub fn judge(look: Look<'_>) -> Gate {
    let tests = &look.measured.outcome.facts.tests;
    let cases: Vec<&TestCase> = tests.iter().filter(|case| case.kind == TestKind::Check).collect();
    asserted(Gate::pass("image.smoke", look.measured.mode, "failed checks", ""), &look, &cases, |_| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checks::{Found, Suite};
    use crate::model::facts::Facts;
    use crate::model::gate::Decision;
    use crate::model::gates::image::tests::{built, checked, judged, pulled};
    use crate::model::image::{ImageRecord, SmokeRecord};
    use crate::model::step::{Outcome, Status};

    fn case(found: Found) -> TestCase {
        Suite::new("app", "smoke serve").check("answers", found)
    }

    #[test]
    fn a_failed_check_fails() {
        let outcome = checked(vec![case(Found::broken("connection refused")), case(Found::Holds)]);
        let gate = judged(judge, &outcome, &[built("sha256:1")]);
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Fail, "1 of 2 checks failed"));
    }

    #[test]
    fn a_run_of_another_image_fails_though_every_check_holds() {
        let run = SmokeRecord { reference: "ghcr.io/o/app@sha256:2".into(), ..SmokeRecord::default() };
        let image = ImageRecord { smoke: vec![run], ..ImageRecord::named("app") };
        let facts = Facts { images: vec![image], ..Facts::of_tests(vec![case(Found::Holds)]) };
        let gate = judged(judge, &Outcome::new(Status::Passed, facts), &[pulled("sha256:1")]);
        assert_eq!((gate.verdict, gate.gap.as_deref()), (Decision::Fail, Some("not one digest")));
    }

    #[test]
    fn an_image_that_was_not_run_is_not_green() {
        let other = ImageRecord::named("worker");
        let gate = judged(judge, &checked(vec![case(Found::Holds)]), &[built("sha256:1"), other]);
        let reason = "nothing of worker was checked";
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Inconclusive, reason));
        let failed = Outcome::because(Status::Failed, "no image to run");
        assert_eq!(judged(judge, &failed, &[]).verdict, Decision::Fail);
    }
}
