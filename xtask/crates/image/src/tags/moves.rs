//! Whether a tag may leave the image that has it. Tags are names that everybody shares: two references never get one
//! silently, and no release goes back to an older one.

use super::error::Shown as _;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};

use super::evaluate::{Follows, Named, Tags};
use super::inputs::Inputs;
use super::labels::{CREATED, REF, RELEASE, REVISION, VERSION};
use super::release::Release;
use crate::reference::Tag;

/// What an image was made of, as far as it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The git reference in full: `refs/heads/main`.
    pub reference: Option<String>,
    /// The full commit.
    pub revision: Option<String>,
    /// When that commit was made.
    pub committed: Option<DateTime<Utc>>,
    /// The version of the release that it is.
    pub release: Option<Release>,
}

/// How a tag moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// No image has it yet.
    New,
    /// It stays with what it follows: the same reference, commit or line of versions.
    Onward,
    /// References share it on purpose; it leaves the image of this one. Say so.
    Shared(String),
    /// The image that has it does not say what it was made of. Say so.
    Unlabelled,
}

/// A tag that may not move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The tag.
    pub tag: Tag,
    /// Why.
    pub reason: Reason,
}

/// Why a tag may not move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its image is of another reference.
    OtherReference {
        /// That reference.
        theirs: String,
        /// The one that wants the tag.
        ours: String,
    },
    /// Its image is of another commit, whose short form is the same.
    OtherCommit {
        /// That commit.
        theirs: String,
        /// The one that wants the tag.
        ours: String,
    },
    /// Its image is of a later commit of the same branch.
    Earlier {
        /// That commit.
        theirs: String,
        /// The one that wants the tag.
        ours: String,
    },
    /// Its image is a later release.
    Older {
        /// The version of that release.
        theirs: String,
        /// The one that wants the tag.
        ours: String,
    },
    /// Its image is a stable release, and this one is none.
    NotStable {
        /// The version of that release.
        theirs: String,
        /// What wants the tag.
        ours: String,
    },
    /// There is no saying which of both versions is the later one.
    Incomparable {
        /// The version of its image.
        theirs: String,
        /// The one that wants the tag.
        ours: String,
    },
}

impl Provenance {
    /// What the labels of an image say, and the tags that name the very same digest: a release that was promoted keeps
    /// the labels of the build, and only its tags tell its version.
    #[must_use]
    pub fn of_image(labels: &BTreeMap<String, String>, beside: &[Tag]) -> Self {
        let get = |name: &str| labels.get(name).filter(|value| !value.is_empty()).cloned();
        // Other tools label a nightly build `20260110` and a pull request `15`, which would be versions of PEP 440.
        let whole = |text: &str| super::release::semver(text).map(Release::semver);
        let labelled = get(RELEASE).and_then(|text| text.parse().ok());
        let labelled = labelled.or_else(|| get(VERSION).and_then(|text| whole(&text)));
        // Only full versions count of tags, too: `1` and `1.2` are lines, not releases.
        let tagged =
            beside.iter().filter_map(|tag| super::release::semver(tag.as_str()).map(Release::semver));
        let release = tagged.fold(labelled, |highest: Option<Release>, release| match highest {
            Some(highest) if release.compare(&highest) != Some(Ordering::Greater) => Some(highest),
            _ => Some(release),
        });
        let committed = get(CREATED).and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
        let committed = committed.map(|time| time.to_utc());
        Self { reference: get(REF), revision: get(REVISION), committed, release }
    }

    /// What an image of these inputs and tags will say.
    #[must_use]
    pub fn of_run(tags: &Tags, inputs: &Inputs) -> Self {
        let revision = Some(inputs.commit.clone()).filter(|commit| !commit.is_empty());
        let release = tags.release.clone();
        Self { reference: inputs.source.git_ref(), revision, committed: Some(inputs.committed), release }
    }
}

/// Whether a tag may move to our image. `holder` is what the image that has the tag now was made of, none when there is
/// no such image.
///
/// # Errors
/// The tag has to stay where it is.
pub fn may_move(named: &Named, holder: Option<&Provenance>, ours: &Provenance) -> Result<Move, Refusal> {
    let Some(theirs) = holder else { return Ok(Move::New) };
    let moved = match named.follows {
        Follows::Reference => same_reference(theirs, ours),
        Follows::Commit => same_commit(theirs, ours),
        Follows::Version => upward(theirs, ours),
        Follows::Latest => latest(theirs, ours),
        Follows::Settings => Ok(shared(theirs, ours)),
    };
    moved.map_err(|reason| Refusal { tag: named.tag.clone(), reason })
}

fn shown(reference: Option<&String>) -> String {
    reference
        .map_or_else(|| "a commit without a name".to_owned(), |reference| format!("`{}`", reference.shown()))
}

fn same_reference(theirs: &Provenance, ours: &Provenance) -> Result<Move, Reason> {
    match &theirs.reference {
        None => Ok(Move::Unlabelled),
        reference if *reference == ours.reference => onward(reference.as_deref(), theirs, ours),
        theirs => Err(Reason::OtherReference {
            theirs: shown(theirs.as_ref()),
            ours: shown(ours.reference.as_ref()),
        }),
    }
}

