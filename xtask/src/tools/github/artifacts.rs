//! Runs of workflows and what they left. What is in an artifact was made by whoever proposed the change: nothing of it is
//! opened here.

use serde::Deserialize;

use super::address::Address;
use super::answers::{encode, unexpected};
use super::client::GitHub;
use super::error::GitHubError;
use super::wire::{Ask, Wire};
use crate::model::forge::{Artifact, Job, WorkflowRun};

/// GitHub lists the newest runs first; a few more are asked for, should one of them not be what was asked for.
const LATEST: usize = 10;

#[derive(Deserialize)]
struct WiredRun {
    id: u64,
    workflow_id: Option<u64>,
    run_attempt: Option<u32>,
    run_started_at: Option<String>,
    repository: Named,
    event: String,
    conclusion: Option<String>,
    head_branch: Option<String>,
    head_sha: String,
    head_repository: Option<Named>,
    html_url: String,
}

#[derive(Deserialize)]
struct WiredRuns {
    workflow_runs: Vec<WiredRun>,
}

#[derive(Deserialize)]
struct Named {
    full_name: String,
}

#[derive(Deserialize)]
struct WiredPage {
    artifacts: Vec<WiredArtifact>,
}

#[derive(Deserialize)]
struct WiredArtifact {
    id: u64,
    name: String,
    size_in_bytes: u64,
    digest: Option<String>,
    created_at: Option<String>,
    expired: bool,
}

#[derive(Deserialize)]
struct WiredJobs {
    jobs: Vec<WiredJob>,
}

#[derive(Deserialize)]
struct WiredJob {
    name: String,
    conclusion: Option<String>,
}

impl From<WiredRun> for WorkflowRun {
    fn from(run: WiredRun) -> Self {
        Self {
            id: run.id,
            workflow: run.workflow_id,
            attempt: run.run_attempt.unwrap_or(1),
            began: seconds(run.run_started_at.as_deref()),
            event: run.event,
            conclusion: run.conclusion,
            head_branch: run.head_branch,
            head_sha: run.head_sha,
            head_repository: run.head_repository.map(|repository| repository.full_name),
            repository: run.repository.full_name,
            url: run.html_url,
        }
    }
}

/// Seconds since 1970; what is no time is long ago.
fn seconds(time: Option<&str>) -> i64 {
    let time = time.and_then(|time| chrono::DateTime::parse_from_rfc3339(time).ok());
    time.map_or(0, |time| time.timestamp())
}

impl GitHub {
    /// A run of a workflow.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn workflow_run(&self, id: u64) -> Result<WorkflowRun, GitHubError> {
        self.one::<WiredRun>(self.at(&format!("actions/runs/{id}"))).map(Into::into)
    }

    /// The newest run of a workflow that a push to this branch of our own repository started and that succeeded; none when there is
    /// none. An answer that does not keep to what was asked for is not believed.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn last_success(&self, workflow: u64, branch: &str) -> Result<Option<WorkflowRun>, GitHubError> {
        let name = encode(branch);
        let asked = format!("branch={name}&event=push&status=success&per_page={LATEST}");
        let route = self.at(&format!("actions/workflows/{workflow}/runs?{asked}"));
        let runs = self.one::<WiredRuns>(route)?.workflow_runs.into_iter().map(WorkflowRun::from);
        let is_wanted = |run: &WorkflowRun| {
            run.workflow == Some(workflow)
                && run.event == "push"
                && run.conclusion.as_deref() == Some("success")
                && run.head_branch.as_deref() == Some(branch)
                && self.repository().is(&run.repository)
                && !run.is_fork()
        };
        Ok(runs.filter(is_wanted).max_by_key(|run| run.id))
    }

    /// The jobs of one attempt at a run, over all pages.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn jobs(&self, run: u64, attempt: u32) -> Result<Vec<Job>, GitHubError> {
        let route = self.at(&format!("actions/runs/{run}/attempts/{attempt}/jobs?per_page=100"));
        let jobs = self.pages::<WiredJobs>(route)?.into_iter().flat_map(|page| page.jobs);
        Ok(jobs.map(|WiredJob { name, conclusion }| Job { name, conclusion }).collect())
    }

    /// What a run left, over all pages.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn artifacts(&self, run: u64) -> Result<Vec<Artifact>, GitHubError> {
        let route = self.at(&format!("actions/runs/{run}/artifacts?per_page=100"));
        let all = self.pages::<WiredPage>(route)?.into_iter().flat_map(|page| page.artifacts);
        let artifact = |artifact: WiredArtifact| Artifact {
            id: artifact.id,
            name: artifact.name,
            size: artifact.size_in_bytes,
            digest: artifact.digest,
            created: seconds(artifact.created_at.as_deref()),
            is_expired: artifact.expired,
        };
        Ok(all.map(artifact).collect())
    }

    /// The archive of an artifact, of at most so many bytes. GitHub sends us to another place for it, which does not get
    /// the token.
    ///
    /// # Errors
    /// [`GitHubError::TooLarge`], also when the artifact says so itself; otherwise see [`GitHubError`].
    pub fn download(&self, artifact: &Artifact, largest: usize) -> Result<Vec<u8>, GitHubError> {
        let ask = Ask { largest, ..Ask::get(self.at(&format!("actions/artifacts/{}/zip", artifact.id))) };
        if usize::try_from(artifact.size).map_or(true, |size| size > largest) {
            return Err(GitHubError::TooLarge { route: ask.route(), limit: largest });
        }
        let answer = self.read(&ask)?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        let place = answer.header("location").unwrap_or_default();
        let (origin, route) =
            split(place).ok_or_else(|| unexpected(&ask, "it names no place to fetch it".to_owned()))?;
        let address = Address::origin(origin).map_err(|error| unexpected(&ask, error.reason().to_owned()))?;
        let wire = Wire::new(&address, None, self.patience.request)?;
        let there = Ask { largest, ..Ask::get(route) };
        self.read_over(&wire, &there).map(|answer| answer.body)
    }
}

/// Scheme and host, and the rest.
fn split(place: &str) -> Option<(&str, &str)> {
    let host = place.find("://")? + 3;
    let path = host + place.get(host..)?.find('/')?;
    Some(place.split_at(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_the_rest() {
        assert_eq!(split("https://a.example:1/b?c=/d"), Some(("https://a.example:1", "/b?c=/d")));
        assert_eq!((split("https://a.example"), split("/b"), split("")), (None, None, None));
    }
}
