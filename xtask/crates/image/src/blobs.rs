//! Content by digest in a folder: `blobs/sha256/DIGITS`, as the OCI image layout has it. A blob is there whole or not at all.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::digest::{Digest, Hashing};

/// A file or folder that could not be used.
#[derive(Debug)]
pub struct PathError {
    /// What was tried: `read`.
    pub action: &'static str,
    /// With what.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} {}: {}", self.action, self.path.display(), self.source)
    }
}

impl std::error::Error for PathError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// Names the action and the path of a failure.
pub(crate) fn at<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> PathError + use<'a> {
    move |source| PathError { action, path: path.to_owned(), source }
}

/// The blobs of one folder.
#[derive(Clone, Debug)]
pub struct Blobs {
    folder: PathBuf,
}

impl Blobs {
    /// The blobs below `root`, whose folder is made when the first is written.
    #[must_use]
    pub fn below(root: &Path) -> Self {
        Self { folder: root.join("blobs").join("sha256") }
    }

    /// Where the blob of this digest is, or would be.
    #[must_use]
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.hex())
    }

    /// Its size in bytes. None when it is not here.
    #[must_use]
    pub fn size(&self, digest: &Digest) -> Option<u64> {
        let facts = fs::metadata(self.path(digest)).ok()?;
        facts.is_file().then_some(facts.len())
    }

    /// Its content, not checked against its digest.
    ///
    /// # Errors
    /// When it is not here or cannot be opened.
    pub fn open(&self, digest: &Digest) -> Result<File, PathError> {
        let path = self.path(digest);
        File::open(&path).map_err(at("read", &path))
    }

    /// Writes a blob; one that is here already is left as it is.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn put(&self, bytes: &[u8]) -> Result<Digest, PathError> {
        let digest = Digest::of(bytes);
        if self.size(&digest) == Some(bytes.len() as u64) {
            return Ok(digest);
        }
        let mut writer = self.writer()?;
        let path = writer.path.clone();
        writer.write_all(bytes).map_err(at("write", &path))?;
        writer.commit().map(|(digest, _)| digest)
    }

    /// A new blob, whose digest is known at its end.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn writer(&self) -> Result<BlobWriter, PathError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        fs::create_dir_all(&self.folder).map_err(at("make the folder", &self.folder))?;
        let name = format!(".{}-{}.part", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = self.folder.join(name);
        let file = File::create(&path).map_err(at("write", &path))?;
        let out = Some(Hashing::new(BufWriter::with_capacity(1 << 16, file)));
        Ok(BlobWriter { path, folder: self.folder.clone(), out })
    }

    /// Removes all blobs but these, and what interrupted writers left.
    ///
    /// # Errors
    /// When the folder cannot be read, or something in it not removed.
    pub fn keep_only(&self, needed: &[Digest]) -> Result<(), PathError> {
        let needed: BTreeSet<&str> = needed.iter().map(Digest::hex).collect();
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries.map_err(at("read", &self.folder))?,
        };
        for entry in entries {
            let entry = entry.map_err(at("read", &self.folder))?;
            if !entry.file_name().to_str().is_some_and(|name| needed.contains(name)) {
                fs::remove_file(entry.path()).map_err(at("remove", &entry.path()))?;
            }
        }
        Ok(())
    }

    /// Takes a blob over from another folder and checks it on the way; nothing is done when it is here already.
    ///
    /// # Errors
    /// When it is not there, is damaged, or cannot be written.
    pub fn copy(&self, from: &Self, digest: &Digest, size: u64) -> Result<(), PathError> {
        if self.size(digest) == Some(size) {
            return Ok(());
        }
        let source = from.path(digest);
        let mut file = from.open(digest)?.take(size.saturating_add(1));
        let mut writer = self.writer()?;
        io::copy(&mut file, &mut writer).map_err(at("copy", &source))?;
        if !writer.is(digest) {
            return Err(at("copy", &source)(damaged()));
        }
        writer.commit()?;
        Ok(())
    }

    /// As [`copy`](Self::copy), by a second name for the same file where the system can do that: only for folders of ours, whose
    /// blobs nobody changes in place.
    pub(crate) fn take_checked(&self, from: &Self, digest: &Digest, size: u64) -> Result<(), PathError> {
        let source = from.path(digest);
        let file = BufReader::with_capacity(1 << 16, from.open(digest)?.take(size.saturating_add(1)));
        let (found, found_size) = Digest::of_reader(file).map_err(at("read", &source))?;
        if (&found, found_size) != (digest, size) {
            return Err(at("read", &source)(damaged()));
        }
        self.take(from, digest, size)
    }

    /// As [`take_checked`](Self::take_checked), of a blob whose bytes the caller knows to be right.
    pub(crate) fn take(&self, from: &Self, digest: &Digest, size: u64) -> Result<(), PathError> {
        if self.size(digest) == Some(size) {
            return Ok(());
        }
        fs::create_dir_all(&self.folder).map_err(at("make the folder", &self.folder))?;
        // What has the name but not the size is damaged, and a second name does not replace a first.
        let _ = fs::remove_file(self.path(digest));
        // Other disks, and some file systems, know no second names.
        fs::hard_link(from.path(digest), self.path(digest)).or_else(|_| self.copy(from, digest, size))
    }

    /// The folder that they lie in.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "its bytes are not those of its digest")
}

