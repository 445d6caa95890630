//! From a CI service's variables and event file to the one context type.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;

use super::payload::{
    MergeGroupEvent, PullRequestEvent, Push, ReleaseEvent, Repository, Schedule, WorkflowRunEvent,
};
use super::{Checkout, Context, Event, PullRequest};

/// What a context is decoded from; the caller has read it.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The process environment.
    pub env: &'a BTreeMap<String, String>,
    /// The text of the file that `GITHUB_EVENT_PATH` names, if it names one.
    pub payload: Option<&'a str>,
    /// What git says.
    pub checkout: &'a Checkout,
}

/// Why the context cannot be told.
#[derive(Debug)]
pub enum ContextError {
    /// The event is not one that the pipeline knows.
    UnknownEvent(String),
    /// The event is known and refused, for this reason.
    Refused {
        /// The event.
        event: String,
        /// Why.
        reason: &'static str,
    },
    /// A variable that the CI service should have set is missing.
    MissingVariable(&'static str),
    /// The event needs its payload, and there is none.
    MissingPayload(String),
    /// The payload is not what GitHub documents for the event.
    BadPayload {
        /// The event.
        event: String,
        /// What the reader says.
        error: serde_json::Error,
    },
}

impl fmt::Display for ContextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownEvent(event) => write!(f, "the event `{event}` is not known"),
            Self::Refused { event, reason } => write!(f, "the event `{event}` is refused: {reason}"),
            Self::MissingVariable(name) => {
                write!(f, "the variable {name} is not set, though GITHUB_ACTIONS is")
            }
            Self::MissingPayload(event) => {
                write!(f, "the event `{event}` needs the file in GITHUB_EVENT_PATH")
            }
            Self::BadPayload { event, error } => {
                write!(f, "the event file is not a payload of `{event}`: {error}")
            }
        }
    }
}

impl std::error::Error for ContextError {}

/// Decodes the context. Outside GitHub Actions it is [`Event::Local`].
///
/// # Errors
/// When the event is unknown or refused, or what describes it is missing or malformed.
pub fn decode(surroundings: Surroundings<'_>) -> Result<Context, ContextError> {
    let Surroundings { env, payload, checkout } = surroundings;
    let head_of_checkout = checkout.commit.clone();
    if env.get("GITHUB_ACTIONS").map(String::as_str) != Some("true") {
        return Ok(Context {
            event: Event::Local,
            repository: None,
            actor: None,
            head_sha: head_of_checkout,
            checkout: checkout.clone(),
        });
    }
    let reader = Reader { env, payload, name: variable(env, "GITHUB_EVENT_NAME")? };
    let event = reader.event()?;
    let head_sha = match &event {
        Event::PullRequest(pull_request) => Some(pull_request.head_sha.clone()),
        Event::MergeGroup { head_sha, .. } | Event::WorkflowRun { head_sha, .. } => Some(head_sha.clone()),
        _ => Some(variable(env, "GITHUB_SHA")?.to_owned()),
    };
    Ok(Context {
        event,
        repository: Some(variable(env, "GITHUB_REPOSITORY")?.to_owned()),
        actor: env.get("GITHUB_ACTOR").cloned(),
        head_sha,
        checkout: checkout.clone(),
    })
}

fn variable<'a>(env: &'a BTreeMap<String, String>, name: &'static str) -> Result<&'a str, ContextError> {
    env.get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or(ContextError::MissingVariable(name))
}

struct Reader<'a> {
    env: &'a BTreeMap<String, String>,
    payload: Option<&'a str>,
    name: &'a str,
}

