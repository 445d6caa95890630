//! Container images of Rust programs: what they are called, what they are made of, and where they are kept.
//!
//! | module | is for |
//! |---|---|
//! | [`digest`] | content addresses: `sha256:…` |
//! | [`dockerignore`] | which files of a folder are no part of a build |
//! | [`reference`](mod@reference) | names of images: registry, repository, tag, digest |
//! | [`registry`] | a client of registries: push, pull, retag, copy; with the feature of this name |
//! | [`elf`] | what a program says to the dynamic loader, and all the libraries that it needs |
//! | [`oci`] | manifests, configurations and indexes, as the OCI image specification has them |
//! | [`tags`] | which tags and labels an image gets, in the language of docker/metadata-action |
//!
//! Nothing here knows a container engine; nothing here prints.

pub mod digest;
pub mod dockerignore;
pub mod elf;
pub mod oci;
pub mod reference;
#[cfg(feature = "registry")]
pub mod registry;
pub mod tags;

pub use digest::{Digest, DigestError};
pub use dockerignore::{DockerIgnore, DockerIgnoreError};
pub use reference::{Reference, ReferenceError, Repository, Tag};
