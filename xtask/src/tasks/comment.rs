//! `comment`: what a run came to, as the one comment on its pull request.

use std::path::PathBuf;

use chrono::DateTime;
use serde_json::json;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{workflow_data, workflow_json};
use crate::model::comment::{Marker, Mine, Order, Outcome};
use crate::model::context::Event;
use crate::model::forge::{PullRequest, Repository};
use crate::model::record::RunRecord;
use crate::pipeline::Session;
use crate::pipeline::comment::upsert;
use crate::pipeline::publish::{add_to_summary, data, say};
use crate::report::comment::{Frame, Trust, comment};
use crate::report::json;
use crate::tools::github::{self, Address, GitHub, GitHubError, Patience};
use crate::tools::{files, git};

/// The name in the marker: others of ours, about something else, stay.
const NAME: &str = "ci";

/// The most bytes of a record from a fork: ten thousand tests with their output.
const LARGEST: u64 = 32 << 20;

/// What to tell, and where.
#[derive(Clone, Debug, clap::Args)]
pub struct Asked {
    /// The pull request's number [default: the one that proposes the commit of the run].
    #[arg(long, value_name = "NUMBER")]
    pub pr: Option<u64>,
    /// The repository on GitHub [env: GITHUB_REPOSITORY; default: the one of git's remote `origin`].
    #[arg(long, value_name = "OWNER/NAME")]
    pub repo: Option<crate::model::forge::Repository>,
    /// The folder with `run.json` [default: the reports folder].
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,
}

/// Writes the comment, or says why there is none to write.
///
/// # Errors
/// When there is no record, no repository, no token, or GitHub does not do what it is asked.
pub fn run(session: &Session, asked: &Asked, look: Look) -> Result<Exit, Failure> {
    let record = read(session, asked)?;
    let told = Told::of(session, record)?;
    if session.request.dry_run {
        let home = repository(session).ok().map(|repository| home(session, &repository));
        data(&told.text(home.as_deref(), told.trust(session, None)));
        return Ok(Exit::Pass);
    }
    let repository = repository(session)?;
    told.is_of(&repository)?;
    let home = home(session, &repository);
    let github = open(session, repository)?;
    let head = &told.marker.head;
    let found = match asked.pr {
        Some(number) => vec![github.pull_request(number).map_err(|error| failed(&error))?],
        None => proposals(session, &github, head)?,
    };
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
    let body = told.text(Some(&home), told.trust(session, Some(pull_request)));
    let mine = Mine { marker: told.marker, body: body.clone() };
    match upsert(&github, pull_request.number, mine) {
        Ok(outcome) => Ok(ended(look, pull_request.number, outcome)),
        // A workflow of its own has the rights that somebody gave it: there it is a mistake.
        Err(error) if error.is_read_only() && !is_after_another(session) => {
            Ok(read_only(session, look, &body, &error))
        }
        Err(error) => Err(failed(&error)),
    }
}

/// What a run came to, with what is known of the run from elsewhere than its own record.
struct Told {
    record: RunRecord,
    marker: Marker,
    /// How GitHub says that the run ended.
    conclusion: Option<String>,
}

impl Told {
    /// After another workflow, GitHub's event says which run that was, what it ran for and how it ended. Its record may have been
    /// written by anybody, so it is refused where it says something else, and takes these facts from the event.
    fn of(session: &Session, mut record: RunRecord) -> Result<Self, Failure> {
        let mut marker = marker(&record)?;
        if let Event::WorkflowRun { run_id, run_attempt, conclusion, head_sha, .. } = &session.context.event {
            if *head_sha != marker.head {
                return Err(Failure::usage(format!(
                    "the reports are of commit {}, and the run was of {head_sha}",
                    marker.head
                ))
                .hint("hand over the reports of exactly this run"));
            }
            marker.order = Order::of_ci(*run_id, *run_attempt);
            record.run.url =
                repository(session).ok().map(|it| format!("{}/actions/runs/{run_id}", home(session, &it)));
            return Ok(Self { record, marker, conclusion: conclusion.clone() });
        }
        Ok(Self { record, marker, conclusion: None })
    }

    /// The record is of a run for this repository, as far as it says so.
    fn is_of(&self, repository: &Repository) -> Result<(), Failure> {
        match &self.record.context.repository {
            Some(other) if !repository.is(other) => {
                Err(Failure::usage(format!("the reports are of {other}, and this is {repository}"))
                    .hint("run it in the repository that the reports are of, or set GITHUB_REPOSITORY"))
            }
            _ => Ok(()),
        }
    }

    /// Dependabot's branches are in the repository, and what they bring is not.
    fn trust(&self, session: &Session, pull_request: Option<&PullRequest>) -> Trust {
        let is_dependabot = |branch: &str| branch.starts_with("dependabot/");
        let of_event = |event: &Event| match event {
            Event::PullRequest(proposed) => is_dependabot(&proposed.head_branch),
            Event::WorkflowRun { head_branch, .. } => head_branch.as_deref().is_some_and(is_dependabot),
            _ => false,
        };
        let contexts = [&session.context, &self.record.context];
        let is_strange = contexts.iter().any(|context| context.is_fork() || of_event(&context.event))
            || pull_request.is_some_and(|it| it.is_fork() || is_dependabot(&it.head_branch));
        if is_strange { Trust::Theirs } else { Trust::Ours }
    }

    fn text(&self, home: Option<&str>, trust: Trust) -> String {
        let conclusion = self.conclusion.as_deref();
        comment(&self.record, &Frame { marker: &self.marker, home, trust, conclusion })
    }
}

