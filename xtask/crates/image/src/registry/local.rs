//! Where blobs come from and go to on this machine.

use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::blobs::{BlobWriter, Blobs, PathError};
use crate::digest::Digest;
use crate::oci::Descriptor;

/// Where the blobs and manifests of an image are read that is pushed. Asked from several threads.
pub trait Source: Sync {
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

impl Source for Blobs {
    fn open(&self, blob: &Descriptor, offset: u64) -> io::Result<Box<dyn Read + Send + '_>> {
        let mut file = self.open(&blob.digest).map_err(io_error)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Box::new(file))
    }
}

impl Sink for Blobs {
    fn has(&self, blob: &Descriptor) -> io::Result<bool> {
        if self.size(&blob.digest) != Some(blob.size) {
            return Ok(false);
        }
        let file = self.open(&blob.digest).map_err(io_error)?;
        Ok(Digest::of_reader(file)?.0 == blob.digest)
    }

    fn create(&self, _blob: &Descriptor) -> io::Result<Box<dyn Incoming + '_>> {
        Ok(Box::new(self.writer().map_err(io_error)?))
    }
}

impl Incoming for BlobWriter {
    fn commit(self: Box<Self>) -> io::Result<()> {
        (*self).commit().map(|_| ()).map_err(io_error)
    }
}

/// An error that still says which file; its kind, such as a full disk, stays.
fn io_error(error: PathError) -> io::Error {
    io::Error::new(error.source.kind(), error)
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
    fn what_arrives_is_read_back() {
        let place = tempfile::tempdir().unwrap();
        let blobs = Blobs::below(place.path());
        let blob = descriptor(b"hello");
        drop(blobs.create(&blob).unwrap());
        assert!(!blobs.has(&blob).unwrap());
        let mut arriving = blobs.create(&blob).unwrap();
        arriving.write_all(b"hello").unwrap();
        arriving.commit().unwrap();
        assert!(blobs.has(&blob).unwrap());
        assert_eq!(blobs.manifest(&blob).unwrap(), b"hello");
        let mut rest = String::new();
        Source::open(&blobs, &blob, 3).unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "lo");
    }

    #[test]
    fn a_blob_that_was_changed_is_not_here() {
        let place = tempfile::tempdir().unwrap();
        let blobs = Blobs::below(place.path());
        let blob = descriptor(b"hello");
        blobs.put(b"hello").unwrap();
        std::fs::write(blobs.path(&blob.digest), b"jello").unwrap();
        assert!(!blobs.has(&blob).unwrap());
        let missing = Source::open(&blobs, &descriptor(b"other"), 0).err().unwrap();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
        assert!(missing.to_string().contains(place.path().to_str().unwrap()), "{missing}");
    }
}
