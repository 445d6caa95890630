//! Layers: what goes into one, and its bytes. The same contents always give the same bytes: entries are sorted, times and owners
//! are given, names too long for a header use GNU's extension, and there is nothing else that could differ.

pub mod cache;
pub(crate) mod gzip;
mod pieces;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tar::{Builder, EntryType};

use crate::blobs::{Blobs, PathError, at};
use crate::digest::{Digest, Hashing};
use crate::oci::{Descriptor, media};
use crate::tarball::{Exact, TarError, inside};

pub use gzip::Level;
use pieces::{Earlier, Piece};

/// What goes into a layer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    items: BTreeMap<String, Item>,
}

/// One file, folder or link of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub data: Data,
    /// Its permission bits.
    pub mode: u32,
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}

/// What an item of a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// A folder.
    Folder,
    /// A file with this content.
    Bytes(Arc<Vec<u8>>),
    /// A file with the content of this file of the machine.
    File(PathBuf),
    /// A symbolic link to this target.
    Link(String),
}

impl From<Vec<u8>> for Data {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Arc::new(bytes))
    }
}

impl Item {
    /// Something of root's that everybody may read: folders `0755`, files `0644`, links `0777`.
    #[must_use]
    pub fn new(data: Data) -> Self {
        let mode = match data {
            Data::Folder => 0o755,
            Data::Bytes(_) | Data::File(_) => 0o644,
            Data::Link(_) => 0o777,
        };
        Self { data, mode, uid: 0, gid: 0 }
    }

    /// The same with other permission bits.
    #[must_use]
    pub fn mode(self, mode: u32) -> Self {
        Self { mode, ..self }
    }

    /// The same for another user and group.
    #[must_use]
    pub fn owner(self, uid: u32, gid: u32) -> Self {
        Self { uid, gid, ..self }
    }
}

/// A layer as it lies in a layout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its packed bytes.
    pub descriptor: Descriptor,
    /// The digest of its unpacked bytes.
    pub diff_id: Digest,
    /// Unpacked bytes.
    pub unpacked: u64,
}

/// A layer that could not be made.
#[derive(Debug)]
pub enum LayerError {
    /// A file could not be read or written.
    Path(PathError),
    /// A path that cannot be in an image.
    Name(TarError),
}

impl Contents {
    /// Puts an item at a path of the image; what was there is replaced.
    ///
    /// # Errors
    /// When the path leads out of the image.
    pub fn add(&mut self, path: &str, item: Item) -> Result<(), LayerError> {
        let path = inside(path).map_err(LayerError::Name)?;
        self.items.insert(path, item);
        Ok(())
    }

    /// Adds the folders that paths go through, except those for which `exists` is true, as lower layers have them.
    pub fn add_parents(&mut self, exists: impl Fn(&str) -> bool) {
        let parents =
            |path: &String| path.match_indices('/').map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>();
        for parent in self.items.keys().flat_map(parents).collect::<Vec<_>>() {
            if !exists(&parent) {
                self.items.entry(parent).or_insert_with(|| Item::new(Data::Folder));
            }
        }
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items by their paths, which begin without a slash.
    pub fn items(&self) -> impl Iterator<Item = (&str, &Item)> {
        self.items.iter().map(|(path, item)| (path.as_str(), item))
    }

    /// Writes them as a tar archive; `epoch` is the time of every entry in seconds.
    ///
    /// # Errors
    /// When a file cannot be read, changes meanwhile, or `out` cannot be written.
    pub fn tar(&self, epoch: u64, out: impl Write) -> Result<(), LayerError> {
        let mut builder = Builder::new(out);
        for (path, item) in &self.items {
            let origin = match &item.data {
                Data::File(origin) => origin.clone(),
                _ => PathBuf::from(path),
            };
            append(&mut builder, path, item, epoch).map_err(at("pack", &origin))?;
        }
        let end = || PathBuf::from("the end of the layer");
        builder.into_inner().and_then(|mut out| out.flush()).map_err(|error| at("pack", &end())(error))?;
        Ok(())
    }

    /// The digest of the tar archive and its size in bytes.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn diff_id(&self, epoch: u64) -> Result<(Digest, u64), LayerError> {
        let mut hashing = Hashing::new(io::sink());
        self.tar(epoch, &mut hashing)?;
        let (digest, size, _) = hashing.finish();
        Ok((digest, size))
    }

