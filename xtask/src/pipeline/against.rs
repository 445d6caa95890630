//! The last good run of the branch that a change is for, and what is different from it. A comment says more with it and is
//! written without it: whatever is missing becomes a sentence, and never a failure.

use std::time::Duration;

use super::Session;
use super::forge::{home, open_for};
use super::handover;
use super::provenance::Told;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::model::against::{Base, Changes};
use crate::model::forge::{Repository, WorkflowRun};
use crate::model::record::RunRecord;
use crate::tools::github::{GitHub, GitHubError, Patience};

/// Of its own, so that what the comment itself needs is never used up here.
const PATIENCE: fn() -> Patience = || Patience {
    attempts: 2,
    longest_wait: Duration::from_secs(10),
    total: Duration::from_mins(1),
    requests: 40,
    ..Patience::default()
};

/// Why there is nothing to compare with.
enum NoBase {
    /// As a sentence without its stop.
    Why(String),
    /// Somebody wants an end.
    Interrupted,
}

impl From<GitHubError> for NoBase {
    fn from(error: GitHubError) -> Self {
        match error {
            GitHubError::Interrupted => Self::Interrupted,
            error if error.status() == Some(403) => Self::Why(
                "the token may not read the runs of workflows, for which it needs `actions: read`".to_owned(),
            ),
            error => Self::Why(error.to_string()),
        }
    }
}

impl From<Failure> for NoBase {
    fn from(failure: Failure) -> Self {
        if failure.exit() == Exit::Interrupted {
            return Self::Interrupted;
        }
        Self::Why(failure.message().to_owned())
    }
}

/// What a run came to against the last good run of its workflow on this branch, or why that is not known.
///
/// # Errors
/// When somebody wants an end.
pub fn base(session: &Session, told: &Told, branch: &str, repository: &Repository) -> Result<Base, Failure> {
    let branch = branch.to_owned();
    match before(session, told, &branch, repository) {
        Ok((run, record)) => {
            let changes = Box::new(Changes::between(&told.record, &record));
            let url = format!("{}/actions/runs/{}", home(session, repository), run.id);
            Ok(Base::Known { branch, commit: run.head_sha, url, changes })
        }
        Err(NoBase::Why(why)) => Ok(Base::Unknown { branch, why }),
        Err(NoBase::Interrupted) => Err(Failure::interrupted()),
    }
}

fn before(
    session: &Session,
    told: &Told,
    branch: &str,
    repository: &Repository,
) -> Result<(WorkflowRun, RunRecord), NoBase> {
    let Some((id, workflow)) = told.run() else {
        return Err(NoBase::Why(
            "this was not a run on GitHub, so it has no workflow to look for".to_owned(),
        ));
    };
    let github = open_for(session, repository.clone(), PATIENCE(), &[])?;
    let workflow = match workflow {
        Some(workflow) => workflow,
        None => workflow_of(&github, id, &told.marker.head)?,
    };
    let run = github.last_success(workflow, branch)?;
    let run =
        run.ok_or_else(|| NoBase::Why("its workflow has not succeeded there after a push".to_owned()))?;
    let record = handover::record(&github, run.id, run.began, &session.settings().github.artifact)?;
    // Which commit it was is GitHub's to say.
    if record.context.head_sha.as_ref() != Some(&run.head_sha) {
        return Err(NoBase::Why(format!("the record of run {} is of another commit than the run", run.id)));
    }
    Ok((run, record))
}

/// The workflow of a run that a record names, which need not be true.
fn workflow_of(github: &GitHub, id: u64, head: &str) -> Result<u64, NoBase> {
    let run = match github.workflow_run(id) {
        Err(error) if error.is_gone() => {
            return Err(NoBase::Why(format!("GitHub does not show the run {id} that the reports name")));
        }
        run => run?,
    };
    if run.head_sha != head {
        return Err(NoBase::Why(format!("run {id}, which the reports name, was of another commit")));
    }
    run.workflow.ok_or_else(|| NoBase::Why(format!("GitHub does not tell the workflow of run {id}")))
}
