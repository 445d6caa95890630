//! `cd --run-id`: the images of a run, with a status on its commit and a part of the comment on its pull request.

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::comment::Outcome;
use crate::model::forge::State;
use crate::model::record::RunRecord;
use crate::pipeline::comment::told;
use crate::pipeline::delivery::{Commented, Delivery};
use crate::pipeline::forge::{failed, is_after_another, open_for, open_last, repository};
use crate::pipeline::publish::{notice, say};
use crate::pipeline::run::{exit_of, recorded};
use crate::pipeline::{Session, statuses};
use crate::report::status::line;
use crate::settings::Attestations;
use crate::tools::github::{GitHubError, Patience, Right};

/// Delivers what a run pushed.
///
/// # Errors
/// When the run is not one that is delivered, or GitHub does not do what it is asked.
pub(super) fn run(session: &Session, id: u64, look: Look) -> Result<Exit, Failure> {
    let repository = repository(session)?;
    let github = open_for(session, repository.clone(), Patience::default(), rights(session))?;
    let Some(delivery) = Delivery::of(session, &github, id)? else {
        return nothing(session, id, look);
    };
    let jobs = delivery.jobs(session, &repository)?;
    if session.request.dry_run {
        return recorded(session, jobs, look).map(|_| Exit::Pass);
    }
    let begins =
        delivery.set_status(session, &github, State::Pending, "what the run pushed is pulled and run");
    if !begins.map_err(|error| failed(&error))? {
        let told = "the token may not set statuses and comment: what comes of it is told here alone";
        notice(look, "No status", told);
        return Ok(recorded(session, jobs, look)?.map_or(Exit::Pass, |record| exit_of(&record)));
    }
    let done = recorded(session, jobs, look);
    // That took a while, and the client has an end.
    let last = open_last(session, repository, rights(session));
    let (record, github) = match (done, last) {
        (Ok(Some(record)), Ok(github)) => (record, github),
        (Ok(None), _) => return Ok(Exit::Pass),
        (Err(failure), last) => {
            // What ended it is told; that the commit could not be told, too, would be one thing too much.
            if let Ok(github) = last {
                let why = "the delivery could not be carried out";
                let _ = delivery.set_status(session, &github, State::Error, why);
            }
            return Err(failure);
        }
        (Ok(Some(record)), Err(failure)) if exit_of(&record) == Exit::Pass => return Err(failure),
        (Ok(Some(record)), Err(failure)) => {
            notice(look, "Not told", &failure.to_string());
            return Ok(exit_of(&record));
        }
    };
    let state = statuses::state(&record.verdict);
    let set = delivery.set_status(session, &github, state, &line(&record));
    let commented = delivery.comment(session, &github, &record);
    end(session, look, &record, (set.map(drop), commented))
}

/// What an App needs beside what every verb does, where it is asked who has attested an image.
fn rights(session: &Session) -> &'static [Right] {
    match session.settings().github.attestations {
        Attestations::Never => &[],
        Attestations::Auto | Attestations::Require => &[("attestations", false)],
    }
}

/// A workflow comes after every run, also after one that pushed no image; who names a run means one that did.
fn nothing(session: &Session, id: u64, look: Look) -> Result<Exit, Failure> {
    let told = format!("run {id} pushed no image: there is nothing to deliver");
    if is_after_another(session) {
        notice(look, "No delivery", &told);
        return Ok(Exit::Pass);
    }
    let hint = "images are pushed by `cargo xtask ci` on a CI service, where the settings name [[images]]";
    Err(Failure::usage(told).hint(hint))
}

/// The verdict stays what it is; that somebody was not told is a failure beside a pass.
fn end(
    session: &Session,
    look: Look,
    record: &RunRecord,
    (set, commented): (Result<(), GitHubError>, Result<Commented, GitHubError>),
) -> Result<Exit, Failure> {
    let mut exit = exit_of(record);
    let mut untold = set.err();
    match commented {
        Ok(Commented::On(number, Outcome::GaveUp)) => {
            notice(look, "No comment", &told(Outcome::GaveUp, number).1);
            exit = if exit == Exit::Pass { Exit::Environment } else { exit };
        }
        Ok(Commented::On(number, outcome)) if !look.is_for_programs() => say(&told(outcome, number).1),
        Ok(Commented::On(..) | Commented::Nowhere) => {}
        Ok(Commented::Several(numbers)) => {
            let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
            let told = format!("several pull requests propose the commit: {}", numbers.join(", "));
            notice(look, "No comment", &told);
        }
        // The right to comment is another one than that to set statuses. A workflow of its own was given its rights.
        Err(error) if error.is_read_only() && !is_after_another(session) => {
            let hint = error.hint().unwrap_or_default();
            notice(
                look,
                "No comment",
                &format!("the token may not comment on pull requests ({error}). {hint}"),
            );
        }
        Err(error) => untold = untold.or(Some(error)),
    }
    match untold {
        Some(error) if exit == Exit::Pass => Err(failed(&error)),
        Some(error) => {
            notice(look, "Not told", &error.to_string());
            Ok(exit)
        }
        None => Ok(exit),
    }
}
