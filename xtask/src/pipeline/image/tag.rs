//! `image.tag`: the tags that people follow move to the image that has proven itself: the same bytes under further names. A tag
//! that another branch or a later release has stays where it is.

use std::collections::BTreeMap;

use slipway_image::oci::{ImageConfig, Manifest};
use slipway_image::registry::{Registry, RegistryError};
use slipway_image::tags::{Follows, Move, Named, Provenance, may_move};
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
        let mut notes = Vec::new();
        match tag(stock, built, home, digest, bench, &mut notes) {
            Ok(references) => {
                // Pushing and tagging are told together.
                let pushed = Pushed { references, digest: digest.to_string(), ..Pushed::default() };
                Done::well(ImageRecord { pushed: Some(pushed), ..record }).noting(notes)
            }
            Err(trouble) => Done::badly(record, trouble).noting(notes),
        }
    })
}

fn tag(
    stock: &Stock<'_>,
    built: &Built,
    home: &Repository,
    digest: &Digest,
    bench: &Bench<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<String>, Trouble> {
    let open = registry::open(stock, home.registry(), Whose::Ours, bench)?;
    let naming = built.naming.as_ref().ok_or_else(|| Trouble::failed("nobody says which tags it gets"))?;
    let ours = Provenance::of_run(&naming.tags, &naming.inputs);
    let (_, moving) = built.tags();
    let mut allowed = Vec::new();
    let mut refused = Vec::new();
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
    moved.map_err(|error| registry::of(&error))?;
    let references: Vec<String> = allowed.iter().map(|tag| home.tagged(tag).to_string()).collect();
    for reference in &references {
        bench.say(&format!("{reference} is {digest}"));
    }
    match refused.as_slice() {
        [] => Ok(references),
        [first, ..] => {
            let hints = refused.iter().map(slipway_image::tags::Refusal::hint);
            Err(Trouble::failed(first.to_string()).hint(hints))
        }
    }
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
fn holder(
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
