//! Reading tar archives that others made: GNU and PAX names, nothing taken on trust. Every length that an archive claims is
//! held against a limit before memory is given for it.

use std::fmt;
use std::io::{self, Read};

use serde::{Deserialize, Serialize};
use tar::{Archive, EntryType, PaxExtensions};

/// The most bytes of one long name or one block of PAX records.
const NAME_BYTES: u64 = 1 << 20;

/// The most bytes of a path or of the target of a link. Source: `PATH_MAX` of Linux.
const PATH_BYTES: usize = 4096;

/// The most entries of one archive; the largest images in use have a few hundred thousand in all.
const ENTRIES: usize = 4_000_000;

/// One entry of an archive, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Its path from the root, without `/` at either end; empty for the root itself.
    pub(crate) path: String,
    pub(crate) kind: Kind,
    /// The permission bits, with setuid, setgid and sticky.
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    /// Bytes of content; zero for all but files.
    pub(crate) size: u64,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link to this target, as written.
    Symlink(String),
    /// A second name of the file at this path.
    Hardlink(String),
    /// A device, pipe or socket.
    Special,
}

/// An archive that cannot be read.
#[derive(Debug)]
pub enum TarError {
    /// The stream broke, ended early, or is no tar archive.
    Read(io::Error),
    /// A path that leads out of the archive.
    Outside(String),
    /// A name or record longer than any in use.
    LongName(u64),
    /// A size that the header cannot hold, or a sparse file, at this path.
    Unsupported(String),
    /// More entries than any image in use has.
    Entries,
}

impl From<io::Error> for TarError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

impl fmt::Display for TarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "the archive is broken: {error}"),
            Self::Outside(path) => {
                write!(f, "the path `{}` leads out of the image", path.escape_debug())
            }
            Self::LongName(size) => {
                write!(f, "the archive claims a name of {size} bytes; Linux takes {PATH_BYTES}")
            }
            Self::Unsupported(path) => {
                write!(
                    f,
                    "`{}` is a sparse file, or larger than 8 GiB: neither is read here",
                    path.escape_debug()
                )
            }
            Self::Entries => write!(f, "the archive has more than {ENTRIES} entries"),
        }
    }
}

impl std::error::Error for TarError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Read(error) => Some(error),
            _ => None,
        }
    }
}

/// Gives each entry of an uncompressed archive with its content to `visit`, in their order, then reads the stream to its end.
///
/// # Errors
/// When the archive is broken or claims too much, and whatever `visit` gives.
pub(crate) fn each<E: From<TarError>>(
    mut reader: impl Read,
    mut visit: impl FnMut(Header, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let broken = |error| E::from(TarError::Read(error));
    let mut archive = Archive::new(&mut reader);
    let mut names = Names::default();
    let mut count = 0;
    for entry in archive.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        count += 1;
        if count > ENTRIES {
            return Err(TarError::Entries.into());
        }
        if names.take(&mut entry)? {
            continue;
        }
        let header = std::mem::take(&mut names).header(&entry)?;
        let mut content = Exact::new(entry, header.size);
        visit(header, &mut content)?;
        io::copy(&mut content, &mut io::sink()).map_err(broken)?;
    }
    // What follows the end mark belongs to the digest of the whole.
    io::copy(&mut reader, &mut io::sink()).map_err(broken)?;
    Ok(())
}

/// What the entries before a real one say about it.
#[derive(Default)]
struct Names {
    path: Option<String>,
    target: Option<String>,
    uid: Option<u64>,
    gid: Option<u64>,
    size: Option<u64>,
    sparse: bool,
}

