//! `status`: what a run came to, on its commit: a status, and if asked for a check with remarks and findings for code scanning.

use std::path::PathBuf;

use serde_json::json;

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{plural, terminal, workflow_json, workflow_text};
use crate::model::comment::Order;
use crate::model::forge::State;
use crate::model::gate::{Decision, Mode};
use crate::model::needs::{NEEDS, Needs};
use crate::model::record::RunRecord;
use crate::model::verdict::Verdict;
use crate::pipeline::forge::{failed, is_after_another, open, repository};
use crate::pipeline::provenance::{Known, Told};
use crate::pipeline::publish::{data, notice, say};
use crate::pipeline::{Session, checks, statuses, stored};
use crate::report::status::line;
use crate::tools::github::{GitHub, GitHubError};

/// What to tell.
#[derive(Clone, Debug, clap::Args)]
pub struct Asked {
    /// The folder with `run.json` [default: the reports folder].
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,
    /// Make a check run, too, with remarks beside the code.
    #[arg(long)]
    pub check: bool,
    /// Send findings to code scanning, too.
    #[arg(long)]
    pub sarif: bool,
    /// The commit [default: that of the run].
    #[arg(long, value_name = "COMMIT")]
    pub sha: Option<String>,
}

/// What a run came to together with other jobs.
struct Joined {
    /// None when no run left one.
    record: Option<RunRecord>,
    verdict: Verdict,
    line: String,
    sha: String,
    order: Order,
}

/// Sets the status and exits by the verdict.
///
/// # Errors
/// When nobody says how the run ended, or of which commit it was, or GitHub does not do what it is asked.
pub fn run(session: &Session, asked: &Asked, look: Look) -> Result<Exit, Failure> {
    let joined = join(session, asked)?;
    let state = statuses::state(&joined.verdict);
    if session.request.dry_run {
        let line = format!("{} {} on {}: {}", statuses::CI, state.word(), joined.sha, joined.line);
        data(&(shown(look, &line) + "\n"));
        return Ok(exit(&joined));
    }
    let github = open(session, repository(session)?)?;
    let mut told = Vec::new();
    match tell(session, &github, asked, (&joined, state, look), &mut told) {
        Ok(()) => {}
        // A workflow of its own has the rights that somebody gave it: there it is a mistake.
        Err(error) if error.is_read_only() && !is_after_another(session) => {
            let hint = error.hint().unwrap_or_default();
            let why = format!("the token may not do all of it, and the verdict stays ({error}). {hint}");
            if look.is_for_programs() {
                told.push(why);
            } else {
                notice(look, "No status", &why);
            }
        }
        Err(error) => return Err(failed(&error)),
    }
    end(look, &joined, state, &told);
    Ok(exit(&joined))
}

fn join(session: &Session, asked: &Asked) -> Result<Joined, Failure> {
    let needs = session.request.env.get(NEEDS).filter(|text| !text.is_empty());
    let needs = needs.map(|text| Needs::read(text)).transpose().map_err(|error| {
        Failure::usage(format!("nobody can say from {NEEDS} how the other jobs ended"))
            .because(error)
            .hint(format!("give the job `needs: [...]`, and the step `{NEEDS}: ${{{{ toJSON(needs) }}}}`"))
    })?;
    let from = asked.from.as_deref();
    let record = stored::record(session, from)?;
    if record.is_none() && needs.is_none() {
        return Err(stored::missing(session, from));
    }
    // After another run, what its record says is held against what GitHub knows of that run.
    let known = Known::of_event(&session.context.event);
    let is_another = known.is_some();
    let told = record.map(|record| Told::of(session, record, known)).transpose()?;
    if let Some(told) = told.as_ref().filter(|_| is_another) {
        told.is_of(&repository(session)?)?;
    }
    let mut record = told.as_ref().map(|told| told.record.clone());
    let mut verdict =
        record.as_ref().map_or_else(|| nothing(session.settings().mode), |it| it.verdict.clone());
    if let Some(needs) = &needs {
        needs.join(&mut verdict);
    }
    let of_run = told.as_ref().map(|told| told.marker.head.clone());
    let here = asked.sha.clone().or_else(|| session.context.head_sha.clone());
    let sha = match (here, of_run) {
        (Some(here), Some(of_run)) if here != of_run => {
            return Err(Failure::usage(format!("the reports are of commit {of_run}, and this is {here}"))
                .hint("name the folder with the reports of this commit with --from"));
        }
        (Some(sha), _) | (None, Some(sha)) => sha,
        (None, None) => session.context.checkout.commit.clone().ok_or_else(|| {
            Failure::usage("nobody says which commit it is").hint("name it with --sha COMMIT")
        })?,
    };
    if !(sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit())) {
        return Err(Failure::usage(format!("`{sha}` is no full commit"))
            .hint("a commit has 40 hexadecimal digits: `git rev-parse HEAD` prints one"));
    }
    let line = match &mut record {
        Some(record) => {
            record.verdict = verdict.clone();
            line(record)
        }
        None => format!("No run left a record; {}", verdict.reasons.join("; ")),
    };
    // A job that is run again tells anew, also of the record of an attempt before.
    let of_record = || told.map_or_else(|| Order::of_local(0), |told| told.marker.order);
    let order = statuses::order(session).unwrap_or_else(of_record);
    Ok(Joined { record, verdict, line, sha, order })
}

