//! A client of container registries: pushes, pulls, retags and copies images. Sources: OCI distribution specification 1.1, and
//! what GitHub's registry and Docker's do beyond it.
//!
//! It blocks, needs no runtime, and prints nothing: a [`Watch`] sees what happens, gives it the time, and may end it. What is
//! read is checked against its digest before anybody sees it; what is written is read back.

use std::collections::BTreeSet;

mod auth;
mod call;
mod challenge;
mod copy;
mod credentials;
mod denied;
mod download;
mod error;
mod local;
mod manifest;
mod options;
mod parallel;
mod part;
mod pull;
mod push;
mod secret;
mod tags;
mod upload;
mod url;
mod wire;

pub use copy::Copy;
pub use credentials::{Credentials, CredentialsError};
pub use denied::{Denied, Right};
pub use error::{Cause, Failed, Refused, RegistryError, Request};
pub use local::{Incoming, Sink, Source};
pub use manifest::Manifest;
pub use options::{Event, Options, Scheme, Unwatched, Watch};
pub use pull::{Pull, Pulled};
pub use push::{Push, Pushed, TagError};
pub use secret::Secret;

use auth::Auth;
use call::Call;
use url::{Url, is_loopback};
use wire::{Ask, Wire};

use crate::digest::Digest;
use crate::oci::Descriptor;
use crate::reference::{Reference, Repository, Tag};

/// Docker Hub's registry does not listen at the name that its images have.
const HUB: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// A registry, and who we are there. Tokens and connections are kept from one operation to the next.
#[derive(Debug)]
pub struct Registry {
    host: String,
    base: Url,
    options: Options,
    wire: Wire,
    auth: Auth,
}

impl Registry {
    /// The registry of this name, with its port where it has one: `ghcr.io`, `127.0.0.1:5000`. Asks nothing yet.
    ///
    /// # Errors
    /// When that cannot be the name of a registry.
    pub fn new(host: &str, credentials: Credentials, options: Options) -> Result<Self, RegistryError> {
        // A name is a registry exactly when a reference takes it for one.
        let parsed = format!("{host}/x").parse::<Repository>().ok();
        let host = parsed
            .map(|repository| repository.registry().to_owned())
            .filter(|parsed| parsed.eq_ignore_ascii_case(host));
        let host = host.ok_or_else(|| {
            RegistryError::Invalid("this is no name of a registry, such as `ghcr.io`".to_owned())
        })?;
        let is_local = is_loopback(&host);
        let is_plain = match options.scheme {
            Scheme::Auto => is_local,
            Scheme::Https => false,
            Scheme::Http => true,
        };
        let listens = if host == HUB.0 { HUB.1 } else { &host };
        let base = Url::parse(&format!("{}://{listens}/", if is_plain { "http" } else { "https" }))
            .map_err(|why| RegistryError::Invalid(format!("`{host}` is no registry: {why}")))?;
        let wire = Wire::new(&options, !is_plain, is_local);
        Ok(Self { host, base, options, wire, auth: Auth::new(credentials) })
    }

    /// Its name.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether images of this name are kept here.
    #[must_use]
    pub fn is_home_of(&self, repository: &Repository) -> bool {
        repository.registry() == self.host
    }

    /// Asks whether it is there, speaks the protocol, and takes the credentials.
    ///
    /// # Errors
    /// When one of these is not so.
    pub fn ping(&self) -> Result<(), RegistryError> {
        let call = Call::new(self);
        let ask = Ask::get(call.at("/v2/")?);
        let answer = call.retry(None, || call.once(&ask, None))?;
        if answer.status == 200 { Ok(()) } else { Err(call.refused(answer, None)) }
    }

    /// What a reference names just now: digest, size and media type of its manifest. Without tag and digest, `latest`.
    ///
    /// # Errors
    /// When there is no such image ([`RegistryError::is_not_found`]), or the registry fails.
    pub fn resolve(&self, reference: &Reference) -> Result<Descriptor, RegistryError> {
        manifest::resolve(&Call::new(self), reference)
    }

