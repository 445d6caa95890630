//! An image to a registry: blobs, then manifests from the inside out, then tags. A registry never holds a manifest that points
//! to nothing, and no tag moves before all below it is there. What only asks goes beside the blobs, so that a small change waits
//! for few answers, one after the other.

use std::collections::BTreeSet;
use std::fmt;

use super::call::Call;
use super::error::RegistryError;
use super::local::Source;
use super::manifest::{self, Content, Manifest};
use super::options::Event;
use super::parallel::each;
use super::{unique, upload};
use crate::digest::Digest;
use crate::oci::Descriptor;
use crate::reference::{Reference, Repository, Tag};

/// What is pushed, and where to.
#[derive(Clone, Copy)]
pub struct Push<'a> {
    /// The manifest or index.
    pub root: &'a Descriptor,
    /// Where its bytes and all blobs are read.
    pub blobs: &'a dyn Source,
    /// Where to.
    pub to: &'a Repository,
    /// The tags that it gets, one after the other: the narrowest first, `latest` last.
    pub tags: &'a [Tag],
    /// Repositories of the same registry that may have some of the blobs, such as that of the base image.
    pub mount_from: &'a [Repository],
}

/// What a push did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The digest of what was pushed, which the registry confirmed.
    pub digest: Digest,
    /// Blobs that went over the wire.
    pub uploaded: Vec<Digest>,
    /// Blobs that the registry had.
    pub skipped: Vec<Digest>,
    /// Blobs that the registry took over from another repository.
    pub mounted: Vec<Digest>,
    /// Tags that point to the image now and did not before.
    pub moved: Vec<Tag>,
    /// Bytes of the uploaded blobs.
    pub bytes: u64,
    /// Requests in all, those for tokens included.
    pub requests: u64,
}

/// A tag could not be put on an image; those before it were.
#[derive(Debug)]
pub struct TagError {
    /// The tags that point to the image now, in the order in which they were given.
    pub tagged: Vec<Tag>,
    /// Why the next one does not.
    pub error: RegistryError,
}

impl fmt::Display for TagError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for TagError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

/// What became of a blob.
enum Fate {
    Uploaded,
    Skipped,
    Mounted,
}

/// What does not wait for anything else.
enum Job<'a> {
    /// A blob has to be there.
    Blob(&'a Descriptor),
    /// Where does this tag point?
    Tag(&'a Tag),
}

/// What a job found.
enum Found {
    Blob(Fate),
    Tag(Option<Digest>),
}

impl Job<'_> {
    fn run(&self, call: &Call<'_>, push: &Push<'_>) -> Result<Found, RegistryError> {
        match self {
            Self::Blob(blob) => one_blob(call, push, blob).map(Found::Blob),
            Self::Tag(tag) => manifest::digest_at(call, &push.to.tagged(tag)).map(Found::Tag),
        }
    }
}

pub(super) fn run(call: &Call<'_>, push: &Push<'_>) -> Result<Pushed, RegistryError> {
    let mut manifests = Vec::new();
    let mut blobs = Vec::new();
    read(call, push, push.root, &mut BTreeSet::new(), &mut (&mut manifests, &mut blobs))?;
    let blobs = unique(blobs);
    // One request goes ahead alone: it finds out how the registry wants to be asked, and a wrong password is tried once.
    let there = manifest::digest_at(call, &push.to.at(&push.root.digest))?;
    let tags: Vec<&Tag> = unique_tags(push.tags).collect();
    // What is on top of an image is what changed, and the largest of that: it begins first.
    let jobs = blobs.iter().rev().map(Job::Blob).chain(tags.iter().map(|tag| Job::Tag(tag)));
    let mut fates = Vec::new();
    let mut tagged = Vec::new();
    for found in each(call, &jobs.collect::<Vec<_>>(), |job| job.run(call, push))? {
        match found {
            Found::Blob(fate) => fates.push(fate),
            Found::Tag(digest) => tagged.push(digest),
        }
    }
    fates.reverse();
    for manifest in &manifests {
        let digest = &manifest.descriptor.digest;
        let is_root = *digest == push.root.digest;
        let there = if is_root { there.clone() } else { manifest::digest_at(call, &push.to.at(digest))? };
        put_by_digest(call, push.to, manifest, there.as_ref())?;
    }
    let mut moved = Vec::new();
    if let Some(root) = manifests.last() {
        // One after the other: whoever follows a wide tag finds the narrow ones there too.
        for (name, there) in tags.into_iter().zip(tagged) {
            if there.as_ref() != Some(&root.descriptor.digest) {
                move_tag(call, push.to, root, name)?;
                moved.push(name.clone());
            }
        }
    }
    let of = |wanted: fn(&Fate) -> bool| -> Vec<&Descriptor> {
        blobs.iter().zip(&fates).filter(|(_, fate)| wanted(fate)).map(|(blob, _)| blob).collect()
    };
    let digests = |blobs: Vec<&Descriptor>| blobs.into_iter().map(|blob| blob.digest.clone()).collect();
    let uploaded = of(|fate| matches!(fate, Fate::Uploaded));
    Ok(Pushed {
        digest: push.root.digest.clone(),
        bytes: uploaded.iter().map(|blob| blob.size).sum(),
        uploaded: digests(uploaded),
        skipped: digests(of(|fate| matches!(fate, Fate::Skipped))),
        mounted: digests(of(|fate| matches!(fate, Fate::Mounted))),
        moved,
        requests: call.requests(),
    })
}

