//! `when` of a step: where and on which events it runs.

use serde::{Deserialize, Serialize};

use crate::model::context::Context;

/// A place, an event, or where the commit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Outside CI.
    Local,
    /// On a CI service, whatever the event.
    Ci,
    /// A branch or a tag was pushed.
    Push,
    /// A pull request was opened or changed.
    PullRequest,
    /// A merge queue tries a merge.
    MergeGroup,
    /// Another workflow ended.
    WorkflowRun,
    /// A clock.
    Schedule,
    /// Somebody started the workflow by hand.
    WorkflowDispatch,
    /// A release changed.
    Release,
    /// The commit comes from another repository.
    Fork,
    /// The commit comes from this repository.
    #[serde(rename = "not-fork")]
    NotFork,
}

impl std::fmt::Display for Condition {
    /// The word that is written in the settings.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Local => "local",
            Self::Ci => "ci",
            Self::Push => "push",
            Self::PullRequest => "pull_request",
            Self::MergeGroup => "merge_group",
            Self::WorkflowRun => "workflow_run",
            Self::Schedule => "schedule",
            Self::WorkflowDispatch => "workflow_dispatch",
            Self::Release => "release",
            Self::Fork => "fork",
            Self::NotFork => "not-fork",
        })
    }
}

impl Condition {
    /// Whether it is about where the commit comes from; the others are about places and events.
    fn is_about_origin(self) -> bool {
        matches!(self, Self::Fork | Self::NotFork)
    }

    fn holds(self, context: &Context) -> bool {
        match self {
            Self::Local => !context.is_ci(),
            Self::Ci => context.is_ci(),
            Self::Push => context.event.name() == "push",
            Self::PullRequest => context.event.name() == "pull_request",
            Self::MergeGroup => context.event.name() == "merge_group",
            Self::WorkflowRun => context.event.name() == "workflow_run",
            Self::Schedule => context.event.name() == "schedule",
            Self::WorkflowDispatch => context.event.name() == "workflow_dispatch",
            Self::Release => context.event.name() == "release",
            Self::Fork => context.is_fork(),
            Self::NotFork => !context.is_fork(),
        }
    }
}

/// Whether a step with these conditions runs: any of the named events and places holds, and, when `fork` or
/// `not-fork` is named, that too. No condition always holds.
#[must_use]
pub fn holds(conditions: &[Condition], context: &Context) -> bool {
    let (origins, places): (Vec<Condition>, Vec<Condition>) =
        conditions.iter().partition(|condition| condition.is_about_origin());
    [origins, places]
        .iter()
        .all(|group| group.is_empty() || group.iter().any(|condition| condition.holds(context)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::context::tests::local;
    use crate::model::context::{Event, PullRequest};

    fn pull_request(fork: bool) -> Context {
        let event = Event::PullRequest(PullRequest {
            number: 1,
            action: "opened".to_owned(),
            head_sha: "a".repeat(40),
            head_branch: "topic".to_owned(),
            head_repository: None,
            merge_sha: None,
            base_branch: "main".to_owned(),
            base_sha: "b".repeat(40),
            fork,
        });
        Context { event, ..local() }
    }

    #[test]
    fn any_named_place_or_event_is_enough() {
        use Condition::{Ci, Local, PullRequest as Pull, Push, Release};
        assert!(holds(&[], &local()));
        assert!(holds(&[Push, Local], &local()));
        assert!(!holds(&[Push, Ci], &local()));
        assert!(holds(&[Push, Pull], &pull_request(true)));
        assert!(!holds(&[Push, Release], &pull_request(true)));
    }

    #[test]
    fn where_the_commit_comes_from_must_hold_too() {
        use Condition::{Fork, Local, NotFork, PullRequest as Pull};
        assert!(!holds(&[Pull, NotFork], &pull_request(true)));
        assert!(holds(&[Pull, NotFork], &pull_request(false)));
        assert!(holds(&[Fork], &pull_request(true)));
        assert!(!holds(&[Local, NotFork], &pull_request(false)));
        assert!(holds(&[Local, NotFork], &local()));
    }
}
