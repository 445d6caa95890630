//! Unit and integration tests by `cargo test`: nothing else needs to be installed.
//!
//! Everything is built, run and read in one go. What a crash or a hanging test kept from running is run again without
//! it, and failed tests are tried again where the settings say so; both by name, through cargo, so that a test finds
//! the environment it knows.

use super::commands::Commands;
use super::first::First;
use super::rounds::Rounds;
use super::wish::Wish;
use crate::engine::{Bench, Work};
use crate::kit::text::last_lines;
use crate::model::command::{CommandLine, CommandOutput, End};
use crate::model::facts::Facts;
use crate::model::gates::failed::conclude;
use crate::model::step::{Outcome, Status};
use crate::model::test::{TestCase, TestKind};
use crate::pipeline::Session;

/// The commands and the work.
pub(super) fn prepare<'a>(wish: &Wish<'a>) -> (Vec<CommandLine>, Work<'a>) {
    let commands = Commands::new(wish);
    let shown = vec![commands.first.clone()];
    let session = wish.session;
    (shown, Box::new(move |bench| run(session, &commands, bench)))
}

fn run(session: &Session, commands: &Commands, bench: &Bench<'_>) -> Outcome {
    let first = match First::run(&session.workspace, commands, bench) {
        Ok(first) => first,
        Err(error) => return Outcome::because(Status::Failed, error.to_string()).blame_environment(),
    };
    let First { output, reading, binaries, begun } = first;
    if let Some(ended) = (!begun).then(|| not_built(&output)).flatten() {
        return ended;
    }
    let mut rounds = Rounds { commands, binaries: &binaries, bench, reading, cancelled: false };
    if output.end == End::Cancelled {
        rounds.cancelled = true;
    } else {
        rounds.finish_the_unfinished();
        rounds.clear_the_innocent();
        rounds.try_again(session.settings().test.retries.into());
    }
    let Rounds { reading, cancelled, .. } = rounds;
    let cases = redacted(session, reading.cases);
    let (status, reason) = conclude(&cases, TestKind::Test);
    let mut facts = Facts { notes: reading.notes.clone(), ..Facts::of_tests(cases) };
    facts.notes.push("tests ran by `cargo test`".to_owned());
    if cancelled {
        return Outcome::because(Status::Cancelled, "interrupted").with_facts(facts);
    }
    if let Some(errors) = reading.did_not_compile {
        return Outcome::because(Status::Failed, "the tests do not compile")
            .with_facts(facts)
            .with_excerpt(errors);
    }
    let nothing = facts.tests.is_empty() && !matches!(output.end, End::Exited(_));
    if (nothing || reading.doubtful || !reading.unfinished.is_empty()) && status == Status::Passed {
        return not_trusted(&reading.notes, facts, &output);
    }
    let excerpt = facts.tests.iter().find(|case| case.outcome.is_bad()).map(first_failure);
    Outcome { reason, ..Outcome::new(status, facts) }.with_excerpt(excerpt.unwrap_or_default())
}

/// Why nothing was run.
fn not_built(built: &CommandOutput) -> Option<Outcome> {
    // What cargo says to programs tells people nothing.
    let said: Vec<&str> = built.stdout.lines().filter(|line| !line.starts_with('{')).collect();
    let said = said.join("\n");
    match built.end {
        End::Exited(0) => None,
        End::Cancelled => Some(Outcome::because(Status::Cancelled, "interrupted while building")),
        End::Exited(_) => {
            let outcome = Outcome::because(Status::Failed, "the tests do not compile");
            Some(outcome.with_excerpt(last_lines(&said, 30)))
        }
        end => Some(
            Outcome::because(Status::Failed, format!("building the tests: {end}"))
                .with_excerpt(last_lines(&said, 20)),
        ),
    }
}

/// The first failed test as the terminal shows it: its name, its cause and the end of what it printed before the
/// backtrace.
pub(super) fn first_failure(case: &TestCase) -> String {
    let printed = case.output.split("stack backtrace:").next().unwrap_or_default();
    // The message has the values of an assertion behind it; without them it is what was printed.
    let is_printed = |message: &&str| printed.contains(message.split(" (left: ").next().unwrap_or_default());
    let unprinted = case.message.as_deref().filter(|message| !is_printed(message));
    let message = unprinted.map(|message| format!("{message}\n")).unwrap_or_default();
    format!("{}\n{message}{}", case.full_name(), last_lines(printed, 16))
}

/// What was read does not agree with itself, so that no green can come of it.
pub(super) fn not_trusted(notes: &[String], facts: Facts, output: &CommandOutput) -> Outcome {
    let reason = notes.first().map_or("what the tests printed cannot be understood", String::as_str);
    Outcome::because(Status::Inconclusive, reason).with_facts(facts).with_excerpt(output.tail(20))
}

/// What a test printed did not come through the supervisor when a runner kept it in a file.
pub(super) fn redacted(session: &Session, mut cases: Vec<TestCase>) -> Vec<TestCase> {
    let redactor = &session.supervisor.redactor;
    for case in &mut cases {
        case.output = redactor.redact(&case.output);
        case.message = case.message.as_deref().map(|message| redactor.redact(message));
        for attempt in &mut case.earlier {
            attempt.output = redactor.redact(&attempt.output);
            attempt.message = attempt.message.as_deref().map(|message| redactor.redact(message));
        }
    }
    cases
}
