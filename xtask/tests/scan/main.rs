//! The real scanners over databases with invented ids. Where one is missing its tests are reported as ignored, with the reason;
//! with `CI=true` they fail, so that a pipeline never believes in what it did not run.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "these are tests, which the compiler cannot know: they bring their own harness"
)]

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

mod audit;
mod bolt;
mod support;
mod vulnerabilities;

/// A test, its name and the program that it needs.
type Test = (&'static str, &'static str, fn());

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let tests: Vec<Test> = [vulnerabilities::TESTS, audit::TESTS].concat();
    let trials = tests
        .into_iter()
        .map(|(name, program, test)| Trial::ignorable_test(name, move || run(program, test)));
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn run(program: &str, test: fn()) -> Result<Completion, Failed> {
    if support::is_there(program) {
        test();
        return Ok(Completion::Completed);
    }
    let missing = format!("{program} is not installed");
    if std::env::var("CI").is_ok_and(|value| value == "true") {
        return Err(Failed::from(missing));
    }
    Ok(Completion::ignored_with(missing))
}
