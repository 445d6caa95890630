//! Bases that were fetched, kept from one build to the next. Several builds may use them at once, so only one that is alone
//! removes what no base needs any more: a tag such as `debian:13` names other bytes every few weeks.

use std::fs::File;
use std::path::Path;

use slipway_image::layout::Layout;

use super::trouble::Trouble;

/// The bases, in use.
pub(super) struct Bases {
    layout: Layout,
    /// Shared by those who use the bases. Where the file system knows no locks, nothing is removed.
    lock: Option<File>,
}

impl Bases {
    /// The bases of this folder, which is made where there is none. Waits while somebody removes some.
    pub(super) fn open(folder: &Path) -> Result<Self, Trouble> {
        let layout = Layout::create(folder).map_err(|error| Trouble::environment(error.to_string()))?;
        let lock = File::create(folder.join("lock")).ok();
        Ok(Self { layout, lock: lock.filter(|lock| lock.lock_shared().is_ok()) })
    }

    /// The layout that they lie in.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Removes what no base needs any more, unless somebody else uses the bases. Gives a sentence when that fails.
    pub(super) fn prune(self) -> Option<String> {
        let lock = self.lock?;
        // Not all systems turn a shared lock into one of a single user.
        if lock.unlock().is_err() || lock.try_lock().is_err() {
            return None;
        }
        let folder = self.layout.root().display();
        let told = |error| format!("old base images stay, {error}; the folder {folder} may be removed");
        self.layout.prune().err().map(told)
    }
}

#[cfg(test)]
mod tests {
    use slipway_image::oci::{Descriptor, media};

    use super::*;

    fn descriptor(bases: &Bases, bytes: &[u8]) -> Descriptor {
        Descriptor {
            media_type: media::MANIFEST.to_owned(),
            digest: bases.layout().blobs().put(bytes).unwrap(),
            size: bytes.len() as u64,
            annotations: [].into(),
            platform: None,
        }
    }

    #[test]
    fn what_no_base_needs_goes_once_nobody_uses_the_bases() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (Bases::open(folder.path()).unwrap(), Bases::open(folder.path()).unwrap());
        let stale = other.layout().blobs().put(b"a layer that was fetched and is not listed yet").unwrap();
        assert_eq!(one.prune(), None);
        assert!(other.layout().blobs().size(&stale).is_some(), "somebody else may need it");
        assert_eq!(other.prune(), None);
        let last = Bases::open(folder.path()).unwrap();
        assert_eq!(last.layout().blobs().size(&stale), None);
    }

    #[test]
    fn nothing_is_said_before_a_base_was_fetched() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Bases::open(folder.path()).unwrap().prune(), None);
    }

    #[test]
    fn a_base_that_cannot_be_read_is_told_and_nothing_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let bases = Bases::open(folder.path()).unwrap();
        let broken = descriptor(&bases, b"no manifest");
        bases.layout().name("debian:13", broken.clone()).unwrap();
        let told = bases.prune().unwrap();
        assert!(told.starts_with("old base images stay, ") && told.ends_with(" may be removed"), "{told}");
        let bases = Bases::open(folder.path()).unwrap();
        assert!(bases.layout().blobs().size(&broken.digest).is_some());
    }
}
