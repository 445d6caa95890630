//! `comment`: what a run came to, as the one comment on its pull request.

use std::path::PathBuf;

use serde_json::json;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{workflow_json, workflow_text};
use crate::model::comment::{Marker, Mine, Outcome};
use crate::model::forge::PullRequest;
use crate::pipeline::against;
use crate::pipeline::comment::{told, upsert};
use crate::pipeline::forge::{failed, home, is_after_another, open, proposals, repository};
use crate::pipeline::handover;
use crate::pipeline::provenance::{Known, Told};
use crate::pipeline::publish::{add_to_summary, data, notice, say};
use crate::pipeline::{Session, stored};
use crate::tools::github::{GitHub, GitHubError};

/// What to tell, and where.
#[derive(Clone, Debug, clap::Args)]
pub struct Asked {
    /// The pull request's number [default: the one that proposes the commit of the run].
    #[arg(long, value_name = "NUMBER")]
    pub pr: Option<u64>,
    /// The repository on GitHub [env: GITHUB_REPOSITORY; default: that of git's remote origin].
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<crate::model::forge::Repository>,
    /// The folder with `run.json` [default: the reports folder; after another workflow the artifact of its run].
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,
}

/// Writes the comment, or says why there is none to write.
///
/// # Errors
/// When there is no record, no repository, no token, or GitHub does not do what it is asked.
pub fn run(session: &Session, asked: &Asked, look: Look) -> Result<Exit, Failure> {
    let known = Known::of_event(&session.context.event);
    let (run, github) = match known {
        Some(known) if asked.from.is_none() => {
            let github = open(session, repository(session)?)?;
            match handed_over(session, &github, &known)? {
                Handed::Record(told) => (*told, Some(github)),
                Handed::Nothing(known) => return unrecorded(session, asked, look, &github, &known),
                Handed::Newer => {
                    let told = format!(
                        "there is a newer attempt at run {}, which is told of when it ends",
                        known.run
                    );
                    return Ok(end(look, "superseded", None, &told));
                }
            }
        }
        known => {
            let from = asked.from.as_deref();
            let record = stored::record(session, from)?.ok_or_else(|| stored::missing(session, from))?;
            (Told::of(session, record, known)?, None)
        }
    };
    if session.request.dry_run {
        let home = repository(session).ok().map(|repository| home(session, &repository));
        data(&shown(look, run.text(home.as_deref(), run.trust(session, None), None)));
        return Ok(Exit::Pass);
    }
    let repository = repository(session)?;
    run.is_of(&repository)?;
    let home = home(session, &repository);
    let github = github.map_or_else(|| open(session, repository), Ok)?;
    write(session, asked, look, &github, (&run.marker, run.origin()), |pull_request| {
        let base = against::base(session, &run, &pull_request.base_branch, github.repository())?;
        Ok(run.text(Some(&home), run.trust(session, Some(pull_request)), Some(&base)))
    })
}

/// The text as it is, but on GitHub Actions, whose runner would take lines of a stranger's output for commands.
fn shown(look: Look, body: String) -> String {
    if look.actions { workflow_text(&body) } else { body }
}

/// What GitHub alone says of a run that left no record.
fn unrecorded(
    session: &Session,
    asked: &Asked,
    look: Look,
    github: &GitHub,
    known: &Known,
) -> Result<Exit, Failure> {
    let Some(body) = known.text(&home(session, github.repository())) else {
        return Err(handover::missing(known.run, &session.settings().github.artifact));
    };
    if known.is_without_result() {
        let end_of_it = known.conclusion.as_deref().unwrap_or_default();
        let told =
            format!("run {} ended with {end_of_it} and left no record: there is nothing to tell", known.run);
        return Ok(end(look, "none", None, &told));
    }
    if session.request.dry_run {
        data(&shown(look, body));
        return Ok(Exit::Pass);
    }
    write(session, asked, look, github, (&known.marker(), known.origin()), |_| Ok(body))
}

/// Puts what is told of a run on the one pull request that proposes its commit, which comes from that repository and branch.
fn write(
    session: &Session,
    asked: &Asked,
    look: Look,
    github: &GitHub,
    (marker, origin): (&Marker, Option<(&str, &str)>),
    text: impl FnOnce(&PullRequest) -> Result<String, Failure>,
) -> Result<Exit, Failure> {
    let head = &marker.head;
    let found = match asked.pr {
        Some(number) => github.pull_request(number).map(|pull_request| vec![pull_request]),
        None => proposals(session, github, head, origin),
    };
    let found = found.map_err(|error| failed(&error))?;
    let pull_request = match found.as_slice() {
        [pull_request] => pull_request,
        [] => {
            let told = format!("no open pull request proposes commit {head}: there is nothing to comment on");
            return Ok(end(look, "none", None, &told));
        }
        several => {
            let numbers: Vec<String> = several.iter().map(|one| one.number.to_string()).collect();
            let told = format!(
                "several pull requests propose the commit: {}; name one with --pr",
                numbers.join(", ")
            );
            return Ok(end(look, "none", None, &told));
        }
    };
    let body = text(pull_request)?;
    let mine = Mine::of_run(marker, &body);
    match upsert(github, pull_request.number, mine) {
        Ok(outcome) => Ok(ended(look, pull_request.number, outcome)),
        // A workflow of its own has the rights that somebody gave it: there it is a mistake.
        Err(error) if error.is_read_only() && !is_after_another(session) => {
            Ok(read_only(session, look, &body, &error))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// What the run after which we run has left.
enum Handed {
    /// Its record.
    Record(Box<Told>),
    /// No record: it did not compile, or ended before it began.
    Nothing(Known),
    /// There is a newer attempt at it, which is told of when it has ended.
    Newer,
}

/// The run after which we run, as GitHub's API has it by now.
fn handed_over(session: &Session, github: &GitHub, known: &Known) -> Result<Handed, Failure> {
    let run = github.workflow_run(known.run).map_err(|error| failed(&error))?;
    if run.attempt > known.attempt {
        return Ok(Handed::Newer);
    }
    let jobs = github.jobs(known.run, known.attempt).map_err(|error| failed(&error))?;
    let known = Known { jobs, ..Known::of_run(&run) };
    match handover::find(github, known.run, run.began, &session.settings().github.artifact)? {
        Some(record) => Ok(Handed::Record(Box::new(Told::of(session, record, Some(known))?))),
        None => Ok(Handed::Nothing(known)),
    }
}

fn ended(look: Look, number: u64, outcome: Outcome) -> Exit {
    let (word, told) = told(outcome, number);
    let exit = end(look, word, Some(number), &told);
    if outcome == Outcome::GaveUp { Exit::Environment } else { exit }
}

/// For people or for programs.
fn end(look: Look, word: &str, pull_request: Option<u64>, told: &str) -> Exit {
    if look.is_for_programs() {
        let event =
            json!({ "event": "comment", "outcome": word, "pull_request": pull_request, "told": told });
        data(&(workflow_json(&event.to_string()) + "\n"));
    } else {
        say(told);
    }
    Exit::Pass
}

/// Runs for forks and Dependabot may read alone: that is how it should be, and no failure.
fn read_only(session: &Session, look: Look, body: &str, error: &GitHubError) -> Exit {
    let is_told = add_to_summary(session, body);
    let place = if is_told { "the summary of this step tells the same" } else { "`--dry-run` prints it" };
    let hint = error.hint().unwrap_or_default();
    let told = format!("the token may not comment on pull requests, so {place} ({error}). {hint}");
    if look.is_for_programs() {
        return end(look, "read-only", None, &told);
    }
    notice(look, "No comment", &told);
    Exit::Pass
}
