//! The gate on pulling: what comes back from the registry is what was built and pushed.

use super::{Look, handed_on};
use crate::model::gate::Gate;

/// Judges the step that pulls.
#[must_use]
pub fn judge(look: Look<'_>) -> Gate {
    let gate = Gate::pass("image.pull", look.measured.mode, "how the images came back", "");
    handed_on(gate, &look, "pulled", |image| {
        image.pulled.as_ref().is_some_and(|pulled| !pulled.digest.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gate::Decision;
    use crate::model::gates::image::tests::{ended, judged, pulled, pushed};

    #[test]
    fn what_was_pushed_came_back() {
        let gate = judged(judge, &ended(vec![pulled("sha256:1")]), &[pushed("sha256:1")]);
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "the image was pulled"));
    }

    #[test]
    fn another_image_that_came_back_fails() {
        let gate = judged(judge, &ended(vec![pulled("sha256:2")]), &[pushed("sha256:1")]);
        assert_eq!(gate.worst, ["app: pushed sha256:1, pulled sha256:2"]);
        assert_eq!(gate.verdict, Decision::Fail);
    }

    #[test]
    fn an_image_that_did_not_come_back_is_not_green() {
        assert_eq!(judged(judge, &ended(Vec::new()), &[pushed("sha256:1")]).verdict, Decision::Inconclusive);
    }
}