/// Reads a manifest and what it points to: the inner manifests come before it.
fn read(
    call: &Call<'_>,
    push: &Push<'_>,
    descriptor: &Descriptor,
    seen: &mut BTreeSet<Digest>,
    found: &mut (&mut Vec<Manifest>, &mut Vec<Descriptor>),
) -> Result<(), RegistryError> {
    if !seen.insert(descriptor.digest.clone()) {
        return Ok(());
    }
    let most = call.registry.options.largest_manifest;
    if descriptor.size > most {
        return Err(RegistryError::Invalid(format!(
            "the manifest {} is larger than {most} bytes",
            descriptor.digest
        )));
    }
    call.check()?;
    let bytes =
        push.blobs.manifest(descriptor).map_err(|error| RegistryError::from_io(error, descriptor, "read"))?;
    let digest = Digest::of(&bytes);
    if digest != descriptor.digest {
        let origin = "the manifest of the image that is pushed".to_owned();
        return Err(RegistryError::Mismatch {
            origin,
            promised: descriptor.digest.clone(),
            found: digest.to_string(),
        });
    }
    let manifest = Manifest { descriptor: descriptor.clone(), bytes };
    match manifest.content().map_err(RegistryError::Invalid)? {
        Content::Image(image) => found.1.extend(std::iter::once(image.config).chain(image.layers)),
        Content::Index(index) => {
            for inner in &index.manifests {
                read(call, push, inner, seen, found)?;
            }
        }
    }
    found.0.push(manifest);
    Ok(())
}

fn one_blob(call: &Call<'_>, push: &Push<'_>, blob: &Descriptor) -> Result<Fate, RegistryError> {
    if upload::is_present(call, push.to, blob)? {
        call.event(&Event::Present(&blob.digest));
        return Ok(Fate::Skipped);
    }
    for from in push.mount_from.iter().filter(|from| call.registry.is_home_of(from) && *from != push.to) {
        if upload::mount(call, push.to, blob, from)? {
            call.event(&Event::Mounted(&blob.digest));
            return Ok(Fate::Mounted);
        }
    }
    upload::send(call, push.to, blob, push.blobs)?;
    Ok(Fate::Uploaded)
}

/// Puts a manifest under its digest where it is not yet, and reads it back. `there` is what the registry has under it.
fn put_by_digest(
    call: &Call<'_>,
    to: &Repository,
    manifest: &Manifest,
    there: Option<&Digest>,
) -> Result<(), RegistryError> {
    let reference = to.at(&manifest.descriptor.digest);
    if let Some(found) = there {
        return same(&reference, &manifest.descriptor.digest, found);
    }
    manifest::put(call, &reference, manifest)?;
    manifest::read_back(call, &reference)
}

/// Puts a manifest under a tag that does not have it yet. Whether the tag was moved.
fn tag(call: &Call<'_>, to: &Repository, manifest: &Manifest, tag: &Tag) -> Result<bool, RegistryError> {
    let reference = to.tagged(tag);
    let digest = &manifest.descriptor.digest;
    if manifest::digest_at(call, &reference)?.as_ref() == Some(digest) {
        return Ok(false);
    }
    move_tag(call, to, manifest, tag)?;
    Ok(true)
}

/// Puts a manifest under a tag, and looks whether it is there then.
fn move_tag(call: &Call<'_>, to: &Repository, manifest: &Manifest, tag: &Tag) -> Result<(), RegistryError> {
    let reference = to.tagged(tag);
    let digest = &manifest.descriptor.digest;
    manifest::put(call, &reference, manifest)?;
    let found = manifest::digest_at(call, &reference)?;
    let found = found.ok_or_else(|| RegistryError::Mismatch {
        origin: format!("{reference}, which was put just now"),
        promised: digest.clone(),
        found: "nothing".to_owned(),
    })?;
    same(&reference, digest, &found)
}

fn same(reference: &Reference, promised: &Digest, found: &Digest) -> Result<(), RegistryError> {
    if promised == found {
        return Ok(());
    }
    let origin = format!("{reference}, which was put just now");
    Err(RegistryError::Mismatch { origin, promised: promised.clone(), found: found.to_string() })
}

/// Puts further tags on an image, one after the other.
pub(super) fn retag(
    call: &Call<'_>,
    repository: &Repository,
    digest: &Digest,
    tags: &[Tag],
) -> Result<Vec<Tag>, TagError> {
    let mut tagged = Vec::new();
    let manifest = match manifest::get(call, &repository.at(digest)) {
        Ok(manifest) => manifest,
        Err(error) => return Err(TagError { tagged, error }),
    };
    for name in unique_tags(tags) {
        if let Err(error) = tag(call, repository, &manifest, name) {
            return Err(TagError { tagged, error });
        }
        tagged.push(name.clone());
    }
    Ok(tagged)
}

/// Each tag once, in the order of their first mention.
fn unique_tags(tags: &[Tag]) -> impl Iterator<Item = &Tag> {
    let mut seen = BTreeSet::new();
    tags.iter().filter(move |tag| seen.insert(*tag))
}
