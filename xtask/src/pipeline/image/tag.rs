//! `image.tag`: the tags that people follow move to the image that has proven itself: the same bytes under further names. A tag
//! that another branch or a later release has stays where it is.

use std::collections::BTreeMap;

use slipway_image::oci::{ImageConfig, Manifest};
use slipway_image::registry::{Registry, RegistryError, TagError};
use slipway_image::tags::{Follows, Move, Named, Provenance, Refusal, may_move};
use slipway_image::{Digest, Repository, Tag};

use super::registry;
use super::stock::{Built, Stock};
use super::trouble::{Done, Trouble};
use crate::engine::Bench;
use crate::model::image::{ImageRecord, Pushed};
use crate::model::step::Outcome;
use crate::tools::registry::Whose;

/// Moves the tags of all images that were pushed.
pub(super) fn run(stock: &Stock<'_>, bench: &Bench<'_>) -> Outcome {
    stock.each_built(|target, built| {
        let record = ImageRecord::named(target.name());
        let Some((home, digest)) = &built.pushed else {
            return Done::badly(record, Trouble::inconclusive("the image was not pushed"));
        };
        match tag(stock, built, home, digest, bench) {
            Ok(tagged) => tagged.told(record, home, digest),
            Err(trouble) => Done::badly(record, trouble),
        }
    })
}

/// What became of the tags of an image.
#[derive(Default)]
struct Tagged {
    /// Those that point to it now.
    tags: Vec<Tag>,
    /// Sentences for the report.
    notes: Vec<String>,
    /// Why others do not.
    trouble: Option<Trouble>,
}

impl Tagged {
    /// What has moved is told whatever came after it: pushing and tagging are one record.
    fn told(self, record: ImageRecord, home: &Repository, digest: &Digest) -> Done {
        let references: Vec<String> = self.tags.iter().map(|tag| home.tagged(tag).to_string()).collect();
        let pushed = Pushed { references, digest: digest.to_string(), ..Pushed::default() };
        let record = ImageRecord { pushed: Some(pushed), ..record };
        Done { trouble: self.trouble, ..Done::well(record) }.noting(self.notes)
    }
}

fn tag(
    stock: &Stock<'_>,
    built: &Built,
    home: &Repository,
    digest: &Digest,
    bench: &Bench<'_>,
) -> Result<Tagged, Trouble> {
    let open = registry::open(stock, home.registry(), Whose::Ours, bench)?;
    let naming = built.naming.as_ref().ok_or_else(|| Trouble::failed("nobody says which tags it gets"))?;
    let ours = Provenance::of_run(&naming.tags, &naming.inputs);
    let (_, moving) = built.tags();
    let mut allowed = Vec::new();
    let mut refused = Vec::new();
    let mut notes = Vec::new();
    for named in naming.tags.tags.iter().filter(|named| moving.contains(&named.tag)) {
        let holder = holder(&open.registry, home, named).map_err(|error| registry::of(&error))?;
        match may_move(named, holder.as_ref(), &ours) {
            Ok(moved) => {
                notes.extend(told(&named.tag, &moved));
                allowed.push(named.tag.clone());
            }
            Err(refusal) if refusal.is_benign() => notes.push(refusal.to_string()),
            Err(refusal) => refused.push(refusal),
        }
    }
    let moved = open.registry.retag(home, digest, &allowed);
    open.tell(bench);
    let tagged = concluded(moved, &refused, notes);
    for tag in &tagged.tags {
        bench.say(&format!("{} is {digest}", home.tagged(tag)));
    }
    Ok(tagged)
}

fn concluded(moved: Result<Vec<Tag>, TagError>, refused: &[Refusal], notes: Vec<String>) -> Tagged {
    let (tags, failure) = match moved {
        Ok(tags) => (tags, None),
        Err(TagError { tagged, error }) => (tagged, Some(error)),
    };
    let hints = refused.iter().map(Refusal::hint);
    let trouble = match (failure, refused) {
        (None, []) => None,
        (None, [first, ..]) => Some(Trouble::failed(first.to_string()).hint(hints)),
        (Some(RegistryError::Cancelled), _) => Some(Trouble::cancelled()),
        (Some(error), []) => Some(registry::of(&error)),
        // That a tag is somebody else's stays true when the registry recovers.
        (Some(error), [first, ..]) => {
            Some(Trouble::failed(format!("{first}; {error}")).hint(hints.chain(error.hints())))
        }
    };
    Tagged { tags, notes, trouble }
}

