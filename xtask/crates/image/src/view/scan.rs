//! Reading a layer once, and what is remembered of it.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};

use super::{Entry, Facts, Kind, ViewError};
use crate::blobs::{Blobs, PathError, at};
use crate::digest::{Digest, Hashing};
use crate::elf::Elf;
use crate::layer::cache::Cache;
use crate::layer::{Contents, Data, Item};
use crate::oci::Descriptor;
use crate::tarball::{self, Header, TarError};

/// The kind of entry in a [`Cache`]; another shape of [`Scan`] needs another name.
const KIND: &str = "scans";

/// The most bytes of a program or library that is read; debug builds of large programs have some hundred million.
const ELF_BYTES: u64 = 1 << 29;

/// The most bytes of a file of settings that is read.
const TEXT_BYTES: u64 = 1 << 16;

/// How many bytes tell what a file is.
const START: u64 = 4;

/// The most bytes of a script's first line; Linux reads 256.
const LINE_BYTES: u64 = 256;

/// The most bytes that a layer may unpack to: more fills disks before anybody sees why.
const LAYER_BYTES: u64 = 1 << 36;

/// What a layer holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// Its entries in their order.
    pub entries: Vec<Entry>,
    /// Its unpacked bytes.
    pub unpacked: u64,
}

impl Scan {
    /// What a layer of these contents, which unpacks to so many bytes, holds: the same as if it were read back.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of(contents: &Contents, unpacked: u64) -> Result<Self, PathError> {
        let entries = contents.items().map(|(path, item)| scanned(path, item)).collect::<Result<_, _>>()?;
        Ok(Self { entries, unpacked })
    }

    /// As [`of`](Self::of), from the cache where that knows the layer; what it learns spares the next reader the unpacking.
    pub(crate) fn of_made(
        contents: &Contents,
        diff_id: &Digest,
        unpacked: u64,
        cache: Option<&Cache>,
    ) -> Result<Self, PathError> {
        if let Some(scan) = cache.and_then(|cache| cache.known(KIND, diff_id)) {
            return Ok(scan);
        }
        let scan = Self::of(contents, unpacked)?;
        if let Some(cache) = cache {
            cache.learn(KIND, diff_id, &scan);
        }
        Ok(scan)
    }
}

fn scanned(path: &str, item: &Item) -> Result<Entry, PathError> {
    let header = |kind, size| Header {
        path: path.to_owned(),
        kind,
        mode: item.mode,
        uid: item.uid.into(),
        gid: item.gid.into(),
        size,
    };
    match &item.data {
        Data::Folder => entry(header(Kind::Folder, 0), &mut io::empty()),
        Data::Link(target) => entry(header(Kind::Symlink(target.clone()), 0), &mut io::empty()),
        Data::Bytes(bytes) => {
            let header = header(Kind::File, bytes.len() as u64);
            let facts = known(&header.path, bytes);
            Ok(remembered(header, facts))
        }
        Data::File(origin) => {
            let mut file = File::open(origin).map_err(at("read", origin))?;
            let size = file.metadata().map_err(at("read", origin))?.len();
            return entry(header(Kind::File, size), &mut file).map_err(at("read", origin));
        }
    }
    .map_err(at("read", Path::new(path)))
}

/// An entry with what is remembered of its content.
fn entry(header: Header, content: &mut dyn Read) -> io::Result<Entry> {
    let facts = if header.kind == Kind::File { facts(&header.path, content)? } else { None };
    Ok(remembered(header, facts))
}

fn remembered(header: Header, facts: Option<Facts>) -> Entry {
    let Header { path, kind, mode, uid, gid, size } = header;
    Entry { path, kind, mode, uid, gid, size, facts }
}

/// Reads as much as is worth remembering.
fn facts(path: &str, content: &mut dyn Read) -> io::Result<Option<Facts>> {
    let mut bytes = Vec::new();
    content.take(START).read_to_end(&mut bytes)?;
    content.take(most(path, &bytes).saturating_sub(START)).read_to_end(&mut bytes)?;
    Ok(known(path, &bytes))
}

/// How many bytes of a file count, which begins like this.
fn most(path: &str, start: &[u8]) -> u64 {
    match start.get(..4).unwrap_or(start) {
        _ if is_settings(path) => TEXT_BYTES,
        b"\x7fELF" => ELF_BYTES,
        [b'#', b'!', ..] => LINE_BYTES,
        _ => 0,
    }
}

