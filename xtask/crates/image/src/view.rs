//! What a container of an image would see: its layers, one over the other. Sources: OCI image specification, "Image Layer
//! Filesystem Changeset"; links are followed as in a container, never out of it.

mod merge;
mod scan;
mod unpack;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read as _;

use serde::{Deserialize, Serialize};

use crate::blobs::{Blobs, PathError};
use crate::digest::Digest;
use crate::elf::{Elf, Files};
use crate::layer::cache::Cache;
use crate::layout::Image;
use crate::oci::Descriptor;

pub use crate::tarball::{Kind, TarError};
pub use scan::Scan;
pub(crate) use scan::cached as read_layer;
pub use unpack::Unpacked;

/// One file, folder or link of a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path, without a slash at the front.
    pub path: String,
    /// What it is.
    pub kind: Kind,
    /// Its permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// Its user.
    pub uid: u64,
    /// Its group.
    pub gid: u64,
    /// Bytes of content.
    pub size: u64,
    /// What is remembered of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
}

/// What is remembered of the content of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Facts {
    /// A program or library.
    Elf(Elf),
    /// It begins as a program, and this is wrong with it.
    BrokenElf(String),
    /// A script, by its first line without `#!`.
    Script(String),
    /// A file of settings that loaders or users are looked up in.
    Text(String),
}

/// An entry that a container sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// What it is. A second name of a file is a file here.
    pub entry: Entry,
    /// The layer that it comes from; the lowest is 0.
    pub layer: usize,
    /// Where its content lies: a layer, and the number of an entry there.
    content: (usize, usize),
}

/// Bytes that lie in a layer and that no container sees. The program `dive` counts otherwise: all copies of a file that is
/// overwritten, the last one included, and nothing for the files of a folder that is removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waste {
    /// The path.
    pub path: String,
    /// Bytes that are hidden there, unpacked.
    pub bytes: u64,
    /// How many times the path was overwritten or removed.
    pub copies: u32,
}

/// The merged files of an image.
#[derive(Clone, Debug)]
pub struct View {
    blobs: Blobs,
    layers: Vec<(Descriptor, Digest)>,
    unpacked: Vec<u64>,
    nodes: BTreeMap<String, Node>,
    waste: Vec<Waste>,
}

/// An image whose files cannot be read.
#[derive(Debug)]
pub enum ViewError {
    /// A file could not be read or written.
    Path(PathError),
    /// A layer that is no sound archive.
    Layer(Digest, TarError),
    /// A layer that is packed with zstd.
    Zstd(Digest),
    /// A layer whose bytes are not those of the manifest or of the configuration.
    Damaged(Digest),
    /// A second name for a file that is not there, or a path through a ring of links.
    Link(String),
    /// No such file.
    NoFile(String),
    /// A file of more bytes than asked for.
    TooLarge(String, u64),
    /// A folder for unpacking that has something in it.
    NotEmpty(std::path::PathBuf),
}

impl View {
    /// Reads all layers of an image. With a cache, what is known of a layer is not read again.
    ///
    /// # Errors
    /// When a layer is missing, damaged, or of a kind that is not read here.
    pub fn open(blobs: &Blobs, image: &Image, cache: Option<&Cache>) -> Result<Self, ViewError> {
        let pairs = image.manifest.layers.iter().cloned().zip(image.config.rootfs.diff_ids.iter().cloned());
        let layers: Vec<_> = pairs.collect();
        let scans = read_layers(blobs, &layers, cache)?;
        Self::merge(blobs, layers, scans)
    }

    /// Puts layers one over the other that were read before; `scans` are those of `layers`, the lowest first.
    ///
    /// # Errors
    /// When a link of theirs leads nowhere it may.
    pub(crate) fn merge(
        blobs: &Blobs,
        layers: Vec<(Descriptor, Digest)>,
        scans: Vec<Scan>,
    ) -> Result<Self, ViewError> {
        let unpacked = scans.iter().map(|scan| scan.unpacked).collect();
        let (nodes, waste) = merge::merge(scans)?;
        Ok(Self { blobs: blobs.clone(), layers, unpacked, nodes, waste })
    }

