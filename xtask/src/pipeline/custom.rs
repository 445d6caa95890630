//! The steps that a repository brings itself, from `[[steps]]` in its settings.

use std::sync::PoisonError;

use serde::Serialize;
use serde::de::DeserializeOwned;

mod fresh;

use fresh::{Fresh, matching};

use super::recording::clean;
use super::{Job, Session, stamp};
use crate::engine::Bench;
use crate::kit::text::plural;
use crate::model::command::{CommandLine, CommandOutput, End};
use crate::model::facts::Facts;
use crate::model::finding::Finding;
use crate::model::step::{Outcome, Resource, Skip, Status, Step};
use crate::model::test::TestCase;
use crate::settings::{CustomStep, Pattern, Program, Variable, holds};
use crate::tools::{files, junit, sarif};

/// One job a step.
#[must_use]
pub fn jobs(session: &Session) -> Vec<Job<'_>> {
    session.settings().steps.iter().map(|custom| job(session, custom)).collect()
}

/// The id of its step.
#[must_use]
pub fn id(custom: &CustomStep) -> String {
    format!("step.{}", custom.name.as_str())
}

fn job<'a>(session: &'a Session, custom: &'a CustomStep) -> Job<'a> {
    let condition = || {
        let wanted: Vec<String> = custom.when.iter().map(ToString::to_string).collect();
        Skip::Condition(format!("runs only when: {}", wanted.join(", ")))
    };
    let step = Step {
        id: id(custom),
        title: custom.title.clone().unwrap_or_else(|| custom.name.as_str().to_owned()),
        needs: custom.needs.clone(),
        after: Vec::new(),
        resource: Resource::Shared,
        timeout: custom.timeout.unwrap_or(session.settings().run.timeout).get(),
        commands: vec![shown(session, custom)],
        skip: (!holds(&custom.when, &session.context)).then(condition),
    };
    let work = {
        let step = step.clone();
        move |bench: &Bench<'_>| run(session, custom, &step, bench)
    };
    Job { work: step.skip.is_none().then(|| Box::new(work) as _), step }
}

/// The command as plans and reports show it: secrets among its variables are masked.
fn shown(session: &Session, custom: &CustomStep) -> CommandLine {
    let redactor = &session.supervisor.redactor;
    let mut custom = custom.clone();
    for value in custom.env.values_mut() {
        *value = redactor.redact(value);
    }
    command(&custom)
}

fn command(custom: &CustomStep) -> CommandLine {
    let line = match &custom.run {
        Program::Shell(script) => CommandLine::new("sh").args(["-euc", script]),
        Program::Arguments { program, args } => CommandLine::new(program).args(args.iter().cloned()),
    };
    let line = custom.env.iter().fold(line, |line, (name, value)| line.env(name.as_str(), value));
    let line = line.secrets(custom.secrets.iter().map(Variable::as_str));
    match &custom.folder {
        Some(folder) => line.cwd(folder.as_str()),
        None => line,
    }
}

fn run(session: &Session, custom: &CustomStep, step: &Step, bench: &Bench<'_>) -> Outcome {
    let stamp = if custom.inputs.is_empty() {
        None
    } else {
        stamp::of(&command(custom), &session.workspace, &custom.inputs)
    };
    if let Some(stamp) = &stamp
        && let Ok(facts) = read(session, custom, &step.id, &Fresh::Any)
        && stamp::is_known(step, &session.workspace, stamp, &facts.artifacts)
    {
        hand_on_tracefiles(session, custom);
        let reason = Some("nothing that it depends on has changed since it passed".to_owned());
        return Outcome { cached: true, reason, ..Outcome::new(Status::Passed, facts) };
    }
    stamp::forget(step, &session.workspace);
    let fresh = Fresh::before(&session.workspace.root, custom);
    let output = match bench.run(&command(custom)) {
        Ok(output) => output,
        Err(error) => return Outcome::because(Status::Failed, error.to_string()),
    };
    let outcome = judge(session, read(session, custom, &step.id, &fresh), &output);
    if !matches!(outcome.status, Status::Inconclusive | Status::Cancelled) {
        hand_on_tracefiles(session, custom);
    }
    if let (Status::Passed, Some(stamp)) = (outcome.status, &stamp) {
        stamp::remember(step, &session.workspace, stamp, &outcome.facts.artifacts);
    }
    outcome
}

