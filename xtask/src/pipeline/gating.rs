//! From finished steps to gates: which gate judges which step, in which mode.

mod coverage;
mod image;

use crate::engine::Finished;
use crate::model::gate::{Gate, Mode};
use crate::model::gates::{Measured, failed, findings, flaky, outcome};
use crate::model::step::Status;
use crate::model::verdict::Ending;
use crate::settings::Settings;
use coverage::Alone;

/// Judges all steps that were meant to run. A skipped step has no gate; it is named and counted among the steps.
#[must_use]
pub fn judge(finished: &[Finished], settings: &Settings) -> Vec<Gate> {
    let ran = |step: &&Finished| step.outcome.status != Status::Skipped;
    let mut gates = Vec::new();
    for step in finished.iter().filter(ran) {
        let measured = |mode| Measured { step: &step.step, outcome: &step.outcome, mode };
        match step.step.group() {
            "lint" => {
                let own = settings.lint.linter(step.step.name()).map_or(Mode::Block, |linter| linter.mode);
                gates.push(findings::judge(measured(settings.lint.mode.and(own)), settings.lint.level));
            }
            "step" => {
                let own = settings.steps.iter().find(|custom| custom.name.as_str() == step.step.name());
                gates.push(outcome::judge(measured(own.map_or(Mode::Block, |custom| custom.mode))));
            }
            _ => {}
        }
    }
    let suites: Vec<Measured<'_>> = finished
        .iter()
        .filter(ran)
        .filter(|step| ["test", "coverage"].contains(&step.step.group()))
        .map(|step| Measured { step: &step.step, outcome: &step.outcome, mode: settings.test.mode })
        .collect();
    let (coverage, suites): (Vec<_>, Vec<_>) =
        suites.into_iter().partition(|suite| suite.step.group() == "coverage");
    gates.extend(failed::judge(&suites));
    let flaky_mode = settings.test.mode.and(settings.test.flaky.mode);
    let suite = suites.first().map(|suite| Measured { mode: flaky_mode, ..*suite });
    gates.extend(suite.and_then(|suite| flaky::judge(suite, settings.test.flaky.max.into())));
    let alone = if suites.is_empty() { Alone::Yes } else { Alone::No };
    gates.extend(coverage::judge(&coverage, alone, settings));
    gates.extend(image::judge(
        finished.iter().filter(ran).filter(|step| step.step.group() == "image"),
        settings,
    ));
    gates
}

/// What ended the run before its time, if anything did.
#[must_use]
pub fn ending(finished: &[Finished], interrupted: Interrupted) -> Ending {
    if interrupted == Interrupted::Yes {
        return Ending::Interrupted;
    }
    let faults: Vec<String> = finished
        .iter()
        .filter(|step| step.outcome.environment)
        .map(|step| {
            let note = step.outcome.facts.notes.last();
            let why = step.outcome.reason.as_ref().or(note).map_or("the machine failed", String::as_str);
            format!("{}: {why}", step.step.id)
        })
        .collect();
    if faults.is_empty() { Ending::Complete } else { Ending::Environment(faults) }
}

/// Whether somebody wanted the run to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interrupted {
    /// Somebody did.
    Yes,
    /// Nobody did.
    No,
}
