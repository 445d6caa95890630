//! Tests against a real container engine. Where none answers each is reported as ignored, with the reason; with
//! `CI=true` each fails, so that a pipeline never believes in what it did not run.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "these are tests, which the compiler cannot know: they bring their own harness"
)]

use std::collections::BTreeMap;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};
use xtask::tools::docker::{Engine, NoEngine};

mod builds;
mod containers;
mod images;
mod reaping;
mod registries;
mod smoke;
mod support;

use support::Test;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests: Vec<(&str, Test)> =
        [builds::TESTS, containers::TESTS, images::TESTS, reaping::TESTS, registries::TESTS, smoke::TESTS]
            .concat();
    let trials = tests.into_iter().map(|(name, test)| Trial::ignorable_test(name, move || run(test)));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn run(test: Test) -> Result<Completion, Failed> {
    let env: BTreeMap<String, String> = std::env::vars().collect();
    match Engine::find(&env) {
        Ok(engine) => {
            test(&engine);
            Ok(Completion::Completed)
        }
        Err(none) => without_engine(&none, env.get("CI").is_some_and(|value| value == "true")),
    }
}

fn without_engine(none: &NoEngine, is_ci: bool) -> Result<Completion, Failed> {
    if is_ci {
        return Err(Failed::from(format!("{none}\n\nhint: {}", none.hint())));
    }
    let why: Vec<String> = none.tried.iter().map(|(place, why)| format!("{place}: {why}")).collect();
    Ok(Completion::ignored_with(format!("no container engine answers ({})", why.join("; "))))
}
