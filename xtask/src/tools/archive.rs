//! An archive that somebody else has made, and from which one file is wanted: it holds that file and nothing else, or it is
//! refused. Nothing is written to a disk, so names lead nowhere.

use std::fmt;
use std::io::Read as _;

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord};

use crate::kit::text::{beginning, bytes};

/// The kind of a file in the upper half of its attributes, and what a plain file says there. Source: POSIX, `sys/stat.h`.
const KIND: u32 = 0o170_000;
const PLAIN: u32 = 0o100_000;

/// The most characters that are told of a name.
const NAME: usize = 60;

/// Why an archive is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArchiveError {
    /// It cannot be read as a zip archive.
    Broken(String),
    /// It holds so many files; a single one belongs there.
    Count(u64),
    /// Its file has another name.
    OtherName(String),
    /// Its file is a link, a folder, or encrypted.
    NotPlain,
    /// Its file is larger than so many bytes.
    TooLarge(u64),
}

impl fmt::Display for ArchiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(why) => write!(f, "it is no sound zip archive: {why}"),
            Self::Count(count) => write!(f, "it holds {count} files, and one belongs there"),
            Self::OtherName(name) => write!(f, "it holds the file {name:?}, which does not belong there"),
            Self::NotPlain => f.write_str("what it holds is no plain file"),
            Self::TooLarge(most) => write!(f, "what it holds is larger than {}", bytes(*most)),
        }
    }
}

impl std::error::Error for ArchiveError {}

/// The only file of an archive, which must have exactly this name and at most so many bytes unpacked.
///
/// # Errors
/// When the archive is broken, or holds anything else.
pub fn only_file(archive: &[u8], name: &str, largest: u64) -> Result<Vec<u8>, ArchiveError> {
    let zip = ZipArchive::from_slice(archive).map_err(broken)?;
    let mut entries = zip.entries();
    let first = entries.next_entry().map_err(broken)?.ok_or(ArchiveError::Count(0))?;
    is_wanted(&first, name, largest)?;
    let mut count = 1;
    // The directory is walked, whatever number its end tells.
    while entries.next_entry().map_err(broken)?.is_some() {
        count += 1;
    }
    if count > 1 || zip.entries_hint() != count {
        return Err(ArchiveError::Count(count.max(zip.entries_hint())));
    }
    let entry = zip.get_entry(first.wayfinder()).map_err(broken)?;
    let local = entry.local_header();
    if local.file_path().as_bytes() != name.as_bytes() || local.flags().is_encrypted() {
        return Err(ArchiveError::Broken("its file and its directory do not agree".to_owned()));
    }
    // It may say that it is small, and may not be.
    let unpacked = match first.compression_method() {
        CompressionMethod::STORE => limited(entry.verifying_reader(entry.data()), largest),
        CompressionMethod::DEFLATE => {
            limited(entry.verifying_reader(DeflateDecoder::new(entry.data())), largest)
        }
        other => Err(ArchiveError::Broken(format!("it is packed by method {}", other.as_u16()))),
    }?;
    Ok(unpacked)
}

fn is_wanted(entry: &ZipFileHeaderRecord<'_>, name: &str, largest: u64) -> Result<(), ArchiveError> {
    let found = entry.file_path();
    if found.as_bytes() != name.as_bytes() {
        let found = String::from_utf8_lossy(found.as_bytes()).into_owned();
        return Err(ArchiveError::OtherName(beginning(&found, NAME).into_owned()));
    }
    let flags = entry.flags();
    // Windows leaves that half empty.
    let kind = (entry.external_attributes() >> 16) & KIND;
    if entry.is_dir() || ![0, PLAIN].contains(&kind) || flags.is_encrypted() || flags.has_strong_encryption()
    {
        return Err(ArchiveError::NotPlain);
    }
    if entry.uncompressed_size_hint() > largest {
        return Err(ArchiveError::TooLarge(largest));
    }
    Ok(())
}

fn limited(reader: impl std::io::Read, largest: u64) -> Result<Vec<u8>, ArchiveError> {
    let mut unpacked = Vec::new();
    let read = reader.take(largest + 1).read_to_end(&mut unpacked).map_err(broken)?;
    if read as u64 > largest { Err(ArchiveError::TooLarge(largest)) } else { Ok(unpacked) }
}

fn broken(error: impl fmt::Display) -> ArchiveError {
    ArchiveError::Broken(error.to_string())
}

#[cfg(test)]
mod tests;
