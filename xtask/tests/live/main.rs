//! Tests against a real container engine. Where none answers each is reported as ignored, with the reason; with
//! `CI=true` each fails, so that a pipeline never believes in what it did not run.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "these are tests, which the compiler cannot know: they bring their own harness"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use xtask::tools::docker::{Engine, NoEngine};

mod builds;
mod containers;
/// The GitHub of the tests of the client, and what runs there know of this machine.
#[path = "../github"]
#[expect(dead_code, unused_imports, reason = "it knows more than is asked of it here")]
mod github {
    pub(crate) mod environment;
    pub(crate) mod fake;
    pub(crate) mod openapi;
}
mod images;
mod peer;
mod pipeline;
mod reaping;
mod registries;
mod smoke;
mod support;

use github::{fake, openapi};
use support::Test;

/// Tests, and the programs that they need beside an engine.
type Group = (&'static [(&'static str, Test)], &'static [&'static str]);

const GROUPS: &[Group] = &[
    (builds::TESTS, &[]),
    (containers::TESTS, &[]),
    (images::TESTS, &[]),
    (pipeline::TESTS, pipeline::PROGRAMS),
    (reaping::TESTS, &[]),
    (registries::TESTS, peer::PROGRAMS),
    (smoke::TESTS, &[]),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let of = |(tests, programs): &Group| {
        let programs = *programs;
        tests.iter().map(move |(name, test)| {
            let test = *test;
            Trial::ignorable_test(*name, move || run(test, programs))
        })
    };
    let trials = GROUPS.iter().flat_map(of).collect();
    let before = pipeline::Things::of_engine();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let Some(left) = before.and_then(|before| before.left()) {
        eprintln!("error: the tests have left behind in the engine:\n{left}");
        return ExitCode::FAILURE;
    }
    conclusion.exit_code()
}

fn run(test: Test, programs: &[&str]) -> Result<Completion, Failed> {
    let env: BTreeMap<String, String> = std::env::vars().collect();
    let is_ci = env.get("CI").is_some_and(|value| value == "true");
    let missing = programs.iter().find(|program| support::on_path(program).is_none());
    match (Engine::find(&env), missing) {
        (Err(none), _) => without_engine(&none, is_ci),
        (_, Some(missing)) if is_ci => Err(Failed::from(format!("{missing} is not installed"))),
        (_, Some(missing)) => Ok(Completion::ignored_with(format!("{missing} is not installed"))),
        (Ok(engine), None) => {
            test(&engine);
            Ok(Completion::Completed)
        }
    }
}

fn without_engine(none: &NoEngine, is_ci: bool) -> Result<Completion, Failed> {
    if is_ci {
        return Err(Failed::from(format!("{none}\n\nhint: {}", none.hint())));
    }
    let why: Vec<String> = none.tried.iter().map(|(place, why)| format!("{place}: {why}")).collect();
    Ok(Completion::ignored_with(format!("no container engine answers ({})", why.join("; "))))
}