/// Puts the tracefiles of a step where the step that measures coverage finds them.
fn hand_on_tracefiles(session: &Session, custom: &CustomStep) {
    let root = &session.workspace.root;
    let paths = custom.lcov.iter().flat_map(|pattern| matching(root, pattern)).map(|path| root.join(path));
    session.tracefiles.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
}

fn judge(session: &Session, read: Result<Facts, String>, output: &CommandOutput) -> Outcome {
    let (facts, unread) = match read {
        Ok(facts) => (facts, None),
        Err(reason) => (Facts::default(), Some(reason)),
    };
    let failed = facts.tests.iter().filter(|case| case.outcome.is_bad()).count();
    let counts_from = session.settings().lint.level;
    let counted = facts.findings.iter().filter(|finding| finding.level >= counts_from).count();
    let (status, reason) = match (output.end, unread) {
        (End::Cancelled, _) => (Status::Cancelled, Some("interrupted".to_owned())),
        (End::Exited(0), None) if failed > 0 => {
            (Status::Failed, Some(format!("{} failed", plural(failed, "test"))))
        }
        (End::Exited(0), None) if counted > 0 => (Status::Failed, Some(plural(counted, "finding"))),
        (End::Exited(0), None) => (Status::Passed, None),
        (End::Exited(0), Some(reason)) => (Status::Inconclusive, Some(reason)),
        (end, _) => (Status::Failed, Some(end.to_string())),
    };
    let redactor = &session.supervisor.redactor;
    let reason = reason.map(|reason| redactor.redact(&reason));
    let excerpt = if status == Status::Passed { String::new() } else { redactor.redact(&output.tail(20)) };
    Outcome { reason, ..Outcome::new(status, facts) }.with_excerpt(excerpt)
}

/// Reads the files that the step makes. A pattern that matches nothing means that nothing was measured.
fn read(session: &Session, custom: &CustomStep, id: &str, fresh: &Fresh) -> Result<Facts, String> {
    let mut facts = Facts::default();
    for (path, text) in made(session, &custom.junit, "junit", fresh)? {
        facts.tests.extend(read_junit(session, custom, &path, &text)?);
        facts.artifacts.push(path);
    }
    for (path, text) in made(session, &custom.sarif, "sarif", fresh)? {
        facts.findings.extend(read_sarif(session, id, &path, &text)?);
        facts.artifacts.push(path);
    }
    for path in matches(session, &custom.lcov, "lcov", fresh)? {
        facts.artifacts.push(path);
    }
    Ok(facts)
}

fn read_junit(
    session: &Session,
    custom: &CustomStep,
    path: &str,
    text: &str,
) -> Result<Vec<TestCase>, String> {
    let cases =
        junit::read(text.as_bytes(), &junit::Naming::Foreign { package: custom.name.as_str().to_owned() })
            .map_err(|error| format!("{path}: {error}"))?;
    if cases.is_empty() {
        return Err(format!("{path} holds no test"));
    }
    cases.into_iter().map(|case| without_secrets(session, path, case)).collect()
}

fn read_sarif(session: &Session, id: &str, path: &str, text: &str) -> Result<Vec<Finding>, String> {
    let findings = sarif::read(text, id, &session.workspace).map_err(|error| format!("{path}: {error}"))?;
    findings.into_iter().map(|finding| without_secrets(session, path, finding)).collect()
}

fn without_secrets<T: Serialize + DeserializeOwned>(
    session: &Session,
    path: &str,
    fact: T,
) -> Result<T, String> {
    clean(&session.supervisor.redactor, fact).ok_or_else(|| format!("{path} cannot be freed of secrets"))
}

fn made(
    session: &Session,
    patterns: &[Pattern],
    key: &str,
    fresh: &Fresh,
) -> Result<Vec<(String, String)>, String> {
    let read = |path: String| {
        let text = files::read(&session.workspace.root.join(&path)).map_err(|error| error.to_string())?;
        Ok((path, text))
    };
    matches(session, patterns, key, fresh)?.into_iter().map(read).collect()
}

fn matches(session: &Session, patterns: &[Pattern], key: &str, fresh: &Fresh) -> Result<Vec<String>, String> {
    let root = &session.workspace.root;
    let mut found = Vec::new();
    for pattern in patterns {
        let before = found.len();
        found.extend(matching(root, pattern).into_iter().filter(|path| fresh.holds(root, path)));
        if found.len() == before {
            return Err(format!("the step made no file that matches {key} = \"{}\"", pattern.as_str()));
        }
    }
    Ok(found)
}
