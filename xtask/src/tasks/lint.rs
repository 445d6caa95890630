//! `lint`: formatting, mistakes, documentation, and whatever other linters are installed.

use crate::console::Look;
use crate::engine::Bench;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::plural;
use crate::model::command::{CommandLine, End};
use crate::model::facts::Facts;
use crate::model::finding::Level;
use crate::model::step::{Outcome, Skip, Status, Step};
use crate::pipeline::session::{Scope, cargo_flags};
use crate::pipeline::{Job, Session};
use crate::settings::Enabled;
use crate::tools::linter::{Linter, Options, all};
use crate::tools::programs;

/// Runs all linters that apply.
///
/// # Errors
/// When nothing could be run at all.
pub fn run(session: &Session, look: Look) -> Result<Exit, Failure> {
    crate::pipeline::run::run(session, jobs(session), look)
}

/// One job a linter.
#[must_use]
pub fn jobs(session: &Session) -> Vec<Job<'_>> {
    all().iter().map(|linter| job(session, linter)).collect()
}

fn job<'a>(session: &'a Session, linter: &'static Linter) -> Job<'a> {
    let (enabled, args) = match session.settings().lint.linter(linter.id) {
        Some(settings) => (settings.enabled, settings.args.clone()),
        None => (Enabled::Auto, Vec::new()),
    };
    let options = Options { args, cargo: cargo_flags(&session.settings().cargo) };
    let commands = (linter.command)(&session.workspace, &options);
    let found = programs::find_cargo_or_plain(&session.supervisor.env, linter.program).is_some();
    let skip = match (enabled, (linter.applies)(&session.workspace)) {
        (Enabled::Never, _) => Some(Skip::Disabled),
        (Enabled::Auto, Err(nothing)) => Some(Skip::NothingToDo(nothing)),
        (Enabled::Auto, Ok(())) if linter.optional && !found => {
            Some(Skip::MissingTool { program: linter.program.to_owned(), install: linter.install.to_owned() })
        }
        _ => None,
    };
    let step = Step {
        id: linter.step(),
        title: linter.title.to_owned(),
        needs: Vec::new(),
        after: Vec::new(),
        resource: linter.resource,
        timeout: session.settings().run.timeout.get(),
        commands: commands.clone(),
        skip,
    };
    let work = move |bench: &Bench<'_>| {
        if found { lint(session, linter, &commands, bench) } else { missing(linter) }
    };
    Job { work: step.skip.is_none().then(|| Box::new(work) as _), step }
}

fn missing(linter: &Linter) -> Outcome {
    let reason = format!("{} is not installed ({})", linter.program, linter.install);
    Outcome::because(Status::Inconclusive, reason)
}

fn lint(session: &Session, linter: &Linter, commands: &[CommandLine], bench: &Bench<'_>) -> Outcome {
    let mut findings = Vec::new();
    for command in commands {
        let output = match bench.run(command) {
            Ok(output) => output,
            Err(error) => return Outcome::because(Status::Inconclusive, error.to_string()),
        };
        if output.end == End::Cancelled {
            return Outcome::because(Status::Cancelled, "interrupted")
                .with_facts(Facts::of_findings(findings));
        }
        match linter.findings(&session.workspace, &output) {
            Ok(found) => findings.extend(found),
            Err(error) => {
                findings.extend(error.findings.iter().cloned());
                return Outcome::because(Status::Inconclusive, error.reason)
                    .with_facts(Facts::of_findings(findings))
                    .with_excerpt(error.excerpt);
            }
        }
    }
    if let Scope::Staged(files) = &session.scope {
        findings.retain(|finding| finding.location.as_ref().is_none_or(|at| files.contains(&at.path)));
    }
    let counts_from = session.settings().lint.level;
    let counted: Vec<_> = findings.iter().filter(|finding| finding.level >= counts_from).collect();
    let errors = findings.iter().filter(|finding| finding.level == Level::Error).count();
    let excerpt = counted.first().map(|first| {
        first.rendered.clone().unwrap_or_else(|| format!("{}: {}", first.place(), first.message))
    });
    let (status, reason) = match (counted.len(), errors) {
        (0, _) => (Status::Passed, None),
        (count, 0) => (Status::Failed, Some(plural(count, "finding"))),
        (count, errors) if errors == count => (Status::Failed, Some(plural(errors, "error"))),
        (count, errors) => {
            (Status::Failed, Some(format!("{} ({})", plural(count, "finding"), plural(errors, "error"))))
        }
    };
    let excerpt = excerpt.unwrap_or_default();
    Outcome { reason, ..Outcome::new(status, Facts::of_findings(findings)) }.with_excerpt(excerpt)
}
