//! The parts of GitHub's event payloads that are read; everything else in them is ignored. What has a form is held to it: an empty
//! commit would be judged, and an empty branch would name an image.
//! Source: <https://docs.github.com/en/webhooks/webhook-events-and-payloads>.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
pub(super) struct Repository {
    #[serde(deserialize_with = "full_name")]
    pub(super) full_name: String,
    pub(super) default_branch: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Push {
    #[serde(default)]
    pub(super) deleted: bool,
    pub(super) after: Option<String>,
    pub(super) repository: Option<Repository>,
}

#[derive(Deserialize)]
pub(super) struct PullRequestEvent {
    #[serde(deserialize_with = "named")]
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
    #[serde(rename = "ref", deserialize_with = "named")]
    pub(super) git_ref: String,
    #[serde(deserialize_with = "commit")]
    pub(super) sha: String,
    pub(super) repo: Option<Repository>,
}

#[derive(Deserialize)]
pub(super) struct MergeGroupEvent {
    pub(super) merge_group: MergeGroup,
}

#[derive(Deserialize)]
pub(super) struct MergeGroup {
    #[serde(deserialize_with = "commit")]
    pub(super) head_sha: String,
    pub(super) head_ref: String,
    #[serde(deserialize_with = "commit")]
    pub(super) base_sha: String,
    #[serde(deserialize_with = "named")]
    pub(super) base_ref: String,
}

#[derive(Deserialize)]
pub(super) struct WorkflowRunEvent {
    pub(super) action: Option<String>,
    pub(super) workflow_run: WorkflowRun,
    pub(super) repository: Repository,
}

#[derive(Deserialize)]
pub(super) struct WorkflowRun {
    pub(super) id: u64,
    #[serde(default = "first")]
    pub(super) run_attempt: u32,
    pub(super) conclusion: Option<String>,
    #[serde(deserialize_with = "named")]
    pub(super) event: String,
    pub(super) head_branch: Option<String>,
    #[serde(deserialize_with = "commit")]
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
    #[serde(deserialize_with = "named")]
    pub(super) action: String,
    pub(super) release: Release,
}

#[derive(Deserialize)]
pub(super) struct Release {
    #[serde(deserialize_with = "named")]
    pub(super) tag_name: String,
    #[serde(default)]
    pub(super) prerelease: bool,
}

/// A commit: by SHA-1 or SHA-256, whole or shortened.
fn commit<'a, D: Deserializer<'a>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let is_commit = (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_commit {
        Ok(text)
    } else {
        Err(D::Error::custom("a commit is wanted, of 7 to 64 hexadecimal digits"))
    }
}

fn named<'a, D: Deserializer<'a>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.trim().is_empty() { Err(D::Error::custom("a name is wanted, and it is empty")) } else { Ok(text) }
}

fn full_name<'a, D: Deserializer<'a>>(from: D) -> Result<String, D::Error> {
    let text = named(from)?;
    let is_name = text.split('/').count() == 2 && text.split('/').all(|part| !part.is_empty());
    if is_name { Ok(text) } else { Err(D::Error::custom("a repository is wanted, as `owner/name`")) }
}
