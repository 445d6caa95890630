//! Container images of Rust programs: what they are called, what they are made of, and where they are kept.
//!
//! | module | is for |
//! |---|---|
//! | [`base`] | what an image without a base needs beside the program |
//! | [`blobs`] | content by digest in a folder |
//! | [`build`](mod@build) | from a program to an image, without an engine |
//! | [`digest`] | content addresses: `sha256:…` |
//! | [`dockerignore`] | which files of a folder are no part of a build |
//! | [`reference`](mod@reference) | names of images: registry, repository, tag, digest |
//! | [`registry`] | a client of registries: push, pull, retag, copy; with the feature of this name |
//! | [`elf`] | what a program says to the dynamic loader, and all the libraries that it needs |
//! | [`inspect`] | the facts that an image is judged by |
//! | [`layer`] | deterministic layers, packed by all processors, kept from build to build |
//! | [`layout`] | images in a folder, and the archive that engines load |
//! | [`loader`] | whether a program of an image can start, before it is run |
//! | [`oci`] | manifests, configurations and indexes, as the OCI image specification has them |
//! | [`sbom`] | what is in an image, as CycloneDX and SPDX |
//! | [`tags`] | which tags and labels an image gets, in the language of docker/metadata-action |
//! | [`view`] | what a container of an image sees, and unpacking it safely |
//!
//! Nothing here knows a container engine; nothing here prints.
// The examples of the README are compiled, and run where they can be.
#![cfg_attr(all(doctest, feature = "registry"), doc = include_str!("../README.md"))]

pub mod base;
pub mod blobs;
pub mod build;
pub mod digest;
pub mod dockerignore;
pub mod elf;
pub mod inspect;
pub mod layer;
pub mod layout;
pub mod loader;
pub mod oci;
pub mod reference;
#[cfg(feature = "registry")]
pub mod registry;
pub mod sbom;
pub mod tags;
mod tarball;
pub mod view;

pub use digest::{Digest, DigestError};
pub use dockerignore::{DockerIgnore, DockerIgnoreError};
pub use reference::{Reference, ReferenceError, Repository, Tag};