/// What is remembered of a file with this content, of which bytes beyond those that count may be missing.
fn known(path: &str, bytes: &[u8]) -> Option<Facts> {
    let most = usize::try_from(most(path, bytes)).unwrap_or(usize::MAX);
    let bytes = bytes.get(..most).unwrap_or(bytes);
    if is_settings(path) {
        return Some(Facts::Text(String::from_utf8_lossy(bytes).into_owned()));
    }
    if let Some(line) = bytes.strip_prefix(b"#!") {
        let line = line.split(|byte| *byte == b'\n').next().unwrap_or_default();
        return Some(Facts::Script(String::from_utf8_lossy(line).trim().to_owned()));
    }
    if bytes.is_empty() {
        return None;
    }
    match Elf::parse(bytes) {
        Ok(elf) => elf.map(Facts::Elf),
        Err(error) => Some(Facts::BrokenElf(error.to_string())),
    }
}

/// Whether loaders, or engines that look up a user, read this file.
fn is_settings(path: &str) -> bool {
    let is_loaders = path.starts_with("etc/ld.so.conf") || path.starts_with("etc/ld-musl-");
    is_loaders || matches!(path, "etc/passwd" | "etc/group")
}

/// What a layer of an image holds, from the cache where that knows it.
pub(crate) fn cached(
    blobs: &Blobs,
    layer: &Descriptor,
    diff_id: &Digest,
    cache: Option<&Cache>,
) -> Result<Scan, ViewError> {
    if let Some(scan) = cache.and_then(|cache| cache.known(KIND, diff_id)) {
        return Ok(scan);
    }
    let mut scan = Scan::default();
    scan.unpacked = each(blobs, layer, diff_id, |header, content| {
        scan.entries.push(entry(header, content)?);
        Ok(())
    })?;
    if let Some(cache) = cache {
        cache.learn(KIND, diff_id, &scan);
    }
    Ok(scan)
}

/// What ends the reading of a layer early.
pub(super) enum Stop {
    Tar(TarError),
    Path(PathError),
}

impl From<TarError> for Stop {
    fn from(error: TarError) -> Self {
        Self::Tar(error)
    }
}

impl From<PathError> for Stop {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Tar(TarError::Read(error))
    }
}

/// Gives each entry of a packed layer to `visit`, checks both digests, and gives the number of unpacked bytes.
pub(super) fn each(
    blobs: &Blobs,
    layer: &Descriptor,
    diff_id: &Digest,
    visit: impl FnMut(Header, &mut dyn Read) -> Result<(), Stop>,
) -> Result<u64, ViewError> {
    let path = blobs.path(&layer.digest);
    let mut file = BufReader::with_capacity(1 << 16, blobs.open(&layer.digest)?);
    let head = file.fill_buf().map_err(at("read", &path))?;
    let is_gzip = head.starts_with(&[0x1f, 0x8b]);
    if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Err(ViewError::Zstd(layer.digest.clone()));
    }
    let mut packed = Hashing::new(file);
    let plain: Box<dyn Read> =
        if is_gzip { Box::new(MultiGzDecoder::new(&mut packed)) } else { Box::new(&mut packed) };
    let mut unpacked = Hashing::new(Capped { inner: plain, left: LAYER_BYTES });
    tarball::each(&mut unpacked, visit).map_err(|stop| match stop {
        Stop::Tar(error) => ViewError::Layer(layer.digest.clone(), error),
        Stop::Path(error) => ViewError::Path(error),
    })?;
    let (found, size, rest) = unpacked.finish();
    drop(rest);
    io::copy(&mut packed, &mut io::sink()).map_err(at("read", &path))?;
    let (packed, packed_size, _) = packed.finish();
    if found != *diff_id || packed != layer.digest || packed_size != layer.size {
        return Err(ViewError::Damaged(layer.digest.clone()));
    }
    Ok(size)
}

/// A reader that fails after so many bytes.
struct Capped<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Capped<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        let too_much = || io::Error::other(format!("it unpacks to more than {} GiB", LAYER_BYTES >> 30));
        self.left = self.left.checked_sub(read as u64).ok_or_else(too_much)?;
        Ok(read)
    }
}