impl Names {
    /// Reads an entry that only speaks of the next one; `false` is a real one.
    fn take(&mut self, entry: &mut tar::Entry<'_, impl Read>) -> Result<bool, TarError> {
        match entry.header().entry_type() {
            EntryType::GNULongName => self.path = Some(text(&c_string(read_name(entry)?))),
            EntryType::GNULongLink => self.target = Some(text(&c_string(read_name(entry)?))),
            EntryType::XHeader => {
                let records = read_name(entry)?;
                for record in PaxExtensions::new(&records) {
                    let record = record?;
                    self.record(record.key_bytes(), record.value_bytes());
                }
            }
            EntryType::XGlobalHeader => drop(read_name(entry)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Keys: POSIX.1-2017, pax, "pax Extended Header Keyword/Value Pairs".
    fn record(&mut self, key: &[u8], value: &[u8]) {
        let number = || std::str::from_utf8(value).ok().and_then(|text| text.parse::<u64>().ok());
        match key {
            b"path" => self.path = Some(text(value)),
            b"linkpath" => self.target = Some(text(value)),
            b"uid" => self.uid = number(),
            b"gid" => self.gid = number(),
            b"size" => self.size = number(),
            _ => self.sparse |= key.starts_with(b"GNU.sparse."),
        }
    }

    fn header(self, entry: &tar::Entry<'_, impl Read>) -> Result<Header, TarError> {
        let header = entry.header();
        let written = self.path.unwrap_or_else(|| text(&header.path_bytes()));
        let target =
            self.target.or_else(|| header.link_name_bytes().map(|name| text(&name))).unwrap_or_default();
        if target.len() > PATH_BYTES {
            return Err(TarError::LongName(target.len() as u64));
        }
        let kind = match header.entry_type() {
            // Archives from before POSIX mark folders by the slash alone.
            EntryType::Regular if written.ends_with('/') => Kind::Folder,
            EntryType::Regular | EntryType::Continuous => Kind::File,
            EntryType::Directory => Kind::Folder,
            EntryType::Symlink => Kind::Symlink(target),
            EntryType::Link => Kind::Hardlink(inside(&target)?),
            EntryType::GNUSparse => return Err(TarError::Unsupported(written)),
            _ => Kind::Special,
        };
        let held = header.entry_size()?;
        if self.sparse || self.size.is_some_and(|size| size != held) {
            return Err(TarError::Unsupported(written));
        }
        Ok(Header {
            path: inside(&written)?,
            size: if kind == Kind::File { held } else { 0 },
            kind,
            mode: header.mode()? & 0o7777,
            uid: self.uid.map_or_else(|| header.uid(), Ok)?,
            gid: self.gid.map_or_else(|| header.gid(), Ok)?,
        })
    }
}

/// Names that are not UTF-8 are shown with U+FFFD; no tool that makes images for Rust programs writes such.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn c_string(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    bytes.truncate(end);
    bytes
}

fn read_name(entry: &mut tar::Entry<'_, impl Read>) -> Result<Vec<u8>, TarError> {
    let size = entry.header().entry_size()?;
    if size > NAME_BYTES {
        return Err(TarError::LongName(size));
    }
    let mut bytes = Vec::new();
    Exact::new(entry, size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The path from the root in its shortest form: without `.`, without `/` at either end.
///
/// # Errors
/// When it has a `..`, which no program writes that makes images, or is longer than Linux takes.
pub(crate) fn inside(path: &str) -> Result<String, TarError> {
    if path.len() > PATH_BYTES {
        return Err(TarError::LongName(path.len() as u64));
    }
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut short = String::with_capacity(path.len());
    for part in parts {
        if part == ".." || part.contains('\0') {
            return Err(TarError::Outside(path.to_owned()));
        }
        if !short.is_empty() {
            short.push('/');
        }
        short.push_str(part);
    }
    Ok(short)
}

/// A reader of so many bytes, for which an earlier end is an error.
pub(crate) struct Exact<R> {
    left: u64,
    inner: io::Take<R>,
}

impl<R: Read> Exact<R> {
    pub(crate) fn new(reader: R, size: u64) -> Self {
        Self { left: size, inner: reader.take(size) }
    }
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(bytes)?;
        self.left -= (read as u64).min(self.left);
        if read == 0 && !bytes.is_empty() && self.left > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("{} bytes are missing", self.left),
            ));
        }
        Ok(read)
    }
}
