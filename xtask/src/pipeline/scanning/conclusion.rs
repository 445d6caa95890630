//! What a scan comes to: pure, from what was seen and what went wrong to facts and a status.

use std::collections::BTreeSet;

use crate::kit::text::plural;
use crate::model::command::CommandOutput;
use crate::model::day::Day;
use crate::model::facts::Facts;
use crate::model::finding::{Finding, tidy};
use crate::model::image::{ImageRecord, ScanRecord};
use crate::model::scan::Tolerance;
use crate::model::step::{Outcome, Status};
use crate::model::waiver::{Complete, Waiver, apply};
use crate::tools::scanner::Seen;

/// Lines of output that explain a problem.
const EXCERPT: usize = 20;

/// By what findings are judged.
pub(super) struct Rules<'a> {
    pub(super) tolerance: Tolerance,
    pub(super) waivers: &'a [Waiver],
    pub(super) today: Day,
    pub(super) settings_file: &'a str,
}

/// What was looked at; images by their place in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Image(usize),
    Bill(usize),
    Lock,
    Sources,
}

/// Why nothing can be said, or not everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    reason: String,
    remedy: Option<&'static str>,
    of_machine: bool,
}

impl Problem {
    pub(super) fn inconclusive(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: None, of_machine: false }
    }

    /// The machine lacks something.
    pub(super) fn of_machine(reason: impl Into<String>) -> Self {
        Self { of_machine: true, ..Self::inconclusive(reason) }
    }

    #[must_use]
    pub(super) fn with_remedy(self, remedy: Option<&'static str>) -> Self {
        Self { remedy, ..self }
    }
}

struct Sight {
    subject: Subject,
    target: String,
    packages: u64,
    kinds: BTreeSet<String>,
}

/// What is known so far.
#[derive(Default)]
pub(super) struct Conclusion {
    images: Vec<String>,
    pub(super) scanner: String,
    pub(super) database: Option<String>,
    pub(super) notes: Vec<String>,
    pub(super) problems: Vec<Problem>,
    pub(super) artifacts: Vec<String>,
    sights: Vec<Sight>,
    findings: Vec<Finding>,
    excerpt: String,
}

impl Conclusion {
    pub(super) fn new(images: Vec<String>) -> Self {
        Self { images, ..Self::default() }
    }

    /// One look went well.
    pub(super) fn saw(&mut self, subject: Subject, target: String, seen: Seen) {
        self.findings.extend(seen.findings);
        self.notes.extend(seen.notes);
        self.sights.push(Sight { subject, target, packages: seen.packages, kinds: seen.kinds });
    }

    /// One look went wrong, with this output.
    pub(super) fn problem(&mut self, problem: Problem, output: &CommandOutput) {
        if self.excerpt.is_empty() {
            self.excerpt = output.tail(EXCERPT);
        }
        self.problems.push(problem);
    }

    /// Facts and status. Findings count also when something else went wrong.
    pub(super) fn outcome(mut self, rules: &Rules<'_>) -> Outcome {
        self.judge_sight();
        let mut findings = self.findings;
        let complete = if self.problems.is_empty() { Complete::Yes } else { Complete::No };
        let applied = apply(rules.waivers, &mut findings, rules.today, complete, rules.settings_file);
        let findings = tidy(findings);
        let counted = findings.iter().filter(|finding| rules.tolerance.counts(finding)).count();
        let images = self.images.iter().enumerate().map(|(number, name)| {
            let of_image = |sight: &&Sight| match sight.subject {
                Subject::Image(image) | Subject::Bill(image) => image == number,
                Subject::Lock | Subject::Sources => true,
            };
            let sights: Vec<&Sight> = self.sights.iter().filter(of_image).collect();
            let scan = ScanRecord {
                scanner: self.scanner.clone(),
                targets: sights.iter().map(|sight| sight.target.clone()).collect(),
                packages: packages(&sights),
                database: self.database.clone(),
                waived: applied.waived.clone(),
            };
            ImageRecord { scan: Some(scan), ..ImageRecord::named(name) }
        });
        let mut notes = self.notes;
        notes.extend(applied.notes);
        // One cause often keeps several looks from telling anything.
        let remedies: BTreeSet<&str> = self.problems.iter().filter_map(|problem| problem.remedy).collect();
        notes.extend(remedies.into_iter().map(ToOwned::to_owned));
        let facts = Facts {
            images: images.collect(),
            findings,
            notes,
            artifacts: self.artifacts,
            ..Facts::default()
        };
        let outcome = match (counted, self.problems.as_slice()) {
            (0, []) => Outcome::new(Status::Passed, Facts::default()),
            (0, [first, rest @ ..]) => {
                let more = match rest.len() {
                    0 => String::new(),
                    more => format!(" (and {more} more)"),
                };
                let outcome = Outcome::because(Status::Inconclusive, format!("{}{more}", first.reason));
                if self.problems.iter().all(|problem| problem.of_machine) {
                    outcome.blame_environment()
                } else {
                    outcome
                }
            }
            (counted, _) => Outcome::because(Status::Failed, plural(counted, "finding")),
        };
        outcome.with_facts(facts).with_excerpt(self.excerpt)
    }

    /// Nothing seen tells nothing. A program alone has no list of packages; then its bill of materials has.
    fn judge_sight(&mut self) {
        // Whoever could not look has said why; that nothing was seen follows from it.
        let is_explained = !self.problems.is_empty();
        for (number, name) in self.images.iter().enumerate() {
            let of = |subject| self.sights.iter().find(|sight| sight.subject == subject);
            let (image, bill) = (of(Subject::Image(number)), of(Subject::Bill(number)));
            let (in_image, in_bill) =
                (image.map_or(0, |sight| sight.packages), bill.map_or(0, |sight| sight.packages));
            let knows_crates = image.is_some_and(|sight| sight.kinds.contains("rustbinary"));
            let lock_alone = image.is_none() && bill.is_none() && of(Subject::Lock).is_some();
            match (in_image, in_bill) {
                (0, 0) if lock_alone => {}
                (0, 0) if is_explained && image.is_none() && bill.is_none() => {}
                (0, 0) => self.problems.push(Problem::inconclusive(format!(
                    "nothing was seen in the image {name}: it lists no package, and there is no bill of materials that does"
                ))),
                (0, _) if image.is_some() => self.notes.push(format!(
                    "the image {name} lists no package: its bill of materials was scanned instead"
                )),
                (_, 1..) if !knows_crates && image.is_some() => self.notes.push(format!(
                    "the program of the image {name} does not list its crates (`cargo auditable` would let it): they come from its bill of materials"
                )),
                _ => {}
            }
        }
        let lock = self.sights.iter().find(|sight| sight.subject == Subject::Lock);
        if lock.is_some_and(|sight| sight.packages == 0) {
            self.problems
                .push(Problem::inconclusive("nothing was seen in the lock file: it lists no package"));
        }
        if self.sights.is_empty() && self.problems.is_empty() {
            self.problems
                .push(Problem::inconclusive("there was nothing to look at: no image and no Cargo.lock"));
        }
    }
}

/// What was seen of an image: in it and in its bill, of which the larger counts, as they overlap; or else in the lock file.
fn packages(sights: &[&Sight]) -> u64 {
    let of_image = |sight: &&&Sight| matches!(sight.subject, Subject::Image(_) | Subject::Bill(_));
    let most = |sights: &mut dyn Iterator<Item = &&Sight>| sights.map(|sight| sight.packages).max();
    most(&mut sights.iter().filter(of_image)).or_else(|| most(&mut sights.iter())).unwrap_or_default()
}

#[cfg(test)]
mod tests;
