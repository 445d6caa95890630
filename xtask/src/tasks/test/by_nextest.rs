//! Unit and integration tests by nextest: a process a test, with its JUnit report as the source of facts.

use std::path::PathBuf;

use super::by_cargo::{first_failure, redacted};
use super::own_main;
use super::wish::Wish;
use crate::engine::{Bench, Work};
use crate::model::command::{CommandLine, CommandOutput, End};
use crate::model::facts::Facts;
use crate::model::gates::failed::conclude;
use crate::model::step::{Outcome, Status};
use crate::model::test::{TestCase, TestKind};
use crate::pipeline::Session;
use crate::tools::files::{self, FileError};
use crate::tools::nextest::config;
use crate::tools::nextest::end::{NextestEnd, ended_with_the_run, read_end};
use crate::tools::{junit, nextest};

/// The command and the work.
pub(super) fn prepare<'a>(wish: &Wish<'a>) -> (Vec<CommandLine>, Work<'a>) {
    let session = wish.session;
    let settings = &session.settings().test;
    let paths = Paths::of(session);
    let command = wish.dressed(nextest::command(&nextest::Options {
        profile: &settings.nextest_profile,
        config: &paths.config,
        // Without a wish of ours the repository's own configuration of nextest holds.
        retries: (settings.retries > 0).then(|| settings.retries.into()),
        cargo: &[wish.flags.as_slice(), settings.args.as_slice()].concat(),
        filters: &wish.filters,
    }));
    if session.request.dry_run {
        // The command that is shown must work when it is pasted; where it cannot, nextest says why.
        let _ = paths.configure(session);
    }
    let (line, wish) = (command.clone(), wish.clone());
    let work = move |bench: &Bench<'_>| own_main::complete(&wish, run(session, &paths, &line, bench), bench);
    (vec![command], Box::new(work))
}

/// Files of a run, below cargo's target directory: the command in the report works again as it stands.
struct Paths {
    config: PathBuf,
    junit: PathBuf,
}

impl Paths {
    fn of(session: &Session) -> Self {
        let folder = session.workspace.target_directory.join("slipway");
        Self { config: folder.join("nextest.toml"), junit: folder.join("nextest-junit.xml") }
    }

    fn configure(&self, session: &Session) -> Result<(), FileError> {
        let settings = &session.settings().test;
        let limit = config::Limit {
            timeout: settings.timeout.get(),
            // Ours runs longer, so that nextest has ended its tests before we would end nextest.
            grace: session.supervisor.grace / 2,
        };
        files::write(&self.config, &config::tool_config(&self.junit, Some(limit), &settings.nextest_profile))
    }
}

fn run(session: &Session, paths: &Paths, command: &CommandLine, bench: &Bench<'_>) -> Outcome {
    let profile = &session.settings().test.nextest_profile;
    if let Err(error) = paths.configure(session) {
        return Outcome::because(Status::Inconclusive, error.to_string()).blame_environment();
    }
    let own = files::read_if_there(&session.workspace.root.join(".config/nextest.toml")).ok().flatten();
    let report = config::find(own.as_deref(), &session.workspace.root, profile, &paths.junit);
    let _ = std::fs::remove_file(&report);
    let output = match bench.run(command) {
        Ok(output) => output,
        Err(error) => return Outcome::because(Status::Inconclusive, error.to_string()).blame_environment(),
    };
    let cases = std::fs::read(&report)
        .map_err(|error| error.to_string())
        .and_then(|bytes| junit::read(&bytes, &junit::Naming::Nextest).map_err(|error| error.to_string()));
    conclude_from(session, &output, cases)
}

fn conclude_from(session: &Session, output: &CommandOutput, cases: Result<Vec<TestCase>, String>) -> Outcome {
    let end = read_end(output);
    let (cases, unread) = match cases {
        Ok(cases) => (redacted(session, cases), None),
        Err(reason) => (Vec::new(), Some(format!("nextest's report cannot be read: {reason}"))),
    };
    if output.end == End::Cancelled {
        let finished = cases.into_iter().filter(|case| !ended_with_the_run(case)).collect();
        return Outcome::because(Status::Cancelled, "interrupted").with_facts(Facts::of_tests(finished));
    }
    let facts = Facts::of_tests(cases.clone());
    match &end {
        NextestEnd::DidNotCompile(errors) => {
            let outcome = Outcome::because(Status::Failed, "the tests do not compile");
            return outcome.with_excerpt(errors.clone());
        }
        NextestEnd::ScriptFailed(said) => {
            return Outcome::because(Status::Failed, "a set-up script of nextest failed")
                .with_excerpt(said.clone());
        }
        NextestEnd::Setup(said) => {
            let reason = format!("nextest could not begin: {}", output.end);
            return Outcome::because(Status::Inconclusive, reason)
                .with_facts(facts)
                .with_excerpt(said.clone());
        }
        NextestEnd::Passed | NextestEnd::TestsFailed | NextestEnd::NoTests | NextestEnd::Stopped(_) => {}
    }
    // Without any test nextest writes no report.
    let unread =
        unread.filter(|_| end == NextestEnd::TestsFailed || !output.stderr.contains("no tests to run"));
    if let Some(doubt) = unread.or_else(|| end.contradicted_by(&cases)) {
        return Outcome::because(Status::Inconclusive, doubt).with_facts(facts).with_excerpt(output.tail(20));
    }
    let (status, reason) = conclude(&cases, TestKind::Test);
    let excerpt = cases.iter().find(|case| case.outcome.is_bad()).map(first_failure);
    Outcome { reason, ..Outcome::new(status, facts) }.with_excerpt(excerpt.unwrap_or_default())
}
