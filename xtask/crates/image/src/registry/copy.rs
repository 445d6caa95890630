//! An image from one repository to another. Blobs that the registry cannot take over by itself go through this machine's
//! memory, never its disk.

use std::io::{self, Read};

use super::Registry;
use super::call::Call;
use super::download::Download;
use super::error::RegistryError;
use super::local::Source;
use super::manifest;
use super::push::{self, Push, Pushed};
use crate::oci::Descriptor;
use crate::reference::{Reference, Repository, Tag};

/// What is copied, and where to.
#[derive(Clone, Copy)]
pub struct Copy<'a> {
    /// The registry that has it; may be the same.
    pub from: &'a Registry,
    /// What. Of an index, all images.
    pub source: &'a Reference,
    /// Where to.
    pub to: &'a Repository,
    /// The tags that it gets there.
    pub tags: &'a [Tag],
}

/// A repository, as what blobs are read from.
struct Remote<'a> {
    call: &'a Call<'a>,
    repository: &'a Repository,
}

impl Source for Remote<'_> {
    fn open(&self, blob: &Descriptor, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Download::new(self.call, self.repository, blob, offset)))
    }

    fn manifest(&self, manifest: &Descriptor) -> io::Result<Vec<u8>> {
        let read = manifest::get(self.call, &self.repository.at(&manifest.digest));
        read.map(|manifest| manifest.bytes).map_err(RegistryError::into_io)
    }
}

pub(super) fn run(registry: &Registry, copy: &Copy<'_>) -> Result<Pushed, RegistryError> {
    let source = Call::new(copy.from);
    let root = manifest::get(&source, copy.source)?.descriptor;
    let repository = &copy.source.repository;
    let blobs = Remote { call: &source, repository };
    let push = Push {
        root: &root,
        blobs: &blobs,
        to: copy.to,
        tags: copy.tags,
        mount_from: std::slice::from_ref(repository),
    };
    let mut pushed = push::run(&Call::new(registry), &push)?;
    pushed.requests += source.requests();
    Ok(pushed)
}
