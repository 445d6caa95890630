//! The repository and its pull requests.

use serde::Deserialize;

use super::answers::encode;
use super::client::GitHub;
use super::error::GitHubError;
use crate::model::forge::{PullRequest, RepositoryFacts};

#[derive(Deserialize)]
struct Wired {
    number: u64,
    state: String,
    head: Side,
    base: Side,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    branch: String,
    sha: String,
    repo: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    full_name: String,
}

#[derive(Deserialize)]
struct WiredRepository {
    full_name: String,
    default_branch: String,
    private: bool,
}

impl From<Wired> for PullRequest {
    fn from(wired: Wired) -> Self {
        Self {
            number: wired.number,
            is_open: wired.state == "open",
            head_sha: wired.head.sha,
            head_branch: wired.head.branch,
            head_repository: wired.head.repo.map(|repository| repository.full_name),
            base_repository: wired.base.repo.map(|repository| repository.full_name).unwrap_or_default(),
            base_branch: wired.base.branch,
        }
    }
}

impl GitHub {
    /// What the repository is like.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn about(&self) -> Result<RepositoryFacts, GitHubError> {
        let WiredRepository { full_name, default_branch, private } =
            self.one(format!("/repos/{}", self.repository()))?;
        Ok(RepositoryFacts { full_name, default_branch, is_private: private })
    }

    /// A pull request.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn pull_request(&self, number: u64) -> Result<PullRequest, GitHubError> {
        self.one::<Wired>(self.at(&format!("pulls/{number}"))).map(Into::into)
    }

    /// The open pull requests that propose this commit now. `from` is where the commit comes from, as repository and
    /// branch, when that is known: GitHub does not know the pull requests of commits in forks otherwise.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn proposals(&self, sha: &str, from: Option<(&str, &str)>) -> Result<Vec<PullRequest>, GitHubError> {
        let route =
            match from.map(|(repository, branch)| (repository.split('/').next().unwrap_or(""), branch)) {
                Some((owner, branch)) => {
                    let head = encode(&format!("{owner}:{branch}"));
                    self.at(&format!("pulls?state=open&per_page=100&head={head}"))
                }
                None => self.at(&format!("commits/{}/pulls?per_page=100", encode(sha))),
            };
        let all = self.all::<Wired>(route)?.into_iter().map(PullRequest::from);
        let is_from = |head: &Option<String>| {
            let same = |(wanted, _): (&str, &str)| {
                head.as_ref().is_some_and(|head| head.eq_ignore_ascii_case(wanted))
            };
            from.is_none_or(same)
        };
        let is_wanted = |pull_request: &PullRequest| {
            pull_request.is_open
                && pull_request.head_sha == sha
                && is_from(&pull_request.head_repository)
                // GitHub also knows pull requests between forks.
                && self.repository().is(&pull_request.base_repository)
        };
        Ok(all.filter(is_wanted).collect())
    }
}