    /// Takes the content of files of the machine into memory, until it is too much: what is looked at, named by its digest and
    /// packed is then the same, whatever becomes of the files, and is read once.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn hold(&mut self) -> Result<(), LayerError> {
        let mut left = HELD_BYTES;
        for item in self.items.values_mut() {
            if let Data::File(origin) = &item.data {
                let facts = fs::metadata(origin).map_err(at("pack", origin))?;
                left = left.saturating_sub(facts.len());
                if left == 0 {
                    return Ok(());
                }
                if facts.is_file() {
                    item.data = fs::read(origin).map_err(at("pack", origin))?.into();
                }
            }
        }
        Ok(())
    }

    /// Whether all of it is in memory.
    pub(crate) fn is_held(&self) -> bool {
        self.held_bytes().is_some()
    }

    /// The bytes of their files; none when not all of them are in memory.
    pub(crate) fn held_bytes(&self) -> Option<u64> {
        let size = |item: &Item| match &item.data {
            Data::Bytes(bytes) => Some(bytes.len() as u64),
            Data::Folder | Data::Link(_) => Some(0),
            Data::File(_) => None,
        };
        self.items.values().map(size).sum()
    }

    /// Packs them into a blob.
    ///
    /// # Errors
    /// When a file cannot be read, or the blob not written.
    pub fn pack(&self, epoch: u64, level: Level, blobs: &Blobs) -> Result<Layer, LayerError> {
        self.pack_after(epoch, level, blobs, None).map(|(layer, _)| layer)
    }

    /// As [`pack`](Self::pack), after an earlier layer that may have some of it: then also the pieces that this one is made of.
    pub(crate) fn pack_after(
        &self,
        epoch: u64,
        level: Level,
        blobs: &Blobs,
        earlier: Option<Earlier>,
    ) -> Result<(Layer, Vec<Piece>), LayerError> {
        let mut blob = blobs.writer()?;
        let mut hashing = Hashing::new(gzip::Writer::new(&mut blob, level, earlier));
        self.tar(epoch, &mut hashing)?;
        let (diff_id, unpacked, gzip) = hashing.finish();
        let pieces = gzip.finish().map_err(at("write", blobs.folder()))?;
        let (digest, size) = blob.commit()?;
        Ok((Layer { descriptor: descriptor(digest, size), diff_id, unpacked }, pieces))
    }
}

/// The most bytes of files of the machine that are held in memory for one layer, beside the program.
const HELD_BYTES: u64 = if cfg!(test) { 1 << 20 } else { 64 << 20 };

fn descriptor(digest: Digest, size: u64) -> Descriptor {
    let media_type = media::LAYER_GZIP.to_owned();
    Descriptor { media_type, digest, size, annotations: BTreeMap::new(), platform: None }
}

fn append(builder: &mut Builder<impl Write>, path: &str, item: &Item, epoch: u64) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_mode(item.mode);
    header.set_uid(item.uid.into());
    header.set_gid(item.gid.into());
    header.set_mtime(epoch);
    let mut file = |size: u64, content: &mut dyn Read| {
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        builder.append_data(&mut header, path, content)
    };
    match &item.data {
        Data::Bytes(bytes) => file(bytes.len() as u64, &mut bytes.as_slice()),
        Data::File(origin) => {
            let open = File::open(origin)?;
            let facts = open.metadata()?;
            if !facts.is_file() {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
            }
            file(facts.len(), &mut Exact::new(open, facts.len()))
        }
        Data::Folder => {
            header.set_entry_type(EntryType::Directory);
            header.set_size(0);
            builder.append_data(&mut header, format!("{path}/"), io::empty())
        }
        Data::Link(target) => {
            header.set_entry_type(EntryType::Symlink);
            header.set_size(0);
            builder.append_link(&mut header, path, target)
        }
    }
}

/// The file of the machine as an item, with its permission to execute kept and its owner and other permissions not.
///
/// # Errors
/// When there is no such file.
pub fn file_item(path: &Path) -> Result<Item, PathError> {
    let facts = fs::metadata(path).map_err(at("read", path))?;
    let item = Item::new(Data::File(path.to_owned()));
    Ok(if is_executable(&facts) { item.mode(0o755) } else { item })
}

#[cfg(unix)]
fn is_executable(facts: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    facts.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

impl From<PathError> for LayerError {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl fmt::Display for LayerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(error) => error.fmt(f),
            Self::Name(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LayerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Path(error) => error.source(),
            Self::Name(error) => error.source(),
        }
    }
}

#[cfg(test)]
mod tests;