    /// All that a container sees, by path.
    pub fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.nodes.values()
    }

    /// What is at this path, links followed.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Node> {
        self.nodes.get(&merge::place(&self.nodes, path, true)?)
    }

    /// Where something at this path would really be: links followed in all of its folders.
    #[must_use]
    pub fn place(&self, path: &str) -> Option<String> {
        merge::place(&self.nodes, path, false)
    }

    /// The layers as they are packed, the lowest first.
    pub fn layers(&self) -> impl Iterator<Item = &Descriptor> {
        self.layers.iter().map(|(layer, _)| layer)
    }

    /// Bytes of each layer, unpacked.
    #[must_use]
    pub fn unpacked(&self) -> &[u64] {
        &self.unpacked
    }

    /// What is hidden, the most bytes first.
    #[must_use]
    pub fn waste(&self) -> &[Waste] {
        &self.waste
    }

    /// The content of a file, links followed; at most `limit` bytes.
    ///
    /// # Errors
    /// When there is no such file, it is larger, or its layer cannot be read.
    pub fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, ViewError> {
        let no_file = || ViewError::NoFile(path.to_owned());
        let node = self.get(path).filter(|node| node.entry.kind == Kind::File).ok_or_else(no_file)?;
        if node.entry.size > limit {
            return Err(ViewError::TooLarge(path.to_owned(), limit));
        }
        let (layer, wanted) = node.content;
        let (descriptor, diff_id) = self.layers.get(layer).ok_or_else(no_file)?;
        let (mut bytes, mut number) = (Vec::new(), 0);
        scan::each(&self.blobs, descriptor, diff_id, |_, content| {
            if number == wanted {
                content.take(limit).read_to_end(&mut bytes)?;
            }
            number += 1;
            Ok(())
        })?;
        Ok(bytes)
    }
}

/// What the layers of an image hold, the lowest first.
pub(crate) fn read_layers(
    blobs: &Blobs,
    layers: &[(Descriptor, Digest)],
    cache: Option<&Cache>,
) -> Result<Vec<Scan>, ViewError> {
    layers.iter().map(|(layer, diff_id)| scan::cached(blobs, layer, diff_id, cache)).collect()
}

impl Files for View {
    fn elf(&self, path: &str) -> Option<Elf> {
        match &self.get(path)?.entry.facts {
            Some(Facts::Elf(elf)) => Some(elf.clone()),
            _ => None,
        }
    }

    fn text(&self, path: &str) -> Option<String> {
        match &self.get(path)?.entry.facts {
            Some(Facts::Text(text)) => Some(text.clone()),
            _ => None,
        }
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let Some(folder) = merge::place(&self.nodes, folder, true) else {
            return Vec::new();
        };
        let prefix = if folder.is_empty() { folder } else { format!("{folder}/") };
        let below = self.nodes.range(prefix.clone()..).take_while(|(path, _)| path.starts_with(&prefix));
        let names =
            below.filter_map(|(path, _)| path.strip_prefix(&prefix)).filter(|name| !name.contains('/'));
        names.map(str::to_owned).collect()
    }

    fn real(&self, path: &str) -> Option<String> {
        let place = merge::place(&self.nodes, path, true)?;
        self.nodes.contains_key(&place).then(|| format!("/{place}"))
    }
}

impl From<PathError> for ViewError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl fmt::Display for ViewError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(error) => error.fmt(f),
            Self::Layer(digest, error) => write!(f, "layer {digest}: {error}"),
            Self::Zstd(digest) => {
                write!(
                    f,
                    "layer {digest} is packed with zstd, which is not read here: take a base packed with gzip"
                )
            }
            Self::Damaged(digest) => write!(
                f,
                "layer {digest} is damaged: its bytes are not those that the manifest and the configuration promise"
            ),
            Self::Link(path) => write!(f, "`{}` links to nothing that is there", path.escape_debug()),
            Self::NoFile(path) => write!(f, "the image has no file `{}`", path.escape_debug()),
            Self::TooLarge(path, limit) => write!(f, "`{}` has more than {limit} bytes", path.escape_debug()),
            Self::NotEmpty(path) => {
                write!(f, "{} is not empty: an image is unpacked into a new folder", path.display())
            }
        }
    }
}

impl std::error::Error for ViewError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Path(error) => error.source(),
            Self::Layer(_, error) => error.source(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
