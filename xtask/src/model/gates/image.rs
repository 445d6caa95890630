//! The gates on images. What is built is what is pushed, pulled and run: one digest, or the gate of the step that has
//! another one fails, however well the step ended.

pub mod build;
pub mod pull;
pub mod push;
pub mod size;
pub mod smoke;
pub mod structure;

use super::Measured;
use crate::model::gate::{Gate, Measure};
use crate::model::image::{ImageRecord, short_digest};
use crate::model::step::Status;
use crate::model::test::{TestCase, TestKind, TestTotals};

/// What a gate on images looks at.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The step, and what it brought back.
    pub measured: Measured<'a>,
    /// What the steps before it have found out, one record an image.
    pub earlier: &'a [ImageRecord],
}

impl Look<'_> {
    /// What this step has found out.
    fn own(&self) -> &[ImageRecord] {
        &self.measured.outcome.facts.images
    }

    /// What is known once this step is over.
    fn known(&self) -> Vec<ImageRecord> {
        let mut images = self.earlier.to_vec();
        ImageRecord::merge(&mut images, self.own().to_vec());
        images
    }

    /// Images of which this step has another digest than an earlier one: `app: built sha256:1, pulled sha256:2`.
    fn strangers(&self) -> Vec<String> {
        let of_image = |image: &ImageRecord| {
            let earlier = self.earlier.iter().find(|earlier| earlier.name == image.name);
            let first =
                earlier.and_then(|earlier| earlier.claims().next()).or_else(|| image.claims().next())?;
            let other = image.claims().find(|claim| claim.digest != first.digest)?;
            let (known, new) = (short_digest(first.digest), short_digest(other.digest));
            Some(format!("{}: {} {known}, {} {new}", image.name, first.when, other.when))
        };
        self.own().iter().filter_map(of_image).collect()
    }

    /// Images that are known, and of which this does not hold.
    fn without(&self, has: impl Fn(&ImageRecord) -> bool) -> Vec<String> {
        self.known().into_iter().filter(|image| !has(image)).map(|image| image.name).collect()
    }
}

/// Fails a gate where there is more than one digest.
fn one_digest(gate: &Gate, look: &Look<'_>) -> Option<Gate> {
    let strangers = look.strangers();
    let first = strangers.first()?;
    let gate = Gate {
        measured: Measure::Word("another digest".to_owned()),
        reason: format!("it is not the same image: {first}"),
        ..gate.clone()
    };
    let remedy =
        "somebody else may have moved the tag, or something on the way changed it: run it again, by digest";
    Some(gate.worst(strangers).fail("not one digest", remedy))
}

/// Judges a step that hands images on, by how it ended and by what it brought back: `done` is what holds of an image
/// then, and `verb` what was done, such as `pushed`.
fn handed_on(gate: Gate, look: &Look<'_>, verb: &str, done: impl Fn(&ImageRecord) -> bool) -> Gate {
    let measured = look.measured;
    let status = measured.outcome.status;
    let gate = gate
        .measured(Measure::Word(status.word().to_owned()), "passed, one digest")
        .reproduce(measured.command());
    if let Some(gate) = one_digest(&gate, look) {
        return gate;
    }
    let gate = Gate { reason: measured.reason(), ..gate };
    match status {
        Status::Failed => return gate.fail("not passed", "see the step's log"),
        Status::Inconclusive | Status::Cancelled => {
            return gate.inconclusive(unfinished(status));
        }
        Status::Passed | Status::Skipped => {}
    }
    let (known, missing) = (look.known(), look.without(done));
    let count = known.len();
    let reason = match (count, missing.as_slice()) {
        (0, _) => format!("no image was {verb}"),
        (_, [one]) => format!("{one} was not {verb}, and nothing says why"),
        (_, []) => {
            let images = if count == 1 { "the image was".to_owned() } else { format!("{count} images were") };
            return Gate { reason: format!("{images} {verb}"), ..gate };
        }
        (_, more) => format!("{} images were not {verb}, and nothing says why", more.len()),
    };
    Gate { reason, measured: Measure::Nothing, ..gate }.worst(missing).inconclusive("see the step's log")
}

/// Judges assertions about images: one failed is one too many, and none at all tells nothing of an image of which
/// something is `asked`.
fn asserted(gate: Gate, look: &Look<'_>, cases: &[&TestCase], asked: impl Fn(&str) -> bool) -> Gate {
    let measured = look.measured;
    let failed: Vec<&TestCase> = cases.iter().copied().filter(|case| case.outcome.is_bad()).collect();
    let run: usize = cases.iter().map(|case| ran(case)).sum();
    let gate = gate
        .measured(Measure::Share { part: failed.len() as u64, whole: run as u64 }, "0, of at least 1")
        .worst(failed.iter().map(|case| told(case)))
        .reproduce(measured.command());
    if let Some(gate) = one_digest(&gate, look) {
        return gate;
    }
    let seen = |image: &ImageRecord| cases.iter().any(|case| case.package == image.name && ran(case) > 0);
    let unseen = look.without(|image| seen(image) || !asked(&image.name));
    if !failed.is_empty() {
        let reason = format!("{} of {} failed", failed.len(), plural(run));
        let gap = format!("{} too many", failed.len());
        return Gate { reason, ..gate }.fail(gap, "mend the first one; what was seen is in the report");
    }
    let nothing = Gate { measured: Measure::Nothing, ..gate.clone() };
    // None of these failed: what did has a gate of its own.
    let is_told_elsewhere = measured.outcome.facts.tests.iter().any(|case| case.outcome.is_bad());
    match measured.outcome.status {
        Status::Failed if run == 0 || !unseen.is_empty() || !is_told_elsewhere => {
            Gate { reason: measured.reason(), ..nothing }.fail("no result", "see the step's log")
        }
        Status::Inconclusive | Status::Cancelled => {
            Gate { reason: measured.reason(), ..nothing }.inconclusive(unfinished(measured.outcome.status))
        }
        Status::Failed | Status::Passed | Status::Skipped => match unseen.first() {
            None if run == 0 => Gate { reason: "nothing was checked".to_owned(), ..nothing }
                .inconclusive("see the step's log"),
            None => Gate { reason: format!("{} held", plural(run)), ..gate },
            Some(name) => {
                let gate = Gate { reason: format!("nothing of {name} was checked"), ..nothing };
                gate.worst(unseen).inconclusive("see the step's log")
            }
        },
    }
}

/// What to do about a step that did not come to its end; one that was cancelled may not even have a log.
fn unfinished(status: Status) -> &'static str {
    if status == Status::Cancelled {
        "mend what stopped it, then run it again"
    } else {
        "see the step's log, then run it again"
    }
}

/// The name of a check, and why it failed.
fn told(case: &TestCase) -> String {
    let why = case.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
    case.full_name() + &why
}

fn plural(count: usize) -> String {
    crate::kit::text::plural(count, TestKind::Check.noun())
}

fn ran(case: &TestCase) -> usize {
    TestTotals::of(std::slice::from_ref(case), TestKind::Check).run
}

#[cfg(test)]
pub(crate) mod tests;
