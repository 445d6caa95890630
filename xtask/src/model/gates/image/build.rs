//! The gate on building: every image came out, with a digest or an id.

use super::{Look, handed_on};
use crate::model::gate::Gate;

/// Judges the step that builds.
#[must_use]
pub fn judge(look: Look<'_>) -> Gate {
    let gate = Gate::pass("image.build", look.measured.mode, "how the images were built", "");
    handed_on(gate, &look, "built", |image| image.digest.is_some() || image.id.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gate::Decision;
    use crate::model::gates::image::tests::{built, ended, judged};
    use crate::model::image::ImageRecord;
    use crate::model::step::{Outcome, Status};

    #[test]
    fn an_image_with_a_digest_or_an_id_was_built() {
        let by_engine = ImageRecord { id: Some("sha256:9".into()), ..ImageRecord::named("app") };
        for image in [built("sha256:1"), by_engine] {
            let gate = judged(judge, &ended(vec![image]), &[]);
            assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "the image was built"));
        }
    }

    #[test]
    fn a_step_that_failed_fails_with_its_reason() {
        let gate =
            judged(judge, &Outcome::because(Status::Failed, "line 7 of the Dockerfile: RUN failed"), &[]);
        assert_eq!(
            (gate.verdict, gate.reason.as_str()),
            (Decision::Fail, "line 7 of the Dockerfile: RUN failed")
        );
    }

    #[test]
    fn nothing_built_is_never_green() {
        assert_eq!(judged(judge, &ended(Vec::new()), &[]).verdict, Decision::Inconclusive);
        let gate = judged(judge, &ended(vec![ImageRecord::named("app")]), &[]);
        let reason = "app was not built, and nothing says why";
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Inconclusive, reason));
        let stopped = Outcome::because(Status::Cancelled, "interrupted");
        let gate = judged(judge, &stopped, &[]);
        let remedy = "mend what stopped it, then run it again";
        assert_eq!((gate.verdict, gate.remedy.as_deref()), (Decision::Inconclusive, Some(remedy)));
    }
}