/// A blob that is being written. It is removed when it is dropped before its end.
#[derive(Debug)]
pub struct BlobWriter {
    path: PathBuf,
    folder: PathBuf,
    out: Option<Hashing<BufWriter<File>>>,
}

impl BlobWriter {
    /// Whether what was written so far has this digest.
    #[must_use]
    pub fn is(&self, digest: &Digest) -> bool {
        self.out.as_ref().is_some_and(|out| out.so_far() == *digest)
    }

    /// Puts the blob in its place: its digest, and its size in bytes.
    ///
    /// # Errors
    /// When the last bytes or the name cannot be written.
    pub fn commit(mut self) -> Result<(Digest, u64), PathError> {
        let path = self.path.clone();
        let gone = || at("write", &path)(io::ErrorKind::BrokenPipe.into());
        let (digest, size, buffer) = self.out.take().ok_or_else(gone)?.finish();
        buffer.into_inner().map_err(|error| at("write", &path)(error.into_error()))?;
        let place = self.folder.join(digest.hex());
        fs::rename(&path, &place).map_err(at("write", &place))?;
        Ok((digest, size))
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.as_mut().map_or_else(|| Err(io::ErrorKind::BrokenPipe.into()), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for BlobWriter {
    fn drop(&mut self) {
        // After `commit` the name is gone, and nothing can be done about a failure here.
        let _ = fs::remove_file(&self.path);
    }
}

/// Writes a file whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), PathError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&part);
        at("write", path)(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::below(folder.path());
        let mut writer = blobs.writer().unwrap();
        writer.write_all(b"half").unwrap();
        drop(writer);
        assert_eq!(fs::read_dir(&blobs.folder).unwrap().count(), 0);

        let digest = blobs.put(b"whole").unwrap();
        assert_eq!(blobs.size(&digest), Some(5));
        assert_eq!(fs::read_dir(&blobs.folder).unwrap().count(), 1);
    }

    #[test]
    fn where_nothing_was_written_nothing_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        Blobs::below(folder.path()).keep_only(&[]).unwrap();
    }

    #[test]
    fn a_blob_gets_a_second_name_only_when_it_is_whole() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (here, there) = (Blobs::below(here.path()), Blobs::below(there.path()));
        let digest = there.put(b"whole").unwrap();
        fs::write(there.path(&digest), b"while").unwrap();
        let error = here.take_checked(&there, &digest, 5).unwrap_err().to_string();
        assert!(error.ends_with("its bytes are not those of its digest"), "{error}");
        assert_eq!(here.size(&digest), None);
        fs::write(there.path(&digest), b"whole").unwrap();
        assert!(here.take_checked(&there, &digest, 4).is_err(), "of another size");
        // What lies there and is cut off is replaced.
        fs::create_dir_all(here.folder()).unwrap();
        fs::write(here.path(&digest), b"wh").unwrap();
        here.take_checked(&there, &digest, 5).unwrap();
        assert_eq!(fs::read(here.path(&digest)).unwrap(), b"whole");
    }

    #[test]
    fn a_damaged_blob_is_not_taken_over() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (here, there) = (Blobs::below(here.path()), Blobs::below(there.path()));
        let digest = there.put(b"whole").unwrap();
        fs::write(there.path(&digest), b"while").unwrap();
        let error = here.copy(&there, &digest, 5).unwrap_err().to_string();
        assert!(error.ends_with("its bytes are not those of its digest"), "{error}");
        assert_eq!(here.size(&digest), None);
        fs::write(there.path(&digest), b"whole").unwrap();
        here.copy(&there, &digest, 5).unwrap();
        assert_eq!(here.size(&digest), Some(5));
    }
}
