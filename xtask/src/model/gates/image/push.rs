//! The gate on pushing: the registry has every image, and says that it has the digest that was built.

use super::{Look, handed_on};
use crate::model::gate::Gate;

/// Judges the step that pushes.
#[must_use]
pub fn judge(look: Look<'_>) -> Gate {
    let gate = Gate::pass("image.push", look.measured.mode, "how the images were pushed", "");
    handed_on(gate, &look, "pushed", |image| {
        image.pushed.as_ref().is_some_and(|pushed| !pushed.digest.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gate::{Decision, Measure};
    use crate::model::gates::image::tests::{built, ended, judged, pushed};

    #[test]
    fn what_was_built_was_pushed() {
        let gate = judged(judge, &ended(vec![pushed("sha256:1")]), &[built("sha256:1")]);
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "the image was pushed"));
    }

    #[test]
    fn another_digest_fails_though_the_step_passed() {
        let gate = judged(judge, &ended(vec![pushed("sha256:2")]), &[built("sha256:1")]);
        assert_eq!((gate.verdict, gate.measured), (Decision::Fail, Measure::Word("another digest".into())));
        assert_eq!(gate.reason, "it is not the same image: app: built sha256:1, pushed sha256:2");
    }

    #[test]
    fn an_image_that_was_left_behind_is_not_green() {
        let gate = judged(judge, &ended(Vec::new()), &[built("sha256:1")]);
        let reason = "app was not pushed, and nothing says why";
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Inconclusive, reason));
    }

    #[test]
    fn a_registry_that_says_nothing_is_not_green() {
        let gate = judged(judge, &ended(vec![pushed("")]), &[built("sha256:1")]);
        assert_eq!(gate.verdict, Decision::Inconclusive);
    }
}
