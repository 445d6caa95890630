//! Where blobs come from and go to on this machine.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::digest::Digest;
use crate::oci::Descriptor;

/// Where the blobs and manifests of an image are read that is pushed. Asked from several threads.
pub trait Blobs: Sync {
    /// The bytes of a blob from an offset on.
    ///
    /// # Errors
    /// When there is no such blob, or it cannot be read.
    fn open(&self, blob: &Descriptor, offset: u64) -> io::Result<Box<dyn Read + Send + '_>>;

    /// The bytes of a manifest or index; in a layout they are blobs like others. At most as many bytes as it should have are
    /// of use, and one more to see that there are too many.
    ///
    /// # Errors
    /// When there is no such manifest, or it cannot be read.
    fn manifest(&self, manifest: &Descriptor) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(manifest, 0)?.take(manifest.size.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Where the blobs and manifests of an image are put that is pulled. Asked from several threads.
pub trait Sink: Sync {
    /// Whether this blob is here already, whole and right.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn has(&self, blob: &Descriptor) -> io::Result<bool>;

    /// Begins to take a blob.
    ///
    /// # Errors
    /// When it cannot be begun.
    fn create(&self, blob: &Descriptor) -> io::Result<Box<dyn Incoming + '_>>;
}

/// A blob that is arriving. Its digest is checked by whoever writes; dropped without [`commit`](Self::commit), nothing of it
/// stays.
pub trait Incoming: Write + Send {
    /// All of it is here, and right.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn commit(self: Box<Self>) -> io::Result<()>;
}

/// A folder of blobs as the OCI image layout has it: `sha256/HEX`.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// This folder; it is made with the first blob.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// Where a blob is kept.
    #[must_use]
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.0.join("sha256").join(digest.hex())
    }
}

impl Blobs for Folder {
    fn open(&self, blob: &Descriptor, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let path = self.path(&blob.digest);
        let mut file = File::open(&path).map_err(|error| named(&path, &error))?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }
}

impl Sink for Folder {
    fn has(&self, blob: &Descriptor) -> io::Result<bool> {
        let path = self.path(&blob.digest);
        match File::open(&path) {
            Ok(file) => Ok(Digest::of_reader(file)? == (blob.digest.clone(), blob.size)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(named(&path, &error)),
        }
    }

    fn create(&self, blob: &Descriptor) -> io::Result<Box<dyn Incoming + '_>> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let target = self.path(&blob.digest);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!(".{}.{}.{number}", blob.digest.short(), std::process::id());
        let path = target.with_file_name(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| named(folder, &error))?;
        }
        let file = File::create_new(&path).map_err(|error| named(&path, &error))?;
        Ok(Box::new(Arriving { file, path, target, is_kept: false }))
    }
}

/// An error that says which file; its kind stays.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// A file beside its place.
struct Arriving {
    file: File,
    path: PathBuf,
    target: PathBuf,
    is_kept: bool,
}

impl Write for Arriving {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Incoming for Arriving {
    fn commit(mut self: Box<Self>) -> io::Result<()> {
        fs::rename(&self.path, &self.target).map_err(|error| named(&self.target, &error))?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed is hidden by its name and never read.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl fmt::Debug for Arriving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Arriving").field(&self.target).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn descriptor(bytes: &[u8]) -> Descriptor {
        Descriptor {
            media_type: "text/plain".to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            annotations: BTreeMap::new(),
            platform: None,
        }
    }

    #[test]
    fn what_was_not_committed_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        let blob = descriptor(b"hello");
        assert!(!folder.has(&blob).unwrap());
        drop(folder.create(&blob).unwrap());
        assert_eq!(fs::read_dir(place.path().join("sha256")).unwrap().count(), 0);
        let mut arriving = folder.create(&blob).unwrap();
        arriving.write_all(b"hello").unwrap();
        arriving.commit().unwrap();
        assert!(folder.has(&blob).unwrap());
        assert_eq!(folder.manifest(&blob).unwrap(), b"hello");
        let mut rest = String::new();
        folder.open(&blob, 3).unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "lo");
    }

    #[test]
    fn a_blob_that_was_changed_is_not_here() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::new(place.path());
        let blob = descriptor(b"hello");
        fs::create_dir_all(place.path().join("sha256")).unwrap();
        fs::write(folder.path(&blob.digest), b"jello").unwrap();
        assert!(!folder.has(&blob).unwrap());
        let missing = folder.open(&descriptor(b"other"), 0).err().unwrap().to_string();
        assert!(missing.contains(place.path().to_str().unwrap()), "{missing}");
    }
}