fn told(tag: &Tag, moved: &Move) -> Option<String> {
    match moved {
        Move::New | Move::Onward => None,
        Move::Shared(theirs) => Some(format!("the tag `{tag}` was of {theirs}, as the settings allow")),
        Move::Unlabelled => {
            Some(format!("the tag `{tag}` was of an image that does not say what it was made of"))
        }
    }
}

/// What the image that has a tag now was made of; none when no image has it.
pub(super) fn holder(
    registry: &Registry,
    home: &Repository,
    named: &Named,
) -> Result<Option<Provenance>, RegistryError> {
    let manifest = match registry.manifest(&home.tagged(&named.tag)) {
        Err(error) if error.is_not_found() => return Ok(None),
        manifest => manifest?,
    };
    let is_of_versions = matches!(named.follows, Follows::Version | Follows::Latest);
    let digest = &manifest.descriptor.digest;
    let beside = if is_of_versions { beside(registry, home, digest)? } else { Vec::new() };
    let config = serde_json::from_slice::<Manifest>(&manifest.bytes).ok().map(|manifest| manifest.config);
    let labels = match config {
        Some(config) => {
            let bytes = registry.blob(home, &config)?;
            let config = serde_json::from_slice::<ImageConfig>(&bytes).ok();
            config.and_then(|config| config.config.labels).unwrap_or_default()
        }
        // An index says nothing of itself.
        None => BTreeMap::new(),
    };
    Ok(Some(Provenance::of_image(&labels, &beside)))
}

/// The version tags that name the very same digest.
fn beside(registry: &Registry, home: &Repository, digest: &Digest) -> Result<Vec<Tag>, RegistryError> {
    let mut same = Vec::new();
    for tag in registry.tags(home)? {
        // Only full versions tell a release, and asking for each tag of a repository would take long.
        let is_version = tag.as_str().trim_start_matches('v').splitn(3, '.').count() == 3
            && tag.as_str().trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
        if is_version && registry.resolve(&home.tagged(&tag))?.digest == *digest {
            same.push(tag);
        }
    }
    Ok(same)
}

#[cfg(test)]
mod tests {
    use slipway_image::tags::Reason;

    use super::*;
    use crate::model::step::Status;
    use crate::pipeline::image::trouble::conclude;

    fn tags(names: &[&str]) -> Vec<Tag> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    /// The outcome of a step that tagged one image.
    fn outcome(moved: Result<Vec<Tag>, TagError>, refused: &[Refusal]) -> Outcome {
        let home: Repository = "ghcr.io/o/app".parse().unwrap();
        let tagged = concluded(moved, refused, vec!["a note".to_owned()]);
        conclude(vec![tagged.told(ImageRecord::named("app"), &home, &Digest::of(b"image"))])
    }

    fn references(outcome: &Outcome) -> &[String] {
        &outcome.facts.images[0].pushed.as_ref().unwrap().references
    }

    fn refusal() -> Refusal {
        let (theirs, ours) = ("refs/heads/main".to_owned(), "refs/heads/fix".to_owned());
        Refusal { tag: "main".parse().unwrap(), reason: Reason::OtherReference { theirs, ours } }
    }

    #[test]
    fn tags_that_moved_are_told_beside_the_failure_of_the_next() {
        let error = RegistryError::Invalid("no".to_owned());
        let outcome = outcome(Err(TagError { tagged: tags(&["1.2.3", "1.2"]), error }), &[]);
        assert_eq!(references(&outcome), ["ghcr.io/o/app:1.2.3", "ghcr.io/o/app:1.2"]);
        assert_eq!((outcome.status, outcome.reason.as_deref()), (Status::Inconclusive, Some("no")));
        assert_eq!(outcome.facts.notes, ["a note"]);
    }

    #[test]
    fn tags_that_moved_are_told_beside_one_that_may_not() {
        let outcome = outcome(Ok(tags(&["1.2.3"])), &[refusal()]);
        assert_eq!(references(&outcome), ["ghcr.io/o/app:1.2.3"]);
        assert_eq!(outcome.status, Status::Failed);
        assert_eq!(outcome.reason, Some(refusal().to_string()));
    }

    #[test]
    fn a_registry_that_fails_does_not_hide_a_tag_that_may_not_move() {
        let failed = |error| Err(TagError { tagged: Vec::new(), error });
        let both = outcome(failed(RegistryError::Invalid("no".to_owned())), &[refusal()]);
        assert_eq!((both.status, both.reason), (Status::Failed, Some(format!("{}; no", refusal()))));
        let ended = outcome(failed(RegistryError::Cancelled), &[refusal()]);
        assert_eq!(ended.status, Status::Cancelled);
        assert_eq!(outcome(Ok(tags(&["1"])), &[]).status, Status::Passed);
    }
}