    /// The manifest or index that a reference names, checked against its digest.
    ///
    /// # Errors
    /// When there is no such image ([`RegistryError::is_not_found`]), it is no manifest, or the registry fails.
    pub fn manifest(&self, reference: &Reference) -> Result<Manifest, RegistryError> {
        manifest::get(&Call::new(self), reference)
    }

    /// All bytes of a small blob, such as a configuration, checked against its digest.
    ///
    /// # Errors
    /// When there is no such blob, it is larger than a manifest may be, or the registry fails.
    pub fn blob(&self, repository: &Repository, blob: &Descriptor) -> Result<Vec<u8>, RegistryError> {
        download::bytes(&Call::new(self), repository, blob)
    }

    /// All tags of a repository, in the registry's order.
    ///
    /// # Errors
    /// When there is no such repository ([`RegistryError::is_not_found`]), or the registry fails.
    pub fn tags(&self, repository: &Repository) -> Result<Vec<Tag>, RegistryError> {
        tags::list(&Call::new(self), repository)
    }

    /// Pushes an image: what the registry has already is skipped or taken over from another repository, the rest uploaded,
    /// the manifest put under its digest, read back, and then put under the tags.
    ///
    /// # Errors
    /// When a blob cannot be read, the registry fails or refuses, or what it keeps is not what was sent.
    pub fn push(&self, push: &Push<'_>) -> Result<Pushed, RegistryError> {
        push::run(&Call::new(self), push)
    }

    /// Pulls an image into a sink; of an index, the image of one platform.
    ///
    /// # Errors
    /// When there is no such image or platform, the registry fails, what it sends is not what it promised, or the sink
    /// cannot take it.
    pub fn pull(&self, pull: &Pull<'_>) -> Result<Pulled, RegistryError> {
        pull::run(&Call::new(self), pull)
    }

    /// Puts tags on an image that is here, the very same bytes under further names: one after the other, in the order in
    /// which they are given. The first that fails ends it, so the widest come last. Gives the tags, each once.
    ///
    /// # Errors
    /// When there is no such image, or the registry fails or refuses; the error says which tags point to the image by then.
    pub fn retag(
        &self,
        repository: &Repository,
        digest: &Digest,
        tags: &[Tag],
    ) -> Result<Vec<Tag>, TagError> {
        push::retag(&Call::new(self), repository, digest, tags)
    }

    /// Copies an image from another repository, here or elsewhere; the digest stays.
    ///
    /// # Errors
    /// As [`pull`](Self::pull) and [`push`](Self::push).
    pub fn copy(&self, copy: &Copy<'_>) -> Result<Pushed, RegistryError> {
        copy::run(self, copy)
    }
}

/// Each blob once, in the order of their first mention.
fn unique(blobs: impl IntoIterator<Item = Descriptor>) -> Vec<Descriptor> {
    let mut seen = BTreeSet::new();
    blobs.into_iter().filter(|blob| seen.insert(blob.digest.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(host: &str) -> Result<Registry, RegistryError> {
        Registry::new(host, Credentials::anonymous(), Options::default())
    }

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        let base = |host: &str| registry(host).unwrap().base.full();
        assert_eq!(base("127.0.0.1:5000"), "http://127.0.0.1:5000/");
        assert_eq!(base("[::1]:5000"), "http://[::1]:5000/");
        assert_eq!(base("localhost"), "http://localhost/");
        assert_eq!(base("GHCR.io"), "https://ghcr.io/");
        assert_eq!(base("docker.io"), "https://registry-1.docker.io/");
        let options = Options { scheme: Scheme::Https, ..Options::default() };
        let registry = Registry::new("localhost:1", Credentials::anonymous(), options).unwrap();
        assert_eq!(registry.base.full(), "https://localhost:1/");
    }

    #[test]
    fn what_is_no_registry_is_refused() {
        for host in ["", "ghcr", "ghcr.io/owner", "user@ghcr.io", "https://ghcr.io", "a..b", "a b.c"] {
            assert!(matches!(registry(host), Err(RegistryError::Invalid(_))), "{host}");
        }
    }

    #[test]
    fn images_of_another_registry_are_not_asked_for_here() {
        let error = registry("127.0.0.1:1").unwrap().tags(&"ghcr.io/a/b".parse().unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "ghcr.io/a/b is not kept at 127.0.0.1:1");
    }
}
