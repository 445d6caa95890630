//! What a forge such as GitHub knows: repositories, pull requests, runs and what they left. Facts only.

use std::fmt;
use std::str::FromStr;

use super::annotation::Annotation;

mod release;

pub use release::{Asset, ForgeRelease, GitTag};

/// `owner/name`, as GitHub takes it: letters, digits, `-`, `_` and `.`, and neither part is made of dots alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repository {
    owner: String,
    name: String,
}

impl Repository {
    /// Who owns it.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Its name without the owner.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a text names this repository; GitHub does not tell cases apart.
    #[must_use]
    pub fn is(&self, full_name: &str) -> bool {
        self.to_string().eq_ignore_ascii_case(full_name)
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl Repository {
    /// The repository of a remote's address: `https://HOST/ada/parcels.git`, `git@HOST:ada/parcels`.
    #[must_use]
    pub fn of_remote(address: &str) -> Option<Self> {
        let (_, rest) = address.split_once("://").unwrap_or(("", address));
        let (_, path) = rest.split_once(if address.contains("://") { '/' } else { ':' })?;
        let path = path.trim_end_matches('/');
        path.strip_suffix(".git").unwrap_or(path).parse().ok()
    }
}

/// A text that is no `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRepository(String);

impl fmt::Display for NoRepository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no repository of the form OWNER/NAME", self.0)
    }
}

impl std::error::Error for NoRepository {}

impl FromStr for Repository {
    type Err = NoRepository;

    fn from_str(text: &str) -> Result<Self, NoRepository> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_part = |part: &str| part.chars().all(plain) && part.chars().any(|c| c != '.');
        match text.split_once('/') {
            Some((owner, name)) if is_part(owner) && is_part(name) => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err(NoRepository(text.to_owned())),
        }
    }
}

/// A pull request as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// It can still be merged or closed.
    pub is_open: bool,
    /// The commit that it proposes now.
    pub head_sha: String,
    /// The branch of that commit.
    pub head_branch: String,
    /// The repository of that branch; none when it was deleted.
    pub head_repository: Option<String>,
    /// The repository that it is for.
    pub base_repository: String,
    /// The branch that it is for.
    pub base_branch: String,
}

impl PullRequest {
    /// Its commit comes from another repository, or from one that is gone.
    #[must_use]
    pub fn is_fork(&self) -> bool {
        let base = &self.base_repository;
        !self.head_repository.as_ref().is_some_and(|head| head.eq_ignore_ascii_case(base))
    }
}

/// A repository, as far as the pipeline asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryFacts {
    /// `owner/name`.
    pub full_name: String,
    /// Its default branch.
    pub default_branch: String,
    /// Not everybody can read it.
    pub is_private: bool,
}

/// How a commit stands in one respect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is not known whether it passes.
    Error,
    /// It does not pass.
    Failure,
    /// It is being looked at.
    Pending,
    /// It passes.
    Success,
}

impl State {
    /// GitHub's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Failure => "failure",
            Self::Pending => "pending",
            Self::Success => "success",
        }
    }

    /// The state of GitHub's word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Error, Self::Failure, Self::Pending, Self::Success]
            .into_iter()
            .find(|state| state.word() == word)
    }
}

/// A status of a commit: one line below a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// What it is about, such as `slipway/ci`.
    pub context: String,
    /// How the commit stands.
    pub state: State,
    /// One sentence; GitHub takes 140 characters.
    pub description: String,
    /// Where to read more.
    pub target_url: Option<String>,
}

/// A run of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowRun {
    /// Its id.
    pub id: u64,
    /// The workflow; none where GitHub does not tell.
    pub workflow: Option<u64>,
    /// Its attempt, from 1.
    pub attempt: u32,
    /// When this attempt began, in seconds since 1970.
    pub began: i64,
    /// The event that started it.
    pub event: String,
    /// How it ended; none while it runs.
    pub conclusion: Option<String>,
    /// Its branch.
    pub head_branch: Option<String>,
    /// Its commit.
    pub head_sha: String,
    /// The repository of its commit.
    pub head_repository: Option<String>,
    /// The repository that it ran in.
    pub repository: String,
    /// Its page.
    pub url: String,
}

