//! `test`: unit and integration tests by nextest where it is installed, otherwise by `cargo test`; doctests always.

use crate::console::Look;
use crate::engine::Work;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::command::CommandLine;
use crate::model::step::{Outcome, Resource, Skip, Status, Step};
use crate::pipeline::session::cargo_flags;
use crate::pipeline::{Job, Session, covered};
use crate::settings::Runner;
use crate::tools::programs;

mod by_cargo;
mod by_nextest;
mod commands;
mod coverage;
mod doctests;
mod first;
mod gated;
mod instrumented;
mod names;
mod own_main;
mod rounds;
mod threads;
mod watch;
mod wish;

use instrumented::Instrumented;
use wish::Wish;

/// Runs the tests.
///
/// # Errors
/// When nothing could be run at all.
pub fn run(session: &Session, filters: &[String], look: Look) -> Result<Exit, Failure> {
    crate::pipeline::run::run(session, jobs(session, filters), look)
}

/// The jobs for tests, for doctests, and for what both have covered.
#[must_use]
pub fn jobs<'a>(session: &'a Session, filters: &[String]) -> Vec<Job<'a>> {
    // Some tests alone would show most of the sources as uncovered.
    let wanted = session.settings().coverage.enabled
        && filters.is_empty()
        && session.request.selection.asks_for(covered::ID);
    let measured = wanted.then(|| Instrumented::new(session));
    let mut flags = measured.as_ref().map(Instrumented::flags).unwrap_or_default();
    flags.extend(cargo_flags(&session.settings().cargo));
    let wish = Wish { session, filters: filters.to_vec(), flags, measured };
    vec![suite(&wish), doctest(&wish), report(&wish)]
}

fn suite<'a>(wish: &Wish<'a>) -> Job<'a> {
    let session = wish.session;
    let found = programs::find_cargo_or_plain(&session.supervisor.env, "cargo-nextest").is_some();
    let (commands, work): (Vec<CommandLine>, Work<'a>) = match session.settings().test.runner {
        Runner::Nextest if !found => (Vec::new(), Box::new(|_| nextest_is_missing())),
        Runner::Nextest | Runner::Auto if found => by_nextest::prepare(wish),
        Runner::Nextest | Runner::Auto | Runner::Cargo => by_cargo::prepare(wish),
    };
    let wished = wish.clone();
    let work: Work<'a> = Box::new(move |bench| {
        if let Some(refused) = wished.unprepared() {
            return refused;
        }
        gated::complete(&wished, work(bench))
    });
    job(wish, "suite", "unit and integration tests", commands, None, work)
}

fn doctest<'a>(wish: &Wish<'a>) -> Job<'a> {
    let session = wish.session;
    let excluded = &session.settings().cargo.exclude;
    let mut packages = session.workspace.packages.iter().filter(|package| !excluded.contains(&package.name));
    let skip = if session.settings().test.doctests {
        let nothing = || Skip::NothingToDo("no library that has doctests".to_owned());
        (!packages.any(|package| package.has_doctests)).then(nothing)
    } else {
        Some(Skip::Disabled)
    };
    let (commands, work) = doctests::prepare(wish);
    job(wish, "doctest", "examples in documentation", commands, skip, work)
}

fn report<'a>(wish: &Wish<'a>) -> Job<'a> {
    let skip = match &wish.measured {
        Some(_) => None,
        None if !wish.session.settings().coverage.enabled => Some(Skip::Disabled),
        None if !wish.filters.is_empty() => Some(Skip::Condition("only some tests run".to_owned())),
        None => Some(Skip::NotSelected),
    };
    let (commands, work) = coverage::prepare(wish);
    let Job { step, work } = job(wish, "coverage", "what the tests cover", commands, skip, work);
    let id = covered::ID.to_owned();
    let after = ["test.suite", "test.doctest"].map(ToOwned::to_owned).to_vec();
    Job { step: Step { id, after, ..step }, work }
}

fn job<'a>(
    wish: &Wish<'a>,
    name: &str,
    title: &str,
    commands: Vec<CommandLine>,
    skip: Option<Skip>,
    work: Work<'a>,
) -> Job<'a> {
    let step = Step {
        id: format!("test.{name}"),
        title: title.to_owned(),
        needs: Vec::new(),
        after: Vec::new(),
        resource: Resource::CargoTarget,
        timeout: wish.session.settings().run.timeout.get(),
        commands,
        skip,
    };
    Job { work: step.skip.is_none().then_some(work), step }
}

fn nextest_is_missing() -> Outcome {
    Outcome::because(
        Status::Inconclusive,
        "cargo-nextest is not installed (cargo install cargo-nextest --locked), and the settings ask for it",
    )
}
