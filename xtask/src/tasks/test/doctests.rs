//! Doctests, by `cargo test --doc`: nextest does not run them.

use super::by_cargo::{not_trusted, redacted};
use super::commands::cargo;
use super::watch::{Limits, Watch, limits};
use super::wish::Wish;
use crate::engine::{Bench, Work};
use crate::model::command::{CommandLine, End};
use crate::model::facts::Facts;
use crate::model::gates::failed::conclude;
use crate::model::step::{Outcome, Status};
use crate::model::test::TestKind;
use crate::tools::coverage::objects::objects;
use crate::tools::libtest::targets::Targets;

/// The command and the work.
pub(super) fn prepare<'a>(wish: &Wish<'a>) -> (Vec<CommandLine>, Work<'a>) {
    let command = cargo().args(["test", "--workspace", "--doc", "--no-fail-fast"]);
    let command = wish.measured.iter().fold(command, |line, measured| measured.measuring_doctests(line));
    let command = command
        .args(wish.flags.iter().cloned())
        .args(wish.session.settings().test.args.iter().cloned())
        .arg("--")
        .args(wish.filters.iter().cloned());
    let (wished, line, limits) = (wish.clone(), command.clone(), limits(wish));
    (vec![command], Box::new(move |bench| run(&wished, &line, limits, bench)))
}

fn run(wish: &Wish<'_>, command: &CommandLine, limits: Limits, bench: &Bench<'_>) -> Outcome {
    if let Some(refused) = wish.unprepared() {
        return refused;
    }
    let session = wish.session;
    let mut targets = Targets::new();
    for package in &session.workspace.packages {
        targets.library(package.library.clone().unwrap_or_default(), package.name.clone());
    }
    let (output, reading) = match Watch::run(bench, command, targets, limits) {
        Ok(read) => read,
        Err(error) => return Outcome::because(Status::Failed, error.to_string()).blame_environment(),
    };
    if let Some(measured) = &wish.measured {
        measured.remember(objects(&session.workspace, &output.stdout).libraries);
    }
    let mut reading = reading;
    let excluded = &session.settings().cargo.exclude;
    let mut packages = session.workspace.packages.iter().filter(|package| !excluded.contains(&package.name));
    let expected = packages.any(|package| package.has_doctests);
    if expected && output.end == End::Exited(0) && !output.stdout.contains("Doc-tests ") {
        reading.doubt("cargo announced no doctests, and there are libraries that may have some".to_owned());
    }
    let cases = redacted(session, reading.cases);
    let (status, reason) = conclude(&cases, TestKind::Doctest);
    let facts = Facts { notes: reading.notes.clone(), ..Facts::of_tests(cases) };
    if output.end == End::Cancelled {
        return Outcome::because(Status::Cancelled, "interrupted").with_facts(facts);
    }
    if let Some(errors) = reading.did_not_compile {
        return Outcome::because(Status::Failed, "the library does not compile")
            .with_facts(facts)
            .with_excerpt(errors);
    }
    if reading.doubtful && status == Status::Passed {
        return not_trusted(&reading.notes, facts, &output);
    }
    Outcome { reason, ..Outcome::new(status, facts) }
}
