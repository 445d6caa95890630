//! Test targets with a `main` of their own (`harness = false`). Nextest runs those that list their tests as libtest
//! does, and sees nothing in the others; a target that nobody ran must not look like one that passed, so cargo
//! runs it.

use super::by_cargo::{self, redacted};
use super::commands::Commands;
use super::watch::Watch;
use super::wish::Wish;
use crate::engine::Bench;
use crate::model::command::End;
use crate::model::gates::failed::conclude;
use crate::model::step::{Outcome, Status};
use crate::model::test::TestKind;
use crate::model::workspace::Package;
use crate::settings::Runner;
use crate::tools::libtest::targets::Targets;

/// Adds what nextest did not see. With name filters nothing is missing: a whole `main` has no name to match.
pub(super) fn complete(wish: &Wish<'_>, mut outcome: Outcome, bench: &Bench<'_>) -> Outcome {
    let excluded = &wish.session.settings().cargo.exclude;
    let packages = wish.session.workspace.packages.iter().filter(|package| !excluded.contains(&package.name));
    let own: Vec<(&Package, &String)> =
        packages.flat_map(|package| package.own_mains.iter().map(move |name| (package, name))).collect();
    if own.is_empty() {
        return outcome;
    }
    if outcome.status == Status::Inconclusive && wish.session.settings().test.runner == Runner::Auto {
        let (_, by_cargo) = by_cargo::prepare(wish);
        let mut outcome = by_cargo(bench);
        let note =
            "nextest could not list the tests, as a test target has a `main` of its own; cargo ran all";
        outcome.facts.notes.push(note.to_owned());
        return outcome;
    }
    if !wish.filters.is_empty() || !matches!(outcome.status, Status::Passed | Status::Failed) {
        return outcome;
    }
    let commands = Commands::new(wish);
    for (package, target) in own {
        let binary = format!("{}::{target}", package.name);
        if outcome.facts.tests.iter().any(|case| case.binary == binary) {
            continue;
        }
        let select = ["--package", &package.name, "--test", target].map(ToOwned::to_owned);
        let command = commands.run(&select, &[]);
        let (output, reading) = match Watch::run(bench, &command, Targets::own_mains(), commands.limits) {
            Ok(run) => run,
            Err(error) => {
                return Outcome::because(Status::Inconclusive, error.to_string()).blame_environment();
            }
        };
        if output.end == End::Cancelled {
            return Outcome::because(Status::Cancelled, "interrupted").with_facts(outcome.facts);
        }
        if reading.cases.is_empty() {
            let reason = format!("nothing is known of {binary}, which has a `main` of its own");
            return Outcome::because(Status::Inconclusive, reason)
                .with_facts(outcome.facts)
                .with_excerpt(output.tail(20));
        }
        let mut cases = redacted(wish.session, reading.cases);
        for case in &mut cases {
            (case.package, case.binary) = (package.name.clone(), binary.clone());
        }
        outcome.facts.tests.extend(cases);
        outcome.facts.notes.push(format!("{binary} ran by `cargo test`, as nextest saw no test in it"));
    }
    let (status, reason) = conclude(&outcome.facts.tests, TestKind::Test);
    if outcome.status == Status::Passed { Outcome { status, reason, ..outcome } } else { outcome }
}
