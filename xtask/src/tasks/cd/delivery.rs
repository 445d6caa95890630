//! `cd --run-id`: the images of a run, with a status on its commit and a part of the comment on its pull request.

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::comment::Outcome;
use crate::model::forge::State;
use crate::model::record::RunRecord;
use crate::pipeline::comment::told;
use crate::pipeline::delivery::Delivery;
use crate::pipeline::forge::{failed, open, repository};
use crate::pipeline::publish::{notice, say};
use crate::pipeline::run::{exit_of, recorded};
use crate::pipeline::{Session, statuses};
use crate::report::status::line;
use crate::tools::github::GitHubError;

/// Delivers what a run pushed.
///
/// # Errors
/// When the run is not one that is delivered, or GitHub does not do what it is asked.
pub(super) fn run(session: &Session, id: u64, look: Look) -> Result<Exit, Failure> {
    let repository = repository(session)?;
    let github = open(session, repository.clone())?;
    let delivery = Delivery::of(session, &github, id)?;
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
    let github = open(session, repository)?;
    let record = match done {
        Ok(Some(record)) => record,
        Ok(None) => return Ok(Exit::Pass),
        Err(failure) => {
            // What ended it is told; that the commit could not be told, too, would be one thing too much.
            let _ =
                delivery.set_status(session, &github, State::Error, "the delivery could not be carried out");
            return Err(failure);
        }
    };
    let state = statuses::state(&record.verdict);
    let set = delivery.set_status(session, &github, state, &line(&record));
    let commented = delivery.comment(session, &github, &record);
    end(look, &record, set.map(drop), commented)
}

/// The verdict stays what it is; that somebody was not told is a failure beside a pass.
fn end(
    look: Look,
    record: &RunRecord,
    set: Result<(), GitHubError>,
    commented: Result<Option<(u64, Outcome)>, GitHubError>,
) -> Result<Exit, Failure> {
    let exit = exit_of(record);
    let mut untold = set.err();
    match commented {
        Ok(Some((number, outcome))) if !look.is_for_programs() => say(&told(outcome, number).1),
        Ok(_) => {}
        // The right to comment is another one than that to set statuses.
        Err(error) if error.is_read_only() => {
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
