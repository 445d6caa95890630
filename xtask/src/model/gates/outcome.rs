//! The gate of a step that a repository brings itself: it ended well.

use crate::model::gate::{Gate, Measure};
use crate::model::gates::Measured;
use crate::model::step::Status;

/// Judges a step by how it ended.
#[must_use]
pub fn judge(measured: Measured<'_>) -> Gate {
    let status = measured.outcome.status;
    let gate = Gate::pass(&measured.step.id, measured.mode, "how the step ended", measured.reason())
        .measured(Measure::Word(status.word().to_owned()), "passed")
        .reproduce(measured.command());
    match status {
        Status::Passed | Status::Skipped => gate,
        Status::Failed => gate.fail("not passed", "see the step's log"),
        Status::Inconclusive | Status::Cancelled => {
            gate.inconclusive("see the step's log, then run it again")
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::facts::Facts;
    use crate::model::gate::{Decision, Mode};
    use crate::model::step::{Outcome, Resource, Step};

    pub(crate) fn step(id: &str) -> Step {
        Step {
            id: id.to_owned(),
            title: id.to_owned(),
            needs: Vec::new(),
            after: Vec::new(),
            resource: Resource::Shared,
            timeout: Duration::from_secs(1),
            commands: Vec::new(),
            skip: None,
        }
    }

    #[test]
    fn only_a_good_end_passes() {
        let step = step("step.audit");
        let judged = |status| {
            let outcome = Outcome::new(status, Facts::default());
            judge(Measured { step: &step, outcome: &outcome, mode: Mode::Block }).verdict
        };
        assert_eq!(judged(Status::Passed), Decision::Pass);
        assert_eq!(judged(Status::Failed), Decision::Fail);
        assert_eq!(judged(Status::Cancelled), Decision::Inconclusive);
    }
}
