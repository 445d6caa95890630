//! Packed layers and what is known of fetched ones, kept from one build to the next by the digest of what went in. It is a
//! cache: it may be removed at any time, and whatever in it is damaged is made anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Contents, Layer, LayerError, Level};
use crate::blobs::{Blobs, write_whole};
use crate::digest::Digest;

/// A cache in a folder, `target/slipway/image/cache` as a rule.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    blobs: Blobs,
}

/// A file of the cache.
struct Kept {
    path: PathBuf,
    used: SystemTime,
    size: u64,
}

impl Cache {
    /// The cache in this folder, which is made when something is first kept.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), blobs: Blobs::below(folder) }
    }

    /// Packs contents into `blobs`, or takes the packed bytes of an earlier time.
    ///
    /// # Errors
    /// When a file cannot be read, or the blob not written. That the cache cannot be written is no error.
    pub fn pack(
        &self,
        contents: &Contents,
        epoch: u64,
        level: Level,
        blobs: &Blobs,
    ) -> Result<Layer, LayerError> {
        let held = contents.held(epoch)?;
        let diff_id = &held.diff_id;
        let key = format!("{}-{}", diff_id.hex(), level.number());
        if let Some(layer) = self.recall::<Layer>("layers", &key).filter(|layer| layer.diff_id == *diff_id) {
            let descriptor = &layer.descriptor;
            if blobs.take_checked(&self.blobs, &descriptor.digest, descriptor.size).is_ok() {
                touch(&self.blobs.path(&descriptor.digest));
                return Ok(layer);
            }
            // One that is there under its size would be taken for whole, and never written anew.
            let _ = fs::remove_file(self.blobs.path(&descriptor.digest));
        }
        let layer = held.pack(level, blobs).unwrap_or_else(|| contents.pack(epoch, level, blobs))?;
        let descriptor = &layer.descriptor;
        // Its digest was made of the bytes as they were written, a moment ago.
        if self.blobs.take(blobs, &descriptor.digest, descriptor.size).is_ok() {
            self.keep("layers", &format!("{}-{}", layer.diff_id.hex(), level.number()), &layer);
        }
        Ok(layer)
    }

    /// What was kept under this digest; none when it is not there or not readable.
    pub(crate) fn known<T: DeserializeOwned>(&self, kind: &str, digest: &Digest) -> Option<T> {
        self.recall(kind, digest.hex())
    }

    /// Keeps something under a digest.
    pub(crate) fn learn(&self, kind: &str, digest: &Digest, value: &impl Serialize) {
        self.keep(kind, digest.hex(), value);
    }

    /// Removes what was not used for the longest time until no more than this many bytes are left.
    pub fn prune(&self, bytes: u64) {
        let mut kept: Vec<Kept> =
            ["blobs/sha256", "layers", "scans"].iter().flat_map(|kind| self.kept(kind)).collect();
        kept.sort_by_key(|file| std::cmp::Reverse(file.used));
        let mut total = 0;
        for file in kept {
            total += file.size;
            if total > bytes {
                // Somebody else may have removed it.
                let _ = fs::remove_file(file.path);
            }
        }
    }

    fn kept(&self, kind: &str) -> Vec<Kept> {
        let entries = fs::read_dir(self.folder.join(kind)).into_iter().flatten().flatten();
        let kept = |entry: fs::DirEntry| {
            let facts = entry.metadata().ok()?;
            Some(Kept { path: entry.path(), used: facts.modified().ok()?, size: facts.len() })
        };
        entries.filter_map(kept).collect()
    }

    fn path(&self, kind: &str, key: &str) -> PathBuf {
        self.folder.join(kind).join(format!("{key}.json"))
    }

    fn recall<T: DeserializeOwned>(&self, kind: &str, key: &str) -> Option<T> {
        let path = self.path(kind, key);
        let value = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
        touch(&path);
        Some(value)
    }

    fn keep(&self, kind: &str, key: &str, value: &impl Serialize) {
        let path = self.path(kind, key);
        let (Ok(bytes), Some(folder)) = (serde_json::to_vec(value), path.parent()) else {
            return;
        };
        // A cache that cannot be written costs time, not the build.
        let _ = fs::create_dir_all(folder).map(|()| write_whole(&path, &bytes));
    }
}

/// Marks a file as used now.
fn touch(path: &Path) {
    // Only the order of removal depends on it.
    let _ = fs::File::options().append(true).open(path).map(|file| file.set_modified(SystemTime::now()));
}

#[cfg(test)]
mod tests {
    use super::super::{Data, Item};
    use super::*;

    fn contents(text: &str) -> Contents {
        let mut contents = Contents::default();
        contents.add("app", Item::new(Data::Bytes(text.repeat(1000).into_bytes()))).unwrap();
        contents
    }

    #[test]
    fn a_second_build_takes_what_the_first_packed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(&folder.path().join("cache"));
        let pack = |name: &str| {
            let blobs = Blobs::below(&folder.path().join(name));
            let layer = cache.pack(&contents("a"), 0, Level::new(1), &blobs).unwrap();
            assert_eq!(blobs.size(&layer.descriptor.digest), Some(layer.descriptor.size));
            layer
        };
        let first = pack("one");
        let kept = cache.blobs.path(&first.descriptor.digest);
        assert_eq!(first, pack("two"));

        let whole = fs::read(&kept).unwrap();
        // Cut off, and of the same size: a disk that lost power leaves both.
        for damaged in [b"damaged".to_vec(), vec![0; whole.len()]] {
            fs::write(&kept, damaged).unwrap();
            let folder = format!("after {}", fs::metadata(&kept).unwrap().len());
            assert_eq!(first, pack(&folder), "what is damaged is made anew");
            assert_eq!(fs::read(&kept).unwrap(), whole, "and mended");
        }
    }

    #[test]
    fn what_was_not_used_for_long_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path());
        let blobs = Blobs::below(&folder.path().join("layout"));
        let old = cache.pack(&contents("a"), 0, Level::new(1), &blobs).unwrap();
        let new = cache.pack(&contents("b"), 0, Level::new(1), &blobs).unwrap();
        let past = SystemTime::now() - std::time::Duration::from_secs(1000);
        fs::File::options()
            .append(true)
            .open(cache.blobs.path(&old.descriptor.digest))
            .unwrap()
            .set_modified(past)
            .unwrap();
        let total: u64 =
            ["blobs/sha256", "layers"].iter().flat_map(|kind| cache.kept(kind)).map(|kept| kept.size).sum();
        cache.prune(total - 1);
        assert_eq!(cache.blobs.size(&old.descriptor.digest), None);
        assert!(cache.blobs.size(&new.descriptor.digest).is_some());
    }
}
