//! Packed layers and what is known of fetched ones, kept from one build to the next by the digest of what went in. It is a
//! cache: it may be removed at any time, and whatever in it is damaged is made anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::pieces::{Earlier, Piece};
use super::{Contents, Layer, LayerError, Level};
use crate::blobs::{Blobs, write_whole};
use crate::digest::Digest;
use crate::oci::Descriptor;

/// Layers of fewer bytes are packed before it is found out what of them an earlier one has.
const WORTH_CUTTING: u64 = if cfg!(test) { 1 << 20 } else { 4 << 20 };

/// The most bytes of an earlier layer that are read for its pieces.
const EARLIER_BYTES: u64 = 1 << 28;

/// Which packer made the layers and pieces that are kept: those of another one would give bytes that nobody could make again.
const PACKER: u32 = 1;

/// A cache in a folder, `target/slipway/image/cache` as a rule.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    blobs: Blobs,
}

/// The pieces of a packed layer.
#[derive(Serialize, Deserialize)]
struct Cut {
    blob: Digest,
    pieces: Vec<Piece>,
}

/// Under what a packed layer is kept.
fn key(diff_id: &Digest, level: Level) -> String {
    format!("{}-{}-{PACKER}", diff_id.hex(), level.number())
}

/// What one layer has in common with the one that replaces it.
fn place_of(contents: &Contents, level: Level) -> String {
    let head = format!("{PACKER}-{}", level.number());
    let place = contents.items().fold(head, |place, (path, _)| place + "\n" + path);
    Digest::of(place.as_bytes()).hex().to_owned()
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
        let place = contents.held_bytes().filter(|bytes| *bytes >= WORTH_CUTTING);
        let place = place.map(|_| place_of(contents, level));
        let earlier = place.as_ref().map(|place| self.earlier(place));
        // With an earlier layer to take from, to pack it costs little more than to find out whether it was packed before.
        if earlier.as_ref().is_none_or(Earlier::is_empty)
            && let Some(layer) = self.taken(&contents.diff_id(epoch)?.0, level, blobs)
        {
            return Ok(layer);
        }
        let (layer, pieces) = contents.pack_after(epoch, level, blobs, earlier)?;
        let descriptor = &layer.descriptor;
        // The one that is there may be damaged; this one's digest was made of the bytes as they were written, a moment ago.
        let _ = fs::remove_file(self.blobs.path(&descriptor.digest));
        if self.blobs.take(blobs, &descriptor.digest, descriptor.size).is_ok() {
            self.keep("layers", &key(&layer.diff_id, level), &layer);
            if let Some(place) = place.filter(|_| !pieces.is_empty()) {
                self.keep("pieces", &place, &Cut { blob: descriptor.digest.clone(), pieces });
            }
        }
        Ok(layer)
    }

    /// A layer that was packed before, with its blob; none when it was not, or is damaged.
    fn taken(&self, diff_id: &Digest, level: Level, blobs: &Blobs) -> Option<Layer> {
        let layer = self.recall::<Layer>("layers", &key(diff_id, level))?;
        let Descriptor { digest, size, .. } = &layer.descriptor;
        if layer.diff_id == *diff_id && blobs.take_checked(&self.blobs, digest, *size).is_ok() {
            touch(&self.blobs.path(digest));
            return Some(layer);
        }
        // One that is there under its size would be taken for whole, and never written anew.
        let _ = fs::remove_file(self.blobs.path(digest));
        None
    }

    /// The layer that was packed last for this place; an empty one when there is none.
    fn earlier(&self, place: &str) -> Earlier {
        let read = || {
            let Cut { blob, pieces } = self.recall("pieces", place)?;
            self.blobs.size(&blob).filter(|size| *size <= EARLIER_BYTES)?;
            Some(Earlier::new(fs::read(self.blobs.path(&blob)).ok()?, pieces))
        };
        read().unwrap_or_default()
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
            ["blobs/sha256", "layers", "pieces", "scans"].iter().flat_map(|kind| self.kept(kind)).collect();
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
    use super::super::Item;
    use super::*;

    fn contents(text: &str) -> Contents {
        let mut contents = Contents::default();
        contents.add("app", Item::new(text.repeat(1000).into_bytes().into())).unwrap();
        contents
    }

    fn numbers() -> String {
        (0..300_000).map(|number| format!("{number:x} ")).collect::<Vec<_>>().concat()
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
    fn a_large_layer_is_packed_after_the_one_that_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(&folder.path().join("cache"));
        let blobs = Blobs::below(&folder.path().join("layout"));
        let pack = |line: &str| {
            let mut contents = Contents::default();
            contents.add("app", Item::new((line.to_owned() + &numbers()).into_bytes().into())).unwrap();
            let layer = cache.pack(&contents, 0, Level::new(1), &blobs).unwrap();
            let after = cache.earlier(&place_of(&contents, Level::new(1)));
            (layer, contents, after)
        };
        let (_, _, before) = pack("one");
        let (layer, contents, after) = pack("one line more");
        assert!(after.shared(&before) > 3, "pieces are kept, and most of them are the same");
        let alone = contents.pack(0, Level::new(1), &Blobs::below(&folder.path().join("alone"))).unwrap();
        assert_eq!(layer, alone, "without any cache");
        fs::remove_dir_all(cache.folder.join("pieces")).unwrap();
        assert_eq!(cache.earlier(&place_of(&contents, Level::new(1))).shared(&before), 0);
    }

    #[test]
    fn a_large_layer_that_did_not_change_is_the_same_and_mends_the_cache() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(&folder.path().join("cache"));
        let mut contents = Contents::default();
        contents.add("app", Item::new(numbers().into_bytes().into())).unwrap();
        let pack = |name: &str| {
            let blobs = Blobs::below(&folder.path().join(name));
            cache.pack(&contents, 0, Level::new(1), &blobs).unwrap()
        };
        let first = pack("one");
        let kept = cache.blobs.path(&first.descriptor.digest);
        let whole = fs::read(&kept).unwrap();
        assert_eq!(first, pack("two"));
        // Written anew, so that no other name of the same bytes is damaged along.
        fs::remove_file(&kept).unwrap();
        fs::write(&kept, vec![0; whole.len()]).unwrap();
        assert_eq!(first, pack("three"));
        assert!(fs::read(&kept).unwrap() == whole);
    }

    #[test]
    fn kept_pieces_belong_to_the_packer_of_today() {
        let mut contents = Contents::default();
        contents.add("app", Item::new(numbers().into_bytes().into())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let layer = contents.pack(0, Level::new(2), &Blobs::below(folder.path())).unwrap();
        let of_packer_1 = "b48bf600c7a1b2643e951083e16818ed92ca6c6defcf6d300942cefc362ac0e8";
        assert_eq!(
            layer.descriptor.digest.hex(),
            of_packer_1,
            "the packer changed: give PACKER a new number"
        );
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
