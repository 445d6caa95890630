//! Manifests and indexes, as the bytes that they are.

use ureq::http::Method;

use super::auth::Scope;
use super::call::Call;
use super::error::RegistryError;
use super::wire::{Answer, Ask, Body};
use crate::digest::Digest;
use crate::oci::{self, Descriptor, media};
use crate::reference::{Reference, Repository};

/// A manifest or index with the bytes that its digest is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Media type, digest and size.
    pub descriptor: Descriptor,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What a manifest points to.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Image(oci::Manifest),
    Index(oci::Index),
}

impl Manifest {
    /// What it points to, by its media type.
    pub(super) fn content(&self) -> Result<Content, String> {
        let kind = self.descriptor.media_type.as_str();
        let wrong = |error: serde_json::Error| format!("{} is no {kind}: {error}", self.descriptor.digest);
        match kind {
            media::MANIFEST | media::DOCKER_MANIFEST => {
                serde_json::from_slice(&self.bytes).map(Content::Image).map_err(wrong)
            }
            media::INDEX | media::DOCKER_INDEX => {
                serde_json::from_slice(&self.bytes).map(Content::Index).map_err(wrong)
            }
            other => {
                Err(format!("{} is a `{}`, which is no image", self.descriptor.digest, other.escape_debug()))
            }
        }
    }
}

/// What names an image below `manifests/`: its digest, else its tag, else `latest`.
fn selector(reference: &Reference) -> &str {
    match (&reference.digest, &reference.tag) {
        (Some(digest), _) => digest.as_str(),
        (None, Some(tag)) => tag.as_str(),
        (None, None) => "latest",
    }
}

fn ask<'a>(
    call: &Call<'_>,
    method: Method,
    repository: &Repository,
    name: &str,
) -> Result<Ask<'a>, RegistryError> {
    Ok(Ask::new(method, call.url(repository, &format!("manifests/{name}"))?))
}

fn accepting(ask: Ask<'_>) -> Ask<'_> {
    let kinds = [media::MANIFEST, media::INDEX, media::DOCKER_MANIFEST, media::DOCKER_INDEX];
    ask.header("accept", kinds.join(", "))
}

/// The digest that the registry says an answer has; none when it says none.
fn said(answer: &Answer) -> Result<Option<Digest>, RegistryError> {
    let Some(text) = answer.header("docker-content-digest") else { return Ok(None) };
    text.parse().map(Some).map_err(|error| answer.unexpected(format!("Docker-Content-Digest: {error}")))
}

fn same(answer: &Answer, promised: &Digest, found: &Digest) -> Result<(), RegistryError> {
    if promised == found {
        return Ok(());
    }
    let origin = answer.request.to_string();
    Err(RegistryError::Mismatch { origin, promised: promised.clone(), found: found.to_string() })
}

/// The media type, without parameters.
fn kind(answer: &Answer) -> Option<&str> {
    let kind = answer.header("content-type")?.split(';').next()?.trim();
    (!kind.is_empty()).then_some(kind)
}

/// The manifest of a reference.
pub(super) fn get(call: &Call<'_>, reference: &Reference) -> Result<Manifest, RegistryError> {
    let scope = Scope::pull(&reference.repository);
    get_as(call, reference, scope)
}

fn get_as(call: &Call<'_>, reference: &Reference, scope: Scope<'_>) -> Result<Manifest, RegistryError> {
    let ask = accepting(ask(call, Method::GET, &reference.repository, selector(reference))?);
    let mut tried = 0;
    let (answer, bytes) = loop {
        tried += 1;
        let mut answer = call.accept(call.send(&ask, scope)?, scope, &[200])?;
        match call.bytes(&mut answer, call.registry.options.largest_manifest) {
            Ok(Some(bytes)) => break (answer, bytes),
            Ok(None) => {
                let most = call.registry.options.largest_manifest;
                return Err(answer.unexpected(format!("the manifest is larger than {most} bytes")));
            }
            Err(error) => call.wait_after(error, tried)?,
        }
    };
    let digest = Digest::of(&bytes);
    if let Some(promised) = &reference.digest {
        same(&answer, promised, &digest)?;
    }
    if let Some(said) = said(&answer)? {
        same(&answer, &said, &digest)?;
    }
    let media_type = kind(&answer).unwrap_or_default().to_owned();
    let descriptor = Descriptor {
        media_type,
        digest,
        size: bytes.len() as u64,
        annotations: std::collections::BTreeMap::new(),
        platform: None,
    };
    Ok(Manifest { descriptor, bytes })
}

/// What a reference names just now.
pub(super) fn resolve(call: &Call<'_>, reference: &Reference) -> Result<Descriptor, RegistryError> {
    let scope = Scope::pull(&reference.repository);
    let ask = accepting(ask(call, Method::HEAD, &reference.repository, selector(reference))?);
    let answer = call.accept(call.send(&ask, scope)?, scope, &[200])?;
    let digest = said(&answer)?;
    if let (Some(promised), Some(found)) = (&reference.digest, &digest) {
        same(&answer, promised, found)?;
    }
    match (digest, answer.number("content-length"), kind(&answer)) {
        (Some(digest), Some(size), Some(kind)) => Ok(Descriptor {
            media_type: kind.to_owned(),
            digest,
            size,
            annotations: std::collections::BTreeMap::new(),
            platform: None,
        }),
        // Not all registries tell it without the bytes.
        _ => Ok(get(call, reference)?.descriptor),
    }
}

/// The digest of what a reference names, when there is such a thing; asked with the right to push, as all that a push asks.
pub(super) fn digest_at(call: &Call<'_>, reference: &Reference) -> Result<Option<Digest>, RegistryError> {
    let scope = Scope::push(&reference.repository);
    let ask = accepting(ask(call, Method::HEAD, &reference.repository, selector(reference))?);
    let answer = call.send(&ask, scope)?;
    if answer.status == 404 {
        return Ok(None);
    }
    let answer = call.accept(answer, scope, &[200])?;
    match said(&answer)? {
        Some(digest) => Ok(Some(digest)),
        None => Ok(Some(get_as(call, reference, scope)?.descriptor.digest)),
    }
}

/// Puts a manifest under a tag or its digest. What the registry answers as its digest is compared.
pub(super) fn put(call: &Call<'_>, reference: &Reference, manifest: &Manifest) -> Result<(), RegistryError> {
    let scope = Scope::push(&reference.repository);
    let ask = ask(call, Method::PUT, &reference.repository, selector(reference))?
        .header("content-type", manifest.descriptor.media_type.as_str())
        .body(Body::Bytes(&manifest.bytes));
    let answer = call.accept(call.send(&ask, scope)?, scope, &[200, 201, 202])?;
    match said(&answer)? {
        Some(said) => same(&answer, &manifest.descriptor.digest, &said),
        None => Ok(()),
    }
}

/// Reads back what was put, and compares the bytes.
pub(super) fn read_back(call: &Call<'_>, reference: &Reference) -> Result<(), RegistryError> {
    get_as(call, reference, Scope::push(&reference.repository)).map(|_| ())
}