/// Two pushes to a branch are built at once, and the first may end last. Of a pull request only one is built, and its head may be
/// set back.
fn onward(reference: Option<&str>, theirs: &Provenance, ours: &Provenance) -> Result<Move, Reason> {
    let is_branch = reference.is_some_and(|reference| reference.starts_with("refs/heads/"));
    match (&theirs.revision, &ours.revision) {
        (Some(before), Some(after))
            if is_branch
                && before != after
                && theirs.committed.is_some()
                && theirs.committed > ours.committed =>
        {
            Err(Reason::Earlier { theirs: before.clone(), ours: after.clone() })
        }
        _ => Ok(Move::Onward),
    }
}

fn same_commit(theirs: &Provenance, ours: &Provenance) -> Result<Move, Reason> {
    match (&theirs.revision, &ours.revision) {
        (None, _) => Ok(Move::Unlabelled),
        (Some(theirs), Some(ours)) if theirs != ours => {
            Err(Reason::OtherCommit { theirs: theirs.clone(), ours: ours.clone() })
        }
        _ => Ok(Move::Onward),
    }
}

fn shared(theirs: &Provenance, ours: &Provenance) -> Move {
    match &theirs.reference {
        None => Move::Unlabelled,
        Some(reference) if theirs.reference != ours.reference => Move::Shared(reference.clone()),
        Some(_) => Move::Onward,
    }
}

/// A line of versions only moves up. Where one side has no version only the references can say whether they belong
/// together.
fn upward(theirs: &Provenance, ours: &Provenance) -> Result<Move, Reason> {
    let (Some(before), Some(after)) = (&theirs.release, &ours.release) else {
        return same_reference(theirs, ours);
    };
    let (shown_before, shown_after) = (before.to_string(), after.to_string());
    match before.compare(after) {
        Some(Ordering::Less) => Ok(Move::Onward),
        // The same version again: of the same git tag it is a second run, of another one it is another release.
        Some(Ordering::Equal) => match &theirs.revision {
            Some(revision) if Some(revision) == ours.revision.as_ref() => Ok(Move::Onward),
            _ => same_reference(theirs, ours),
        },
        Some(Ordering::Greater) => Err(Reason::Older { theirs: shown_before, ours: shown_after }),
        None => Err(Reason::Incomparable { theirs: shown_before, ours: shown_after }),
    }
}

/// `latest` only moves to a higher stable release. Until there is one, it is a branch's own.
fn latest(theirs: &Provenance, ours: &Provenance) -> Result<Move, Reason> {
    let stable = |of: &Provenance| of.release.clone().filter(Release::is_stable);
    match (stable(theirs), stable(ours)) {
        (Some(_), Some(_)) => upward(theirs, ours),
        (Some(theirs), None) => {
            let ours = ours
                .release
                .as_ref()
                .map_or_else(|| shown(ours.reference.as_ref()), |release| format!("`{release}`"));
            Err(Reason::NotStable { theirs: theirs.to_string(), ours })
        }
        (None, Some(_)) => Ok(Move::Onward),
        (None, None) if theirs.release.is_some() && ours.release.is_some() => upward(theirs, ours),
        (None, None) => same_reference(theirs, ours),
    }
}

impl Refusal {
    /// Whether all is well without the tag: something older is pushed, and what is newer keeps the tag. Any other
    /// refusal is a failure.
    #[must_use]
    pub fn is_benign(&self) -> bool {
        matches!(self.reason, Reason::Earlier { .. } | Reason::Older { .. } | Reason::NotStable { .. })
    }

    /// What to do about it, in one sentence without a full stop.
    #[must_use]
    pub fn hint(&self) -> String {
        let tag = &self.tag;
        match &self.reason {
            Reason::OtherReference { .. } => format!(
                "rename one of both, give the rule a `prefix` of its own, or delete the tag `{tag}` from the registry if \
                 the other one is gone"
            ),
            Reason::OtherCommit { .. } => "show more of the commit: `type=sha,format=long`".to_owned(),
            Reason::Earlier { .. } | Reason::Older { .. } => {
                format!(
                    "nothing is needed; to go back all the same, delete the tag `{tag}` from the registry first"
                )
            }
            Reason::NotStable { .. } => format!(
                "nothing is needed; `{tag}` belongs to releases from the first one on, and a rule that makes it for \
                 anything else can go"
            ),
            Reason::Incomparable { .. } => {
                format!("use one kind of version, or delete the tag `{tag}` from the registry first")
            }
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = &self.tag;
        match &self.reason {
            Reason::OtherReference { theirs, ours } => {
                write!(f, "the tag `{tag}` names an image of {theirs}, and this one is of {ours}")
            }
            Reason::OtherCommit { theirs, ours } => {
                let (theirs, ours) = (theirs.shown(), ours.shown());
                write!(
                    f,
                    "the tag `{tag}` names an image of the commit `{theirs}`, and this one is of `{ours}`"
                )
            }
            Reason::Earlier { theirs, ours } => {
                let (theirs, ours) = (theirs.shown(), ours.shown());
                write!(
                    f,
                    "the tag `{tag}` names an image of the later commit `{theirs}`, and this one is of `{ours}`"
                )
            }
            Reason::Older { theirs, ours } => {
                write!(f, "the tag `{tag}` names release {theirs}, and {ours} is older")
            }
            Reason::NotStable { theirs, ours } => {
                write!(f, "the tag `{tag}` names release {theirs}, and {ours} is no stable release")
            }
            Reason::Incomparable { theirs, ours } => write!(
                f,
                "the tag `{tag}` names release {theirs}, and there is no saying whether {ours} is later"
            ),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests;
