//! Releases and tags, as a forge has them.

/// A tag in git, as the forge has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitTag {
    /// The commit that it names, whatever stands in between.
    pub commit: String,
    /// It is an object of its own, with a message.
    pub is_annotated: bool,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgeRelease {
    /// Its id.
    pub id: u64,
    /// The tag that it is of.
    pub tag: String,
    /// Its title.
    pub name: String,
    /// Its notes.
    pub body: String,
    /// Nobody sees it who may not write.
    pub is_draft: bool,
    /// It is marked as not ready.
    pub is_prerelease: bool,
    /// Its page.
    pub url: String,
    /// Where its files are sent, as the forge says it.
    pub upload_url: String,
    /// Its files.
    pub assets: Vec<Asset>,
}

impl ForgeRelease {
    /// That of a tag among these: the oldest, should there be several. A published one comes before drafts.
    #[must_use]
    pub fn of(tag: &str, all: Vec<Self>) -> Option<Self> {
        let is_its = |release: &Self| release.tag == tag;
        all.into_iter().filter(is_its).min_by_key(|release| (release.is_draft, release.id))
    }
}

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// In bytes.
    pub size: u64,
    /// All of it has arrived.
    pub is_whole: bool,
    /// Its digest, `sha256:…`; older Enterprise servers tell none.
    pub digest: Option<String>,
}

impl Asset {
    /// Whether it is this very file. Without a digest nobody can say.
    #[must_use]
    pub fn is(&self, size: u64, digest: &str) -> bool {
        self.is_whole && self.size == size && self.digest.as_deref() == Some(digest)
    }
}
