//! The one comment on a pull request, written: the rules of `model::comment` decide, and GitHub does.

use std::time::Instant;

use crate::model::comment::{Action, Event, Hold, Mine, Outcome, Upsert};
use crate::tools::github::{GitHub, GitHubError};

/// Who writes with the token that GitHub Actions gives: an app may not ask who it is. Another app's first comment tells.
const ACTIONS: &str = "github-actions[bot]";

/// Puts a text on a pull request as the only comment of its kind, unless there is a newer one.
///
/// # Errors
/// See [`GitHubError`]; with [`GitHubError::is_read_only`] the token may not write.
pub fn upsert(github: &GitHub, pull_request: u64, mine: Mine) -> Result<Outcome, GitHubError> {
    let me = github.me()?;
    let mut writer = Upsert::new(mine, me.clone().unwrap_or_else(|| ACTIONS.to_owned()));
    let started = Instant::now();
    let mut action = Action::Look;
    // An app does not know its own name, so whoever copies its text at once is taken for it.
    let mut known = (0, me.as_deref());
    loop {
        let event = match act(github, pull_request, &action, known) {
            Ok(event) => event,
            Err(error) => {
                // A text may still be on its way that must not arrive after the hold is gone: then that becomes stale.
                let is_over = error.status().is_some() || !matches!(action, Action::Update { .. });
                if let Some((comment, hold)) = writer.held_now().filter(|_| is_over) {
                    github.let_go(comment, hold);
                }
                return Err(error);
            }
        };
        if let Event::Seen(comments) = &event {
            known.0 = comments.last().map_or(0, |comment| comment.id);
        }
        action = writer.next(event, started.elapsed());
        if let Action::End(outcome) = action {
            return Ok(outcome);
        }
    }
}

/// How it ended, in a word for programs and in a sentence.
#[must_use]
pub fn told(outcome: Outcome, number: u64) -> (&'static str, String) {
    match outcome {
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
    }
}

/// What is known are the last comment that was seen, and who writes.
fn act(
    github: &GitHub,
    pull_request: u64,
    action: &Action,
    known: (u64, Option<&str>),
) -> Result<Event, GitHubError> {
    Ok(match action {
        Action::Look => Event::Seen(github.comments(pull_request)?),
        Action::AskHead => Event::Head(github.pull_request(pull_request)?.head_sha),
        Action::Create(body) => Event::Created(github.create_comment(pull_request, known, body)?),
        Action::Hold(comment) => match github.react(*comment) {
            Ok(reaction) => Event::Held(Hold { id: reaction.id, is_new: reaction.is_new, age: reaction.age }),
            Err(error) if error.is_unsure() || error.is_gone() => Event::Unsure,
            // Reactions are locked, or the token is for less: whether it may write shows then.
            Err(error) if matches!(error.status(), Some(403 | 422)) => Event::NoHold,
            Err(error) => return Err(error),
        },
        Action::Release { comment, hold } => {
            github.take_back(*comment, *hold)?;
            Event::Done
        }
        Action::Update { id, body } => match github.update_comment(*id, body) {
            Ok(_) => Event::Done,
            Err(error) if error.is_unsure() || error.is_gone() => Event::Unsure,
            Err(error) => return Err(error),
        },
        Action::Delete(id) => match github.delete_comment(*id) {
            Ok(()) => Event::Done,
            Err(error) if error.is_unsure() => Event::Unsure,
            Err(error) => return Err(error),
        },
        Action::Wait => {
            github.give_way()?;
            Event::Done
        }
        Action::End(_) => Event::Done,
    })
}
