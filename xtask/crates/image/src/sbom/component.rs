//! A part of what a bill is of.

use std::collections::BTreeSet;

use super::licence::Licence;
use super::purl::Purl;
use crate::digest::Digest;

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A crate.
    Cargo,
    /// A package of Debian or a system made of it.
    Debian,
    /// A package of Alpine.
    Alpine,
    /// A file that belongs to no package.
    File,
}

/// A part of what a bill is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// What it is.
    pub kind: Kind,
    /// Its name; of a file the path.
    pub name: String,
    /// Its version; empty for a file.
    pub version: String,
    /// By which other tools know it; none for what was published nowhere.
    pub purl: Option<Purl>,
    /// Under which terms it is; none when that is not told.
    pub licence: Option<Licence>,
    /// The SHA-256 of what was downloaded, or of the file.
    pub checksum: Option<Digest>,
    /// Where its source is: a page or repository.
    pub source: Option<String>,
    /// The package that it was built from, with the version: `openssl` for `libssl3`. Advisories name that one.
    pub built_from: Option<(String, String)>,
    /// The files of it that are there, when not all of it is; sorted.
    pub files: BTreeSet<String>,
    /// The ids of what it needs; what is not in the bill is left out of it.
    pub dependencies: BTreeSet<String>,
}

impl Component {
    /// A component of which nothing else is known.
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            version: version.into(),
            purl: None,
            licence: None,
            checksum: None,
            source: None,
            built_from: None,
            files: BTreeSet::new(),
            dependencies: BTreeSet::new(),
        }
    }

    /// By which it is known within the bill: its purl, or else its kind, name and version.
    #[must_use]
    pub fn id(&self) -> String {
        match (&self.purl, self.kind) {
            (Some(purl), _) => purl.to_string(),
            (None, Kind::File) => format!("file:{}", self.name),
            (None, Kind::Cargo) => format!("crate:{}@{}", self.name, self.version),
            (None, Kind::Debian | Kind::Alpine) => format!("package:{}@{}", self.name, self.version),
        }
    }

    /// Takes over what another source tells of the same component.
    pub(super) fn absorb(&mut self, other: Self) {
        self.licence = self.licence.take().or(other.licence);
        self.checksum = self.checksum.take().or(other.checksum);
        self.source = self.source.take().or(other.source);
        self.built_from = self.built_from.take().or(other.built_from);
        self.files.extend(other.files);
        self.dependencies.extend(other.dependencies);
    }
}
