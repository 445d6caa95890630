//! Test targets behind a feature that is off: cargo leaves them out without a word, and we name and count them.

use super::wish::Wish;
use crate::kit::text::plural;
use crate::model::step::{Outcome, Status};
use crate::model::test::{TestCase, TestKind, TestOutcome};

/// Adds each of them as a skipped test.
pub(super) fn complete(wish: &Wish<'_>, mut outcome: Outcome) -> Outcome {
    let cargo = &wish.session.settings().cargo;
    if cargo.all_features || !matches!(outcome.status, Status::Passed | Status::Failed) {
        return outcome;
    }
    let before = outcome.facts.tests.len();
    for package in
        wish.session.workspace.packages.iter().filter(|package| !cargo.exclude.contains(&package.name))
    {
        let enabled = package.features_enabled(&cargo.features, !cargo.no_default_features);
        for gated in &package.gated {
            let missing: Vec<&str> = gated
                .features
                .iter()
                .map(String::as_str)
                .filter(|feature| !enabled.contains(*feature))
                .collect();
            if !missing.is_empty() {
                let needs = format!("needs the feature {} (cargo.features)", missing.join(", "));
                outcome.facts.tests.push(skipped(&package.name, &gated.target, needs));
            }
        }
    }
    let left_out = outcome.facts.tests.len() - before;
    if left_out > 0 {
        let note = format!("{} left out, as a feature is off", plural(left_out, "test target"));
        outcome.facts.notes.push(note);
    }
    outcome
}

fn skipped(package: &str, target: &str, needs: String) -> TestCase {
    TestCase {
        name: target.to_owned(),
        package: package.to_owned(),
        binary: format!("{package}::{target}"),
        kind: TestKind::Test,
        outcome: TestOutcome::Skipped,
        duration_ms: None,
        message: Some(needs),
        output: String::new(),
        earlier: Vec::new(),
    }
}
