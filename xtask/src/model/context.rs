//! What happened that the pipeline runs: one closed type, decoded from the environment and the event file.
//! An event that is not known here is an error that names it, never a guess.

use serde::{Deserialize, Serialize};

mod base;
mod decode;
mod payload;

pub use base::Base;
pub use decode::{ContextError, Surroundings, decode};

/// Where and why a run runs, and on which commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Context {
    /// What happened.
    pub event: Event,
    /// `owner/name` on the forge; none outside CI.
    pub repository: Option<String>,
    /// Who caused it; none outside CI.
    pub actor: Option<String>,
    /// The commit that is judged: the head of a pull request, never its synthetic merge commit.
    pub head_sha: Option<String>,
    /// What the checkout is like.
    pub checkout: Checkout,
}

/// What git says of the working tree.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Checkout {
    /// The commit that is checked out; none without git or before the first commit.
    pub commit: Option<String>,
    /// The branch that is checked out; none with a detached HEAD.
    pub branch: Option<String>,
    /// The history is cut off.
    pub shallow: bool,
    /// There are changes that are not committed.
    pub dirty: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// Somebody ran it by hand, outside CI.
    Local,
    /// A branch moved.
    PushBranch {
        /// The branch.
        branch: String,
        /// Whether it is the default branch, when the event says so.
        default_branch: Option<bool>,
    },
    /// A tag was pushed.
    PushTag {
        /// The tag.
        tag: String,
    },
    /// A pull request was opened or changed.
    PullRequest(PullRequest),
    /// A merge queue tries a merge.
    MergeGroup {
        /// The branch that it would be merged into.
        base_branch: String,
        /// The commit that it was built on.
        base_sha: String,
        /// The commit of the queue.
        head_sha: String,
        /// The pull request that the queue's branch names.
        pull_request: Option<u64>,
    },
    /// Another workflow ended.
    WorkflowRun {
        /// Its run.
        run_id: u64,
        /// Its attempt.
        run_attempt: u32,
        /// How it ended.
        conclusion: Option<String>,
        /// The event that had started it.
        triggered_by: String,
        /// Its branch.
        head_branch: Option<String>,
        /// Its commit.
        head_sha: String,
        /// The repository that its commit comes from.
        head_repository: Option<String>,
        /// That repository is not this one: nothing from it is trusted.
        fork: bool,
    },
    /// A clock.
    Schedule {
        /// The cron line.
        cron: Option<String>,
        /// The branch, which is the default one.
        branch: String,
    },
    /// Somebody pressed the button.
    WorkflowDispatch {
        /// The branch or tag, as git names it.
        git_ref: String,
    },
    /// A release changed.
    Release {
        /// What was done to it: `published`, `created`, ….
        action: String,
        /// Its tag.
        tag: String,
        /// It is marked as a pre-release.
        prerelease: bool,
    },
}

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// What was done to it: `opened`, `synchronize`, ….
    pub action: String,
    /// The commit that was proposed.
    pub head_sha: String,
    /// The branch that was proposed.
    pub head_branch: String,
    /// The repository that it comes from; none when that was deleted.
    pub head_repository: Option<String>,
    /// The synthetic merge commit that CI checks out.
    pub merge_sha: Option<String>,
    /// The branch that it is for.
    pub base_branch: String,
    /// The commit of that branch.
    pub base_sha: String,
    /// It comes from another repository: no secrets, a read-only token, nothing of it is trusted.
    pub fork: bool,
}

impl Context {
    /// Whether this is a run on a CI service.
    #[must_use]
    pub fn is_ci(&self) -> bool {
        self.event != Event::Local
    }

    /// The commit of a pull request comes from another repository.
    #[must_use]
    pub fn is_fork(&self) -> bool {
        match &self.event {
            Event::PullRequest(pull_request) => pull_request.fork,
            Event::WorkflowRun { fork, .. } => *fork,
            _ => false,
        }
    }

    /// What Dependabot proposes lies in the repository, and is the code of others. Its token may only read unless the workflow
    /// names permissions, as a workflow that pushes has to.
    #[must_use]
    pub fn is_dependabot(&self) -> bool {
        let branch = match &self.event {
            Event::PullRequest(pull_request) => Some(&pull_request.head_branch),
            Event::PushBranch { branch, .. } => Some(branch),
            Event::WorkflowRun { head_branch, .. } => head_branch.as_ref(),
            _ => None,
        };
        branch.is_some_and(|branch| branch.starts_with("dependabot/"))
    }

    /// Where the commit that is judged is, as git names it in full: `refs/heads/main`, `refs/pull/12/head`. None where no branch, tag
    /// or pull request has it.
    #[must_use]
    pub fn full_ref(&self) -> Option<String> {
        Some(match &self.event {
            Event::PullRequest(pull_request) => format!("refs/pull/{}/head", pull_request.number),
            Event::PushBranch { branch, .. } | Event::Schedule { branch, .. } => {
                format!("refs/heads/{branch}")
            }
            Event::PushTag { tag } | Event::Release { tag, .. } => format!("refs/tags/{tag}"),
            Event::WorkflowDispatch { git_ref } => git_ref.clone(),
            Event::Local => format!("refs/heads/{}", self.checkout.branch.as_ref()?),
            Event::MergeGroup { .. } | Event::WorkflowRun { .. } => return None,
        })
    }

    /// `pull request 12 (fork)`, `push to main`, `local`.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.event {
            Event::Local => match &self.checkout.branch {
                Some(branch) => format!("local, on {branch}"),
                None => "local".to_owned(),
            },
            Event::PushBranch { branch, .. } => format!("push to {branch}"),
            Event::PushTag { tag } => format!("tag {tag}"),
            Event::PullRequest(pull_request) => {
                let fork = if pull_request.fork { " (fork)" } else { "" };
                format!("pull request {}{fork} to {}", pull_request.number, pull_request.base_branch)
            }
            Event::MergeGroup { base_branch, .. } => format!("merge queue of {base_branch}"),
            Event::WorkflowRun { run_id, .. } => format!("after workflow run {run_id}"),
            Event::Schedule { branch, .. } => format!("schedule on {branch}"),
            Event::WorkflowDispatch { git_ref } => format!("started by hand on {git_ref}"),
            Event::Release { tag, action, .. } => format!("release {tag} {action}"),
        }
    }
}

impl Event {
    /// GitHub's name of the event, or `local`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::PushBranch { .. } | Self::PushTag { .. } => "push",
            Self::PullRequest(_) => "pull_request",
            Self::MergeGroup { .. } => "merge_group",
            Self::WorkflowRun { .. } => "workflow_run",
            Self::Schedule { .. } => "schedule",
            Self::WorkflowDispatch { .. } => "workflow_dispatch",
            Self::Release { .. } => "release",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn a_ref_is_named_in_full_where_there_is_one() {
        let of = |event: Event| Context { event, ..local() }.full_ref();
        let branch = Event::PushBranch { branch: "a/b".to_owned(), default_branch: None };
        assert_eq!(of(branch).as_deref(), Some("refs/heads/a/b"));
        assert_eq!(of(Event::PushTag { tag: "v1".to_owned() }).as_deref(), Some("refs/tags/v1"));
        assert_eq!(of(Event::Local), None);
        let mut here = local();
        here.checkout.branch = Some("main".to_owned());
        assert_eq!(here.full_ref().as_deref(), Some("refs/heads/main"));
    }

    /// A run by hand.
    pub(crate) fn local() -> Context {
        Context {
            event: Event::Local,
            repository: None,
            actor: None,
            head_sha: None,
            checkout: Checkout::default(),
        }
    }
}
