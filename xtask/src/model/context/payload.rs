//! The parts of GitHub's event payloads that are read; everything else in them is ignored.
//! Source: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Repository {
    pub(super) full_name: String,
    pub(super) default_branch: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Push {
    #[serde(default)]
    pub(super) deleted: bool,
    pub(super) repository: Option<Repository>,
}

#[derive(Deserialize)]
pub(super) struct PullRequestEvent {
    pub(super) action: String,
    pub(super) number: u64,
    pub(super) pull_request: PullRequestBody,
}

#[derive(Deserialize)]
pub(super) struct PullRequestBody {
    pub(super) head: Side,
    pub(super) base: Side,
}

#[derive(Deserialize)]
pub(super) struct Side {
    #[serde(rename = "ref")]
    pub(super) git_ref: String,
    pub(super) sha: String,
    pub(super) repo: Option<Repository>,
}

#[derive(Deserialize)]
pub(super) struct MergeGroupEvent {
    pub(super) merge_group: MergeGroup,
}

#[derive(Deserialize)]
pub(super) struct MergeGroup {
    pub(super) head_sha: String,
    pub(super) head_ref: String,
    pub(super) base_sha: String,
    pub(super) base_ref: String,
}

#[derive(Deserialize)]
pub(super) struct WorkflowRunEvent {
    pub(super) workflow_run: WorkflowRun,
    pub(super) repository: Repository,
}

#[derive(Deserialize)]
pub(super) struct WorkflowRun {
    pub(super) id: u64,
    #[serde(default = "first")]
    pub(super) run_attempt: u32,
    pub(super) conclusion: Option<String>,
    pub(super) event: String,
    pub(super) head_branch: Option<String>,
    pub(super) head_sha: String,
    pub(super) head_repository: Option<Repository>,
}

fn first() -> u32 {
    1
}

#[derive(Deserialize)]
pub(super) struct Schedule {
    pub(super) schedule: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ReleaseEvent {
    pub(super) action: String,
    pub(super) release: Release,
}

#[derive(Deserialize)]
pub(super) struct Release {
    pub(super) tag_name: String,
    #[serde(default)]
    pub(super) prerelease: bool,
}
