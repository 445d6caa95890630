//! What the rules are evaluated over: plain values. Nothing here reads an environment, a repository or a clock.

use super::error::Shown as _;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

/// How many digits of a commit `type=sha` and `{{sha}}` show unless told otherwise.
pub const SHORT: usize = 7;

/// The branches of a merge queue live below this; GitHub documents the form `gh-readonly-queue/BASE/pr-N-SHA`.
const QUEUE: &str = "gh-readonly-queue/";

/// All that rules may look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// What the image is of.
    pub source: Source,
    /// A clock started the run.
    pub scheduled: bool,
    /// The full commit: of a pull request its head, never the synthetic merge commit.
    pub commit: String,
    /// The branch that a pull request is for, or that a tag was pushed from, when the event says so.
    pub base: Option<String>,
    /// The default branch of the repository, when known.
    pub default_branch: Option<String>,
    /// The time of the run.
    pub now: DateTime<Utc>,
    /// The time of the commit.
    pub committed: DateTime<Utc>,
    /// How many digits a short commit has; [`SHORT`] is what users expect.
    pub short: usize,
}

/// What an image is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A branch, without `refs/heads/`.
    Branch(String),
    /// A tag, without `refs/tags/`.
    Tag(String),
    /// A pull request.
    PullRequest(u64),
    /// A merge that a queue tries, into this branch. It belongs to no branch and to no pull request yet: only its
    /// commit names it.
    MergeQueue(String),
    /// A commit without a name: a detached HEAD, or a run that follows another run of a fork.
    Commit,
}

/// A git reference that is none of those which images are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError(String);

impl Inputs {
    /// Inputs of a source and a commit at a time; all else is what it is when nothing is known.
    #[must_use]
    pub fn new(source: Source, commit: &str, committed: DateTime<Utc>) -> Self {
        Self {
            source,
            scheduled: false,
            commit: commit.to_owned(),
            base: None,
            default_branch: None,
            now: committed,
            committed,
            short: SHORT,
        }
    }

    pub(super) fn is_default_branch(&self) -> bool {
        matches!(&self.source, Source::Branch(branch) if self.default_branch.as_ref() == Some(branch))
    }

    /// The first digits of the commit.
    pub(super) fn short_commit(&self) -> &str {
        self.commit.get(..self.short).unwrap_or(&self.commit)
    }
}

impl Source {
    /// The reference as git writes it in full, which an image's label keeps; none for a bare commit.
    #[must_use]
    pub fn git_ref(&self) -> Option<String> {
        match self {
            Self::Branch(name) => Some(format!("refs/heads/{name}")),
            Self::Tag(name) => Some(format!("refs/tags/{name}")),
            Self::PullRequest(number) => Some(format!("refs/pull/{number}/merge")),
            Self::MergeQueue(base) => Some(format!("refs/heads/{QUEUE}{base}")),
            Self::Commit => None,
        }
    }
}

impl FromStr for Source {
    type Err = SourceError;

    /// Reads a full reference: `refs/heads/main`, `refs/tags/v1.2.3`, `refs/pull/7/merge`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || SourceError(text.to_owned());
        if let Some(branch) = text.strip_prefix("refs/heads/").filter(|branch| !branch.is_empty()) {
            // The queue's own part is the last of the path; the base may have slashes.
            let queued = branch.strip_prefix(QUEUE).and_then(|rest| rest.rsplit_once('/'));
            return Ok(match queued {
                Some((base, _)) => Self::MergeQueue(base.to_owned()),
                None => Self::Branch(branch.to_owned()),
            });
        }
        if let Some(tag) = text.strip_prefix("refs/tags/").filter(|tag| !tag.is_empty()) {
            return Ok(Self::Tag(tag.to_owned()));
        }
        let number = text.strip_prefix("refs/pull/").and_then(|rest| rest.split('/').next());
        number.and_then(|number| number.parse().ok()).map(Self::PullRequest).ok_or_else(error)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Branch(name) => write!(f, "the branch `{}`", name.shown()),
            Self::Tag(name) => write!(f, "the tag `{}`", name.shown()),
            Self::PullRequest(number) => write!(f, "pull request {number}"),
            Self::MergeQueue(base) => write!(f, "a merge queue for `{}`", base.shown()),
            Self::Commit => f.write_str("a commit without a name"),
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no reference that an image is made of: `refs/heads/NAME`, `refs/tags/NAME` or `refs/pull/NUMBER/merge`",
            self.0.shown()
        )
    }
}

impl std::error::Error for SourceError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_read_as_what_they_are() {
        let of = |text: &str| text.parse::<Source>();
        assert_eq!(of("refs/heads/a/b").unwrap(), Source::Branch("a/b".to_owned()));
        assert_eq!(of("refs/tags/v1").unwrap(), Source::Tag("v1".to_owned()));
        assert_eq!(of("refs/pull/7/merge").unwrap(), Source::PullRequest(7));
        let queue = of("refs/heads/gh-readonly-queue/release/1.0/pr-7-0123").unwrap();
        assert_eq!(queue, Source::MergeQueue("release/1.0".to_owned()));
        for text in ["", "main", "refs/heads/", "refs/tags/", "refs/pull/x/merge", "refs/notes/a"] {
            assert_eq!(of(text), Err(SourceError(text.to_owned())));
        }
    }

    #[test]
    fn a_short_commit_is_never_longer_than_the_commit() {
        let mut inputs = Inputs::new(Source::Commit, "0123456789", DateTime::UNIX_EPOCH);
        assert_eq!(inputs.short_commit(), "0123456");
        inputs.short = 40;
        assert_eq!(inputs.short_commit(), "0123456789");
    }
}
