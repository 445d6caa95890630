//! Images that somebody names, in place of those of the settings.

use slipway_image::{Reference, Tag};

use crate::model::step::Skip;

/// Images that are in a registry, and what is to be looked at before they are.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Which.
    pub references: Vec<Reference>,
    /// The tag that must name the same digests; none when nobody said which commit they are of.
    pub tag: Option<Tag>,
    /// Who must have attested them; none when nobody asks.
    pub attested: Option<Attested>,
}

/// Who must have attested images: where they are built, or why nobody is asked.
#[derive(Clone, Debug)]
pub struct Attested {
    /// `owner/name`.
    pub repository: String,
    /// The commit that they were built from; none when that is not known.
    pub commit: Option<String>,
    /// Why nobody is asked.
    pub skip: Option<Skip>,
}
