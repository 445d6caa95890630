//! The gate on what is in images: every assertion about it was looked at and holds.

use super::{Look, asserted, told};
use crate::kit::text::plural;
use crate::model::checks::{Suite, structure};
use crate::model::gate::{Decision, Gate};
use crate::model::test::{TestCase, TestOutcome};

/// Judges the assertions about the structure. `asked` tells of which images something is required, by name; where
/// nothing is required of any, there is no gate.
#[must_use]
pub fn judge(look: Look<'_>, asked: impl Fn(&str) -> bool) -> Option<Gate> {
    let of_structure = |case: &&TestCase| case.binary == Suite::new(&case.package, structure::KIND).name();
    let cases: Vec<&TestCase> = look.measured.outcome.facts.tests.iter().filter(of_structure).collect();
    let images = look.known();
    if cases.is_empty() && !images.is_empty() && !images.iter().any(|image| asked(&image.name)) {
        return None;
    }
    let gate = Gate::pass("image.structure", look.measured.mode, "failed checks", "");
    let gate = asserted(gate, &look, &cases, asked);
    let unseen = cases.iter().filter(|case| case.outcome == TestOutcome::Skipped);
    let unseen: Vec<String> = unseen.map(|case| told(case)).collect();
    if gate.verdict != Decision::Pass || unseen.is_empty() {
        return Some(gate);
    }
    let reason = format!("{} could not be looked at", plural(unseen.len(), "check"));
    Some(Gate { reason, ..gate }.worst(unseen).inconclusive("mend what kept them from being looked at"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::checks::Found;
    use crate::model::gate::Measure;
    use crate::model::gates::image::tests::{built, checked, judged};
    use crate::model::image::ImageRecord;
    use crate::model::step::{Outcome, Status};

    fn required(look: Look<'_>) -> Gate {
        judge(look, |_| true).unwrap()
    }

    fn case(kind: &'static str, found: Found) -> TestCase {
        Suite::new("app", kind).check("has no shell", found)
    }

    #[test]
    fn a_failed_check_fails() {
        let outcome = checked(vec![
            case("structure", Found::Holds),
            case("structure", Found::broken("1 shell: /bin/sh")),
        ]);
        let gate = judged(required, &outcome, &[built("sha256:1")]);
        assert_eq!((gate.verdict, gate.measured), (Decision::Fail, Measure::Share { part: 1, whole: 2 }));
        assert_eq!(gate.worst, ["image app structure has no shell: 1 shell: /bin/sh"]);
    }

    #[test]
    fn checks_that_hold_pass_and_those_of_size_are_not_counted() {
        let outcome =
            checked(vec![case("structure", Found::Holds), case("size", Found::broken("too large"))]);
        let gate = judged(required, &outcome, &[built("sha256:1")]);
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "1 check held"));
    }

    #[test]
    fn a_step_that_failed_for_another_reason_leaves_what_held() {
        let cases = || vec![case("structure", Found::Holds), case("size", Found::broken("too large"))];
        let failed = |cases| Outcome {
            status: Status::Failed,
            reason: Some("1 of 3 checks failed".to_owned()),
            ..checked(cases)
        };
        let gate = judged(required, &failed(cases()), &[built("sha256:1")]);
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "1 check held"));
        let gate = judged(required, &failed(Vec::new()), &[built("sha256:1")]);
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Fail, "1 of 3 checks failed"));
        let untold = failed(vec![case("structure", Found::Holds)]);
        assert_eq!(
            judged(required, &untold, &[built("sha256:1")]).verdict,
            Decision::Fail,
            "nothing says why"
        );
        let images = [built("sha256:1"), ImageRecord::named("worker")];
        let gate = judged(required, &failed(cases()), &images);
        assert_eq!(gate.verdict, Decision::Fail, "nothing of the other image was checked");
    }

    #[test]
    fn what_nobody_looked_at_is_not_green() {
        let unseen = case("structure", Found::NotLookedAt("nobody looked into its layers".into()));
        let gate =
            judged(required, &checked(vec![case("structure", Found::Holds), unseen]), &[built("sha256:1")]);
        let reason = "1 check could not be looked at";
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Inconclusive, reason));
        let gate = judged(required, &checked(Vec::new()), &[built("sha256:1")]);
        let reason = "nothing of app was checked";
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Inconclusive, reason));
        assert_eq!(judged(required, &checked(Vec::new()), &[]).verdict, Decision::Inconclusive);
    }

    #[test]
    fn an_image_of_which_nothing_is_required_needs_no_check() {
        let images = [built("sha256:1"), ImageRecord::named("worker")];
        let gate = |cases, asked: fn(&str) -> bool| {
            let mut gate = None;
            judged(
                |look| {
                    gate = judge(look, asked);
                    Gate::pass("", look.measured.mode, "", "")
                },
                &checked(cases),
                &images,
            );
            gate.map(|gate| gate.verdict)
        };
        assert_eq!(gate(Vec::new(), |_| false), None);
        let holds = || vec![case("structure", Found::Holds)];
        assert_eq!(gate(holds(), |name| name == "app"), Some(Decision::Pass));
        assert_eq!(gate(holds(), |_| true), Some(Decision::Inconclusive), "nobody looked into the other one");
    }
}
