//! Whose record it is and what GitHub knows of its run. A record may have been written by anybody who proposes a change; which
//! run it was, what it ran for and how it ended is GitHub's to say, and where the two differ the record is not believed.

use chrono::DateTime;

use super::Session;
use super::forge::home;
use crate::kit::failure::Failure;
use crate::kit::text::plural;
use crate::model::against::Base;
use crate::model::comment::{Marker, Order};
use crate::model::context::Event;
use crate::model::forge::{Job, PullRequest, Repository, WorkflowRun};
use crate::model::gate::Decision;
use crate::model::record::RunRecord;
use crate::report::comment::{Frame, Trust, comment, unrecorded};

/// The name in the marker of our comments: others of ours, about something else, stay.
const NAME: &str = "ci";

/// The most jobs that are named.
const NAMED: usize = 5;

/// What GitHub says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its id.
    pub run: u64,
    /// Its workflow, as far as somebody asked.
    pub workflow: Option<u64>,
    /// Its attempt.
    pub attempt: u32,
    /// How it ended.
    pub conclusion: Option<String>,
    /// Its commit.
    pub head_sha: String,
    /// The branch of that commit.
    pub head_branch: Option<String>,
    /// The repository of that commit.
    pub head_repository: Option<String>,
    /// That is another repository than ours.
    pub is_fork: bool,
    /// Its jobs, as far as somebody asked.
    pub jobs: Vec<Job>,
}

impl Known {
    /// What the event tells of the run after which this one was started.
    #[must_use]
    pub fn of_event(event: &Event) -> Option<Self> {
        let Event::WorkflowRun {
            run_id,
            run_attempt,
            conclusion,
            head_branch,
            head_sha,
            head_repository,
            fork,
            ..
        } = event
        else {
            return None;
        };
        Some(Self {
            run: *run_id,
            workflow: None,
            attempt: *run_attempt,
            conclusion: conclusion.clone(),
            head_sha: head_sha.clone(),
            head_branch: head_branch.clone(),
            head_repository: head_repository.clone(),
            is_fork: *fork,
            jobs: Vec::new(),
        })
    }

    /// What the API tells of it.
    #[must_use]
    pub fn of_run(run: &WorkflowRun) -> Self {
        Self {
            run: run.id,
            workflow: run.workflow,
            attempt: run.attempt,
            conclusion: run.conclusion.clone(),
            head_sha: run.head_sha.clone(),
            head_branch: run.head_branch.clone(),
            head_repository: run.head_repository.clone(),
            is_fork: run.is_fork(),
            jobs: Vec::new(),
        }
    }

    /// Where its commit comes from, as repository and branch.
    #[must_use]
    pub fn origin(&self) -> Option<(&str, &str)> {
        self.head_repository.as_deref().zip(self.head_branch.as_deref())
    }

    /// Somebody or something ended it, or nobody let it begin: then there is nothing to tell of it.
    #[must_use]
    pub fn is_without_result(&self) -> bool {
        matches!(self.conclusion.as_deref(), Some("cancelled" | "skipped" | "action_required" | "stale"))
    }

    /// What the comment about it is marked with.
    #[must_use]
    pub fn marker(&self) -> Marker {
        let order = Order::of_ci(self.run, self.attempt);
        Marker { name: NAME.to_owned(), order, head: self.head_sha.clone() }
    }

    /// The comment about a run that left no record; none when it came to a good end.
    #[must_use]
    pub fn text(&self, home: &str) -> Option<String> {
        let (decision, why) = self.trouble()?;
        let url = format!("{home}/actions/runs/{}", self.run);
        Some(unrecorded(&self.marker(), decision, &why, &url))
    }

    /// Why it did not come to a good end, and how bad that is; none when it did.
    fn trouble(&self) -> Option<(Decision, String)> {
        let word = self.conclusion.as_deref().unwrap_or("no conclusion");
        let decision = match word {
            "success" => return None,
            "failure" | "timed_out" | "startup_failure" => Decision::Fail,
            _ => Decision::Inconclusive,
        };
        let bad: Vec<String> = self.jobs.iter().filter_map(told).collect();
        let more = bad.len().saturating_sub(NAMED);
        let named = bad.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
        let jobs = match (named.is_empty(), more) {
            (true, _) => String::new(),
            (_, 0) => format!(": {named}"),
            _ => format!(": {named} and {}", plural(more, "more job")),
        };
        Some((decision, format!("GitHub says that the workflow run ended with {word}{jobs}")))
    }
}

/// A job that did not end well, with its end.
fn told(job: &Job) -> Option<String> {
    let end = job.conclusion.as_deref()?;
    (!["success", "skipped", "neutral"].contains(&end)).then(|| format!("{} ({end})", job.name))
}

/// What a run came to, with what is known of the run from elsewhere than its own record.
#[derive(Clone, Debug)]
pub struct Told {
    /// The record.
    pub record: RunRecord,
    /// What the comment about it is marked with.
    pub marker: Marker,
    known: Option<Known>,
    /// What GitHub says against it.
    against: Option<String>,
}

impl Told {
    /// Takes from GitHub what GitHub knows, and refuses the record of another commit.
    ///
    /// # Errors
    /// When the record names no commit, or another one than GitHub does.
    pub fn of(session: &Session, mut record: RunRecord, known: Option<Known>) -> Result<Self, Failure> {
        let mut marker = marker(&record)?;
        let mut against = None;
        if let Some(known) = &known {
            if known.head_sha != marker.head {
                return Err(Failure::usage(format!(
                    "the reports are of commit {}, and the run was of {}",
                    marker.head, known.head_sha
                ))
                .hint("hand over the reports of exactly this run"));
            }
            marker.order = Order::of_ci(known.run, known.attempt);
            let repository = super::forge::repository(session).ok();
            record.run.url =
                repository.map(|it| format!("{}/actions/runs/{}", home(session, &it), known.run));
            if let Some((decision, why)) = known.trouble() {
                against = Some(disbelieve(&mut record, decision, why));
            }
        }
        Ok(Self { record, marker, known, against })
    }