impl WorkflowRun {
    /// Its commit comes from another repository, or from one that is gone.
    #[must_use]
    pub fn is_fork(&self) -> bool {
        !self.head_repository.as_ref().is_some_and(|head| head.eq_ignore_ascii_case(&self.repository))
    }
}

/// A job of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// How it ended; none while it runs.
    pub conclusion: Option<String>,
}

/// What a run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Of its archive, in bytes.
    pub size: u64,
    /// Of its archive, `sha256:` and hexadecimal digits; none where GitHub does not tell.
    pub digest: Option<String>,
    /// When it was made, in seconds since 1970.
    pub created: i64,
    /// GitHub has removed it.
    pub is_expired: bool,
}

/// How a check of a commit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// It passes.
    Success,
    /// It does not.
    Failure,
    /// It was looked at, and nothing follows from it.
    Neutral,
}

impl Conclusion {
    /// GitHub's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
        }
    }
}

/// A check of a commit: a page with remarks beside the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckRun {
    /// Its name, as rules of branches name it.
    pub name: String,
    /// The commit.
    pub head_sha: String,
    /// Which of several runs on the commit it tells of.
    pub external_id: String,
    /// Where to read more.
    pub details_url: Option<String>,
    /// How it ended.
    pub conclusion: Conclusion,
    /// One line.
    pub title: String,
    /// Markdown; GitHub takes 65,535 characters.
    pub summary: String,
    /// Remarks beside the code, the most important first.
    pub annotations: Vec<Annotation>,
}

/// Findings for code scanning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Analysis<'a> {
    /// The commit that was looked at, in full.
    pub commit: &'a str,
    /// Where it is: `refs/heads/main`, `refs/pull/12/head`.
    pub git_ref: &'a str,
    /// The findings as SARIF.
    pub sarif: &'a str,
}

/// What became of findings for code scanning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Processed {
    /// They are taken.
    Complete,
    /// Nobody knows yet.
    Pending,
    /// They are refused, for these reasons.
    Failed(Vec<String>),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_repository_has_two_plain_parts() {
        let repository: Repository = "ada/parcels.rs".parse().unwrap();
        assert_eq!((repository.owner(), repository.name()), ("ada", "parcels.rs"));
        assert!(repository.is("Ada/Parcels.RS") && !repository.is("ada/parcels"));
        for wrong in ["", "ada", "ada/", "/parcels", "ada/parcels/x", "ada/..", "a b/c", "a/b?c", "a/%2e"] {
            assert!(wrong.parse::<Repository>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_remote_names_its_repository() {
        for address in [
            "https://github.com/ada/parcels.git",
            "https://token@github.com/ada/parcels/",
            "ssh://git@github.com:22/ada/parcels.git",
            "git@github.com:ada/parcels.git",
        ] {
            assert_eq!(Repository::of_remote(address).unwrap().to_string(), "ada/parcels", "{address}");
        }
        for other in
            ["/srv/git/parcels.git", "https://github.com/parcels", "../parcels", "file:///srv/ada/parcels"]
        {
            assert_eq!(Repository::of_remote(other), None, "{other}");
        }
    }

    #[test]
    fn a_deleted_repository_is_as_foreign_as_another_one() {
        let mut pull_request = PullRequest {
            number: 1,
            is_open: true,
            head_sha: String::new(),
            head_branch: String::new(),
            head_repository: Some("Ada/parcels".to_owned()),
            base_repository: "ada/parcels".to_owned(),
            base_branch: "main".to_owned(),
        };
        assert!(!pull_request.is_fork());
        pull_request.head_repository = None;
        assert!(pull_request.is_fork());
    }

    proptest! {
        #[test]
        fn what_is_a_repository_is_one_segment_each(text in "\\PC{0,20}/\\PC{0,20}") {
            if let Ok(repository) = text.parse::<Repository>() {
                prop_assert_eq!(repository.to_string(), text.as_str());
                prop_assert!(!text.contains(['?', '#', '%', ' ', '\\']));
            }
        }
    }
}
