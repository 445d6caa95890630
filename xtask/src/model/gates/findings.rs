//! A linter's gate: no finding at or above the level that counts.

use crate::kit::text::plural;
use crate::model::finding::Level;
use crate::model::gate::{Gate, Measure};
use crate::model::gates::Measured;
use crate::model::step::Status;

/// Judges a linter. A linter that did not come to an end, or whose words cannot be read, is inconclusive.
#[must_use]
pub fn judge(measured: Measured<'_>, counts_from: Level) -> Gate {
    let findings = &measured.outcome.facts.findings;
    let counted: Vec<_> = findings.iter().filter(|finding| finding.level >= counts_from).collect();
    let required = format!("0 of level {} or above", counts_from.word());
    let gate = Gate::pass(&measured.step.id, measured.mode, "findings", "")
        .measured(Measure::Count(counted.len() as u64), required)
        .worst(counted.iter().map(|finding| format!("{} {}", finding.place(), finding.rule)))
        .reproduce(measured.command());
    let broken = matches!(measured.outcome.status, Status::Inconclusive | Status::Cancelled);
    if broken && counted.is_empty() {
        let mut gate = gate.inconclusive("see the step's log, mend the tool or switch it off in [lint]");
        gate.measured = Measure::Nothing;
        gate.reason = measured.reason();
        return gate;
    }
    let reason =
        if counted.is_empty() { "no finding counts".to_owned() } else { plural(counted.len(), "finding") };
    let gate = Gate { reason, ..gate };
    if counted.is_empty() {
        return gate;
    }
    gate.fail(
        format!("{} too many", counted.len()),
        "mend them, or say at the place why it is right as it is",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::Facts;
    use crate::model::finding::Finding;
    use crate::model::gate::{Decision, Mode};
    use crate::model::gates::outcome::tests::step;
    use crate::model::step::Outcome;

    fn judged(outcome: &Outcome) -> Gate {
        judge(Measured { step: &step("lint.clippy"), outcome, mode: Mode::Block }, Level::Warning)
    }

    #[test]
    fn a_warning_fails_and_a_note_does_not() {
        let note = Finding::new("lint.clippy", "r", Level::Note, "m");
        let warning = Finding::new("lint.clippy", "r", Level::Warning, "m");
        let facts = |finding: &Finding| Facts::of_findings(vec![finding.clone()]);
        assert_eq!(judged(&Outcome::new(Status::Passed, facts(&note))).verdict, Decision::Pass);
        let gate = judged(&Outcome::new(Status::Failed, facts(&warning)));
        assert_eq!((gate.verdict, gate.measured), (Decision::Fail, Measure::Count(1)));
    }

    #[test]
    fn a_linter_that_could_not_be_read_is_never_green() {
        let gate = judged(&Outcome::because(Status::Inconclusive, "it printed no JSON"));
        assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Inconclusive, "it printed no JSON"));
    }
}