/// Without a record nothing is known, which is never a pass: a run that only reports has to report.
fn nothing(mode: Mode) -> Verdict {
    Verdict {
        decision: Decision::Inconclusive,
        mode,
        exit_code: Exit::Verdict.code(),
        reasons: vec!["nothing is known of what it measured".to_owned()],
        advisories: Vec::new(),
    }
}

/// The status first: it is what others wait for, and what cannot be added to it changes nothing about it.
fn tell(
    session: &Session,
    github: &GitHub,
    asked: &Asked,
    (joined, state, look): (&Joined, State, Look),
    told: &mut Vec<String>,
) -> Result<(), GitHubError> {
    let Joined { record, line, sha, order, .. } = joined;
    statuses::set(session, github, sha, (statuses::CI, state), line)?;
    let Some(record) = record else { return Ok(()) };
    if asked.check {
        match checks::check(session, github, record, (sha, *order)) {
            Ok(count) => told.push(format!("made a check run with {}", plural(count, "remark"))),
            Err(error) => leave_out(session, look, ("No check", error), told)?,
        }
    }
    if asked.sarif {
        match checks::scan(session, github, record, sha) {
            Ok(scanned) => told.extend(scanned),
            Err(error) => leave_out(session, look, ("No findings", error), told)?,
        }
    }
    Ok(())
}

/// The status is set, so what comes on top of it is told and left out; not where it is a mistake of the workflow, and not when
/// somebody wants an end.
fn leave_out(
    session: &Session,
    look: Look,
    (title, error): (&str, GitHubError),
    told: &mut Vec<String>,
) -> Result<(), GitHubError> {
    let is_mistake = error.is_read_only() && is_after_another(session);
    if is_mistake || error == GitHubError::Interrupted {
        return Err(error);
    }
    let hint = error.hint().unwrap_or_default();
    let why = format!("the status is set, and the verdict stays ({error}). {hint}");
    if look.is_for_programs() {
        told.push(why);
    } else {
        notice(look, title, why.trim_end());
    }
    Ok(())
}

fn exit(joined: &Joined) -> Exit {
    Exit::of(joined.verdict.exit_code)
}

/// For people or for programs.
fn end(look: Look, joined: &Joined, state: State, told: &[String]) {
    if look.is_for_programs() {
        let event = json!({
            "event": "status", "context": statuses::CI, "state": state.word(), "commit": joined.sha,
            "verdict": joined.verdict, "told": told,
        });
        data(&(workflow_json(&event.to_string()) + "\n"));
        return;
    }
    let first = format!("{} is {}: {}", statuses::CI, state.word(), joined.line);
    for line in std::iter::once(&first).chain(told) {
        say(&shown(look, line));
    }
}

/// Safe where it is read: the record may be a stranger's.
fn shown(look: Look, line: &str) -> String {
    let line = terminal(line);
    if look.actions { workflow_text(&line) } else { line }
}
