//! A run against the last good one of the branch that its change is for: what is covered more, which tests fail now, which findings
//! are new. Only what both runs measured is compared; nothing here is judged, gates do that.

mod cases;

pub use cases::TestsChange;

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashSet};

use super::coverage::Share;
use super::finding::{Finding, Fingerprints};
use super::percent::Percent;
use super::record::{RunRecord, StepRecord};
use super::step::Status;

/// What is known of the branch that a change is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// There is nothing to compare with.
    Unknown {
        /// The branch.
        branch: String,
        /// Why, as a sentence without its stop.
        why: String,
    },
    /// Its last good run.
    Known {
        /// The branch.
        branch: String,
        /// The commit of that run, in full.
        commit: String,
        /// The page of that run.
        url: String,
        /// What is different.
        changes: Box<Changes>,
    },
}

impl Base {
    /// Whether the finding at this place of the record is new; none where nobody knows.
    #[must_use]
    pub fn is_new(&self, place: usize) -> Option<bool> {
        match self {
            Self::Unknown { .. } => None,
            Self::Known { changes, .. } => Some(changes.findings.new.contains(&place)),
        }
    }
}

/// What is different from an earlier run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Of covered lines; none when this run measured none.
    pub lines: Option<LinesChange>,
    /// Of tests; none when no kind of tests ran in both.
    pub tests: Option<TestsChange>,
    /// Of findings.
    pub findings: FindingsChange,
    /// Of images with a known size, in the order of this run.
    pub images: Vec<SizeChange>,
    /// How long both took.
    pub duration: Amount,
}

/// A number of this run and of the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// In this run.
    pub now: u64,
    /// In the one before.
    pub before: u64,
}

/// Covered lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinesChange {
    /// In this run.
    pub now: Share,
    /// In the one before, or why that cannot be compared.
    pub before: Result<Share, Incomparable>,
}

/// Why two measurements of coverage cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incomparable {
    /// The run before measured none.
    NotMeasured,
    /// Another backend measured it, which counts otherwise.
    OtherBackend,
}

/// Findings of steps that came to their end in both runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingsChange {
    /// Those that the run before did not have, as places in the record of this run.
    pub new: BTreeSet<usize>,
    /// How many of the run before are no more.
    pub gone: usize,
    /// Steps of this run with findings in either, that did not come to their end in both; in alphabetical order.
    pub not_compared: Vec<String>,
}

/// The size of an image as it is pulled, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizeChange {
    /// Its name in the settings.
    pub name: String,
    /// In this run.
    pub now: u64,
    /// In the one before; none when that knew none.
    pub before: Option<u64>,
}

impl Changes {
    /// What a run came to, against one before.
    #[must_use]
    pub fn between(now: &RunRecord, before: &RunRecord) -> Self {
        Self {
            lines: lines(now, before),
            tests: TestsChange::between(now, before),
            findings: findings(now, before),
            images: images(now, before),
            duration: Amount { now: now.run.duration_ms, before: before.run.duration_ms },
        }
    }
}

impl LinesChange {
    /// Whether the share grew and by how many percentage points, rounded to hundredths; none when it cannot be compared.
    #[must_use]
    pub fn difference(&self) -> Option<(Ordering, Percent)> {
        let [now, before] = [fraction(self.now)?, fraction(self.before.ok()?)?];
        let hundredths = now.abs_diff(before).saturating_add(HUNDREDTH / 2) / HUNDREDTH;
        Some((now.cmp(&before), Percent::from_thousandths(hundredths.saturating_mul(10))))
    }
}

/// The whole of a share, so fine that two different ones of less than a million lines differ.
const WHOLE: u128 = 10_u128.pow(13);

/// A hundredth of a percentage point of it.
const HUNDREDTH: u64 = 10_u64.pow(9);

/// A share in parts of [`WHOLE`]; none of nothing.
fn fraction(share: Share) -> Option<u64> {
    let part = u128::from(share.covered.min(share.total)) * WHOLE;
    part.checked_div(u128::from(share.total)).and_then(|part| u64::try_from(part).ok())
}

fn lines(now: &RunRecord, before: &RunRecord) -> Option<LinesChange> {
    let measured = |record: &RunRecord| {
        let coverage = record.coverage.as_ref()?;
        let lines = coverage.totals.lines;
        (lines.total > 0).then(|| (lines, coverage.backend.name.clone()))
    };
    let (now, backend) = measured(now)?;
    let before = match measured(before) {
        None => Err(Incomparable::NotMeasured),
        Some((_, other)) if other != backend => Err(Incomparable::OtherBackend),
        Some((lines, _)) => Ok(lines),
    };
    Some(LinesChange { now, before })
}

fn findings(now: &RunRecord, before: &RunRecord) -> FindingsChange {
    let (ended_now, ended_before) = (ended(now), ended(before));
    let is_compared = |finding: &Finding| {
        let step = finding.step.as_str();
        ended_now.contains(step) && ended_before.contains(step)
    };
    let (of_now, of_before) = (fingerprints(now), fingerprints(before));
    let known: HashSet<&String> = of_before.iter().collect();
    let there: HashSet<&String> = of_now.iter().collect();
    let new = now.findings.iter().zip(&of_now).enumerate();
    let new = new.filter(|(_, (finding, print))| is_compared(finding) && !known.contains(print));
    let gone = before.findings.iter().zip(&of_before);
    let gone = gone.filter(|(finding, print)| is_compared(finding) && !there.contains(print));
    // The run before names none: its steps may be called anything.
    let steps: HashSet<&str> = now.steps.iter().map(|step| step.id.as_str()).collect();
    let both = now.findings.iter().chain(&before.findings);
    let both = both.filter(|finding| steps.contains(finding.step.as_str()));
    let not_compared: BTreeSet<&String> =
        both.filter(|finding| !is_compared(finding)).map(|finding| &finding.step).collect();
    FindingsChange {
        new: new.map(|(place, _)| place).collect(),
        gone: gone.count(),
        not_compared: not_compared.into_iter().cloned().collect(),
    }
}

/// In the order of the findings.
fn fingerprints(record: &RunRecord) -> Vec<String> {
    let mut fingerprints = Fingerprints::default();
    record.findings.iter().map(|finding| fingerprints.next(finding)).collect()
}

/// The steps that looked at everything: what did not run again has no findings to tell.
fn ended(record: &RunRecord) -> HashSet<&str> {
    let has_ended =
        |step: &&StepRecord| !step.cached && matches!(step.status, Status::Passed | Status::Failed);
    record.steps.iter().filter(has_ended).map(|step| step.id.as_str()).collect()
}

fn images(now: &RunRecord, before: &RunRecord) -> Vec<SizeChange> {
    let size = |record: &RunRecord, name: &str| {
        let image = record.images.iter().find(|image| image.name == name)?;
        image.contents.as_ref().map(|contents| contents.size)
    };
    let sized = now.images.iter().filter_map(|image| Some((&image.name, image.contents.as_ref()?.size)));
    sized.map(|(name, now)| SizeChange { name: name.clone(), now, before: size(before, name) }).collect()
}

#[cfg(test)]
mod tests;
