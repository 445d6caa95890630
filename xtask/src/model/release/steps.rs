//! The steps of a release, in their order: what is only looked at comes first, and nothing is seen by anybody before the image
//! is proven.

use serde::{Deserialize, Serialize};

/// A step of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepId {
    /// The commit has passed, and this is the image that it passed with.
    Image,
    /// All sources say the same version.
    Version,
    /// The image says its version, its contents are told and looked through.
    Proof,
    /// The version's tags name the image.
    Promote,
    /// Git has the tag.
    Tag,
    /// There is a draft with the notes.
    Draft,
    /// The draft has its files.
    Assets,
    /// The draft is a release that everybody sees.
    Publish,
}

impl StepId {
    /// All of them, in their order.
    pub const ALL: [Self; 8] = [
        Self::Image,
        Self::Version,
        Self::Proof,
        Self::Promote,
        Self::Tag,
        Self::Draft,
        Self::Assets,
        Self::Publish,
    ];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Version => "version",
            Self::Image => "image",
            Self::Proof => "proof",
            Self::Promote => "promote",
            Self::Tag => "tag",
            Self::Draft => "draft",
            Self::Assets => "assets",
            Self::Publish => "publish",
        }
    }

    /// What it does.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Version => "every source says the same version",
            Self::Image => "the image that this commit was tested with",
            Self::Proof => "the image, pulled by its digest, looked at and run",
            Self::Promote => "tags that people follow, on the same bytes",
            Self::Tag => "the tag in git",
            Self::Draft => "the release on GitHub, as a draft with its notes",
            Self::Assets => "files of the release",
            Self::Publish => "the release, for everybody",
        }
    }
}

/// How a step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The world is as it should be: what was seen, in one line each.
    Done(Vec<String>),
    /// It is still to be done: what would be done, in one line each.
    Todo(Vec<String>),
    /// It has no part in this release, for this reason.
    Skipped(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_comes_after_the_proof() {
        let place = |id| StepId::ALL.iter().position(|step| *step == id);
        for public in [StepId::Promote, StepId::Tag, StepId::Publish] {
            assert!(place(StepId::Proof) < place(public));
        }
        assert_eq!(StepId::ALL.last(), Some(&StepId::Publish));
        assert!(StepId::ALL.is_sorted());
    }
}