    /// The record is of a run for this repository, as far as it says so.
    ///
    /// # Errors
    /// When it is not.
    pub fn is_of(&self, repository: &Repository) -> Result<(), Failure> {
        match &self.record.context.repository {
            Some(other) if !repository.is(other) => {
                Err(Failure::usage(format!("the reports are of {other}, and this is {repository}"))
                    .hint("run it in the repository that the reports are of, or set GITHUB_REPOSITORY"))
            }
            _ => Ok(()),
        }
    }

    /// Where its commit comes from, when GitHub said so.
    #[must_use]
    pub fn origin(&self) -> Option<(&str, &str)> {
        self.known.as_ref()?.origin()
    }

    /// The id of the run and its workflow, as far as GitHub has said it; else what the record says of its run. None of a run outside
    /// GitHub Actions.
    #[must_use]
    pub fn run(&self) -> Option<(u64, Option<u64>)> {
        match &self.known {
            Some(known) => Some((known.run, known.workflow)),
            None if self.record.context.is_ci() => Some((self.record.run.id.parse().ok()?, None)),
            None => None,
        }
    }

    /// Whose numbers these are. Dependabot's branches are in the repository, and what they bring is not.
    #[must_use]
    pub fn trust(&self, session: &Session, pull_request: Option<&PullRequest>) -> Trust {
        let is_dependabot = |branch: &str| branch.starts_with("dependabot/");
        let of_event = |event: &Event| match event {
            Event::PullRequest(proposed) => is_dependabot(&proposed.head_branch),
            Event::WorkflowRun { head_branch, .. } => head_branch.as_deref().is_some_and(is_dependabot),
            _ => false,
        };
        let contexts = [&session.context, &self.record.context];
        let is_strange = contexts.iter().any(|context| context.is_fork() || of_event(&context.event))
            || self.known.as_ref().is_some_and(|known| {
                known.is_fork || known.head_branch.as_deref().is_some_and(is_dependabot)
            })
            || pull_request.is_some_and(|it| it.is_fork() || is_dependabot(&it.head_branch));
        if is_strange { Trust::Theirs } else { Trust::Ours }
    }

    /// The comment about it, with what is known of the branch that the change is for.
    #[must_use]
    pub fn text(&self, home: Option<&str>, trust: Trust, base: Option<&Base>) -> String {
        let against = self.against.as_deref();
        comment(&self.record, &Frame { marker: &self.marker, home, trust, against, base })
    }
}

/// A run that ended badly did not pass, whatever its record says of it. Gives what a reader is told.
fn disbelieve(record: &mut RunRecord, decision: Decision, why: String) -> String {
    let verdict = &mut record.verdict;
    let has_passed = verdict.decision == Decision::Pass;
    verdict.decision = verdict.decision.max(decision);
    verdict.exit_code = verdict.exit_code.max(1);
    if has_passed { format!("{why}; its record says that it passed, which is not believed") } else { why }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::record::tests::record;

    fn known(conclusion: Option<&str>, jobs: &[(&str, &str)]) -> Known {
        let job = |(name, end): &(&str, &str)| Job {
            name: (*name).to_owned(),
            conclusion: Some((*end).to_owned()),
        };
        Known {
            run: 7,
            workflow: None,
            attempt: 1,
            conclusion: conclusion.map(str::to_owned),
            head_sha: "c0ffee00".repeat(5),
            head_branch: None,
            head_repository: None,
            is_fork: false,
            jobs: jobs.iter().map(job).collect(),
        }
    }

    #[test]
    fn a_run_that_failed_names_the_jobs_that_did() {
        let jobs = [("stable", "failure"), ("msrv", "success"), ("beta", "cancelled"), ("attest", "skipped")];
        let (decision, why) = known(Some("failure"), &jobs).trouble().unwrap();
        assert_eq!(decision, Decision::Fail);
        assert_eq!(
            why,
            "GitHub says that the workflow run ended with failure: stable (failure), beta (cancelled)"
        );
        assert_eq!(known(Some("success"), &jobs).trouble(), None, "a job may be allowed to fail");
        for (word, decision) in [
            (Some("timed_out"), Decision::Fail),
            (Some("cancelled"), Decision::Inconclusive),
            (Some("action_required"), Decision::Inconclusive),
            (None, Decision::Inconclusive),
        ] {
            assert_eq!(known(word, &[]).trouble().unwrap().0, decision, "{word:?}");
        }
        let (_, why) = known(Some("failure"), &[("x", "failure"); 9]).trouble().unwrap();
        assert!(why.ends_with("x (failure) and 4 more jobs"), "{why}");
    }

    #[test]
    fn a_record_that_says_passed_is_not_believed_against_github() {
        let mut passed = record();
        let told = disbelieve(&mut passed, Decision::Inconclusive, "why".to_owned());
        assert_eq!((passed.verdict.decision, passed.verdict.exit_code), (Decision::Inconclusive, 1));
        assert_eq!(told, "why; its record says that it passed, which is not believed");
        let mut failed = record();
        failed.verdict.decision = Decision::Fail;
        assert_eq!(disbelieve(&mut failed, Decision::Inconclusive, "why".to_owned()), "why");
        assert_eq!(failed.verdict.decision, Decision::Fail);
    }
}
