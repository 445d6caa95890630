//! What one rule makes, before it is a tag.

use crate::tags::made::Made;
use crate::tags::release::Release;

/// What a tag follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// One branch, git tag or pull request: no other one may take it.
    Reference,
    /// A line of versions: it only moves up.
    Version,
    /// The newest stable release, or one branch as long as there is none.
    Latest,
    /// A commit.
    Commit,
    /// What the settings say, such as `nightly`: references share it on purpose.
    Settings,
}

/// What a rule makes before prefix and suffix.
pub(in crate::tags) struct Value {
    pub(in crate::tags) made: Made,
    /// What the text is, for people.
    pub(in crate::tags) why: String,
    pub(in crate::tags) follows: Follows,
    /// Whether `latest=auto` makes `latest` when this is the first.
    pub(in crate::tags) latest: bool,
    pub(in crate::tags) release: Option<Release>,
}

/// What a rule makes, or why nothing.
pub(in crate::tags) type Outcome = Result<Value, String>;

impl Value {
    /// What makes `latest` never by itself and tells nothing of versions.
    pub(in crate::tags) fn plain(made: Made, why: String, follows: Follows) -> Self {
        Self { made, why, follows, latest: false, release: None }
    }
}
