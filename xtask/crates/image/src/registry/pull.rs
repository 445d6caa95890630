//! An image from a registry, all of it checked.

use super::call::Call;
use super::download;
use super::error::RegistryError;
use super::local::Sink;
use super::manifest::{self, Content, Manifest};
use super::options::Event;
use super::parallel::each;
use super::unique;
use crate::oci::{Descriptor, Index, Platform};
use crate::reference::Reference;

/// What is pulled, and where to.
#[derive(Clone, Copy)]
pub struct Pull<'a> {
    /// What.
    pub reference: &'a Reference,
    /// Which image of an index. An image that is in no index is taken as it is.
    pub platform: &'a Platform,
    /// Where to. It gets the manifests too.
    pub sink: &'a dyn Sink,
}

/// What a pull brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// What the reference names: an index or a manifest. Its digest is what a pull by tag was resolved to.
    pub root: Manifest,
    /// The manifest of the image; the same as the root when that is no index.
    pub image: Manifest,
    /// Configuration and layers that came over the wire.
    pub fetched: Vec<Descriptor>,
    /// Those that the sink had.
    pub present: Vec<Descriptor>,
    /// Requests in all, those for tokens included.
    pub requests: u64,
}

pub(super) fn run(call: &Call<'_>, pull: &Pull<'_>) -> Result<Pulled, RegistryError> {
    let root = manifest::get(call, pull.reference)?;
    let (image, content) = match read(&root)? {
        Content::Image(content) => (root.clone(), content),
        Content::Index(index) => {
            let chosen = choose(&index, pull)?;
            let image = manifest::get(call, &pull.reference.repository.at(&chosen.digest))?;
            match read(&image)? {
                Content::Image(content) => (image, content),
                Content::Index(_) => {
                    return Err(RegistryError::Invalid(format!(
                        "{} lists a list, not an image",
                        pull.reference
                    )));
                }
            }
        }
    };
    let blobs = unique(std::iter::once(content.config).chain(content.layers));
    let most = call.registry.options.largest_image;
    let size = blobs.iter().fold(0, |sum: u64, blob| sum.saturating_add(blob.size));
    if size > most {
        return Err(RegistryError::Invalid(format!(
            "{} has {size} bytes; {most} are allowed",
            pull.reference
        )));
    }
    let were_here = each(call, &blobs, |blob| one_blob(call, pull, blob))?;
    keep(&image, pull.sink)?;
    if root != image {
        keep(&root, pull.sink)?;
    }
    let (present, fetched): (Vec<_>, Vec<_>) =
        blobs.into_iter().zip(were_here).partition(|(_, was_here)| *was_here);
    let blobs = |part: Vec<(Descriptor, bool)>| part.into_iter().map(|(blob, _)| blob).collect();
    Ok(Pulled { root, image, fetched: blobs(fetched), present: blobs(present), requests: call.requests() })
}

fn read(manifest: &Manifest) -> Result<Content, RegistryError> {
    manifest.content().map_err(RegistryError::Invalid)
}

/// Whether it was here already.
fn one_blob(call: &Call<'_>, pull: &Pull<'_>, blob: &Descriptor) -> Result<bool, RegistryError> {
    if pull.sink.has(blob).map_err(|error| RegistryError::from_io(error, blob, "read"))? {
        call.event(&Event::Present(&blob.digest));
        return Ok(true);
    }
    download::fetch(call, &pull.reference.repository, blob, pull.sink)?;
    Ok(false)
}

fn keep(manifest: &Manifest, sink: &dyn Sink) -> Result<(), RegistryError> {
    let write = || {
        if sink.has(&manifest.descriptor)? {
            return Ok(());
        }
        let mut arriving = sink.create(&manifest.descriptor)?;
        arriving.write_all(&manifest.bytes)?;
        arriving.flush()?;
        arriving.commit()
    };
    write().map_err(|error| RegistryError::from_io(error, &manifest.descriptor, "written"))
}

/// The image of a platform. One that names no variant is for all of them.
fn choose<'a>(index: &'a Index, pull: &Pull<'_>) -> Result<&'a Descriptor, RegistryError> {
    let wanted = pull.platform;
    let fits = |platform: &Platform| platform.os == wanted.os && platform.architecture == wanted.architecture;
    let of = |descriptor: &&Descriptor| descriptor.platform.as_ref().is_some_and(fits);
    let variant =
        |descriptor: &&Descriptor| descriptor.platform.as_ref().and_then(|platform| platform.variant.clone());
    let mut candidates: Vec<&Descriptor> = index.manifests.iter().filter(of).collect();
    if wanted.variant.is_some() {
        candidates
            .retain(|candidate| variant(candidate).is_none_or(|variant| Some(variant) == wanted.variant));
        candidates.sort_by_key(|candidate| variant(candidate).is_none());
    }
    candidates.first().copied().ok_or_else(|| {
        let names = index.manifests.iter().filter_map(|entry| entry.platform.as_ref()).map(name);
        // Attestations are in indexes as images for an unknown system.
        let names: Vec<String> = names.filter(|name| !name.starts_with("unknown/")).collect();
        let listed = if names.is_empty() {
            "it names none".to_owned()
        } else {
            format!("it is for {}", names.join(", "))
        };
        RegistryError::Invalid(format!("{} is not for {}; {listed}", pull.reference, name(wanted)))
    })
}

fn name(platform: &Platform) -> String {
    let variant = platform.variant.as_ref().map(|variant| format!("/{variant}")).unwrap_or_default();
    format!("{}/{}{variant}", platform.os, platform.architecture)
}