impl Reader<'_> {
    fn event(&self) -> Result<Event, ContextError> {
        match self.name {
            "push" => self.push(),
            "pull_request" => self.pull_request(),
            "pull_request_target" => {
                Err(self.refused("it runs a fork's code with this repository's secrets"))
            }
            "merge_group" => self.merge_group(),
            "workflow_run" => self.workflow_run(),
            "schedule" => Ok(Event::Schedule {
                cron: self.read::<Schedule>()?.schedule,
                branch: branch_of(self.git_ref()?).to_owned(),
            }),
            "workflow_dispatch" => Ok(Event::WorkflowDispatch { git_ref: self.git_ref()?.to_owned() }),
            "release" => {
                let ReleaseEvent { action, release } = self.read()?;
                if ["deleted", "unpublished"].contains(&action.as_str()) {
                    return Err(self.refused("the release is gone, and its tag may be gone too"));
                }
                Ok(Event::Release { action, tag: release.tag_name, prerelease: release.prerelease })
            }
            other => Err(ContextError::UnknownEvent(other.to_owned())),
        }
    }

    fn refused(&self, reason: &'static str) -> ContextError {
        ContextError::Refused { event: self.name.to_owned(), reason }
    }

    fn push(&self) -> Result<Event, ContextError> {
        let push: Push = self.read()?;
        let is_zero = |commit: &String| !commit.is_empty() && commit.bytes().all(|byte| byte == b'0');
        if push.deleted || push.after.as_ref().is_some_and(is_zero) {
            return Err(self.refused("the branch or tag was deleted, so there is nothing to build"));
        }
        let git_ref = self.git_ref()?;
        if let Some(tag) = git_ref.strip_prefix("refs/tags/") {
            return Ok(Event::PushTag { tag: tag.to_owned() });
        }
        let branch = branch_of(git_ref).to_owned();
        let default = push.repository.and_then(|repository| repository.default_branch);
        Ok(Event::PushBranch { default_branch: default.map(|default| default == branch), branch })
    }

    fn pull_request(&self) -> Result<Event, ContextError> {
        let PullRequestEvent { action, number, pull_request } = self.read()?;
        let here = self.env.get("GITHUB_REPOSITORY");
        let name = |repository: Option<Repository>| repository.map(|repository| repository.full_name);
        let base_repository = name(pull_request.base.repo).or_else(|| here.cloned());
        let head_repository = name(pull_request.head.repo);
        Ok(Event::PullRequest(PullRequest {
            number,
            action,
            // A deleted head repository is as foreign as another one.
            fork: head_repository.is_none() || head_repository != base_repository,
            head_sha: pull_request.head.sha,
            head_branch: pull_request.head.git_ref,
            head_repository,
            merge_sha: self.env.get("GITHUB_SHA").cloned(),
            base_branch: pull_request.base.git_ref,
            base_sha: pull_request.base.sha,
        }))
    }

    fn merge_group(&self) -> Result<Event, ContextError> {
        let MergeGroupEvent { merge_group } = self.read()?;
        Ok(Event::MergeGroup {
            base_branch: branch_of(&merge_group.base_ref).to_owned(),
            base_sha: merge_group.base_sha,
            head_sha: merge_group.head_sha,
            pull_request: queued_pull_request(&merge_group.head_ref),
        })
    }

    fn workflow_run(&self) -> Result<Event, ContextError> {
        let WorkflowRunEvent { action, workflow_run, repository } = self.read()?;
        if action.is_some_and(|action| action != "completed") {
            return Err(self.refused("the other workflow has not ended: use `types: [completed]`"));
        }
        let head_repository = workflow_run.head_repository.map(|repository| repository.full_name);
        Ok(Event::WorkflowRun {
            run_id: workflow_run.id,
            run_attempt: workflow_run.run_attempt,
            conclusion: workflow_run.conclusion,
            triggered_by: workflow_run.event,
            head_branch: workflow_run.head_branch,
            head_sha: workflow_run.head_sha,
            fork: head_repository.as_ref() != Some(&repository.full_name),
            head_repository,
        })
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, ContextError> {
        let payload = self.payload.ok_or_else(|| ContextError::MissingPayload(self.name.to_owned()))?;
        serde_json::from_str(payload)
            .map_err(|error| ContextError::BadPayload { event: self.name.to_owned(), error })
    }

    fn git_ref(&self) -> Result<&str, ContextError> {
        variable(self.env, "GITHUB_REF")
    }
}

fn branch_of(git_ref: &str) -> &str {
    git_ref.strip_prefix("refs/heads/").unwrap_or(git_ref)
}

/// The number in `refs/heads/gh-readonly-queue/BASE/pr-12-SHA`.
fn queued_pull_request(head_ref: &str) -> Option<u64> {
    let last = head_ref.rsplit('/').next()?;
    last.strip_prefix("pr-")?.split('-').next()?.parse().ok()
}

#[cfg(test)]
mod tests;