fn is_after_another(session: &Session) -> bool {
    matches!(session.context.event, Event::WorkflowRun { .. })
}

/// What comes from elsewhere, or after another workflow, is read as a stranger's.
fn read(session: &Session, asked: &Asked) -> Result<RunRecord, Failure> {
    let folder = asked.from.as_ref().unwrap_or(&session.reports);
    let path = session.request.folder.join(folder).join("run.json");
    let hint = "make one with `cargo xtask ci`, or name the folder where it is with --from";
    let is_strange = asked.from.is_some() || is_after_another(session) || session.context.is_fork();
    let text = if is_strange { files::read_plain(&path, LARGEST) } else { files::read_if_there(&path) };
    let Some(text) = text.map_err(|error| Failure::usage(error.to_string()).hint("make it readable"))? else {
        return Err(Failure::usage(format!("there is no {}", path.display())).hint(hint));
    };
    let record = if is_strange { json::read_strictly(&text) } else { json::read(&text) };
    record.map_err(|error| {
        Failure::usage(format!("{} cannot be read", path.display())).because(error).hint(hint)
    })
}

/// Of the run that is told of, which need not be this one.
fn marker(record: &RunRecord) -> Result<Marker, Failure> {
    let commit = record.context.head_sha.as_ref().or(record.context.checkout.commit.as_ref());
    let is_commit = |sha: &&String| sha.len() >= 7 && sha.bytes().all(|byte| byte.is_ascii_hexdigit());
    let head = commit.filter(is_commit).cloned().ok_or_else(|| {
        Failure::usage("the run names no commit, so nobody can say which pull request it belongs to")
            .hint("run it again in a git repository with a commit")
    })?;
    let of_ci = || record.context.is_ci().then(|| record.run.id.parse().ok()).flatten();
    let order = of_ci().map_or_else(
        || {
            let started =
                DateTime::parse_from_rfc3339(&record.run.started).map_or(0, |time| time.timestamp());
            Order::of_local(u64::try_from(started).unwrap_or(0))
        },
        |run| Order::of_ci(run, record.run.attempt),
    );
    Ok(Marker { name: NAME.to_owned(), order, head })
}

/// The one that we run in, else that of git's remote: never what a record says.
fn repository(session: &Session) -> Result<Repository, Failure> {
    let named = session.context.repository.as_ref();
    if let Some(name) = named.or_else(|| session.request.env.get("GITHUB_REPOSITORY")) {
        return name.parse().map_err(|error| Failure::usage("the repository is not known").because(error));
    }
    git::origin(&session.supervisor).as_deref().and_then(Repository::of_remote).ok_or_else(|| {
        Failure::usage("nobody says which repository on GitHub this is")
            .hint("export GITHUB_REPOSITORY=OWNER/NAME, or give git a remote `origin`")
    })
}

fn home(session: &Session, repository: &Repository) -> String {
    let server = session.request.env.get("GITHUB_SERVER_URL").filter(|server| !server.is_empty());
    let server = server.map_or("https://github.com", |server| server.trim_end_matches('/'));
    format!("{server}/{repository}")
}

fn open(session: &Session, repository: Repository) -> Result<GitHub, Failure> {
    let env = &session.request.env;
    let address = Address::of(env).map_err(|error| {
        Failure::usage(error.to_string()).hint("such as https://api.github.com, or https://HOST/api/v3")
    })?;
    let login = github::find(env, &address, &session.supervisor)
        .map_err(|error| Failure::environment(error.to_string()).hint(error.hint()))?;
    let interrupt = session.request.interrupt.clone();
    GitHub::open(&address, Some(&login), repository, Patience::default(), interrupt)
        .map_err(|error| failed(&error))
}

/// The pull request of the event; else those that propose the commit.
fn proposals(session: &Session, github: &GitHub, sha: &str) -> Result<Vec<PullRequest>, Failure> {
    let from = match &session.context.event {
        Event::PullRequest(pull_request) => {
            return Ok(vec![github.pull_request(pull_request.number).map_err(|error| failed(&error))?]);
        }
        Event::WorkflowRun { head_branch: Some(branch), head_repository: Some(repository), .. } => {
            Some((repository.as_str(), branch.as_str()))
        }
        _ => None,
    };
    github.proposals(sha, from).map_err(|error| failed(&error))
}

fn ended(look: Look, number: u64, outcome: Outcome) -> Exit {
    let (word, told) = match outcome {
        Outcome::Created(_) => ("created", format!("commented on pull request {number}")),
        Outcome::Updated(_) => ("updated", format!("updated the comment on pull request {number}")),
        Outcome::Unchanged(_) => {
            ("unchanged", format!("the comment on pull request {number} says so already"))
        }
        Outcome::Superseded(_) => {
            ("superseded", format!("the comment on pull request {number} tells of a newer run, and stays"))
        }
        Outcome::Moved => {
            ("moved", format!("pull request {number} proposes another commit by now: no comment was written"))
        }
        Outcome::GaveUp => {
            ("gave-up", format!("others write the comment on pull request {number} all the time: gave up"))
        }
    };
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
    if look.actions && !look.is_for_programs() {
        say(&format!("::notice title=No comment::{}", workflow_data(&told)));
        return Exit::Pass;
    }
    end(look, "read-only", None, &told)
}

fn failed(error: &GitHubError) -> Failure {
    if *error == GitHubError::Interrupted {
        return Failure::interrupted();
    }
    let failure = Failure::environment(error.to_string());
    match error.hint() {
        Some(hint) => failure.hint(hint),
        None => failure,
    }
}
