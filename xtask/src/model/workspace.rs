//! The Cargo workspace that is worked on, as facts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A Cargo workspace, or a single package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The folder of the root manifest, absolute.
    pub root: PathBuf,
    /// Where cargo builds, absolute.
    pub target_directory: PathBuf,
    /// The members; packages outside the workspace are not listed.
    pub packages: Vec<Package>,
    /// The files of the repository below the root, relative, with `/`, sorted: those that git tracks or would
    /// track, otherwise all but `target`.
    pub files: Vec<String>,
}

/// A member of the workspace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The id that cargo's messages carry.
    pub id: String,
    /// The folder of its manifest, absolute.
    pub folder: PathBuf,
    /// The crate name of its library, such as `my_lib`.
    pub library: Option<String>,
    /// Its test targets that cargo leaves out unless features are on.
    pub gated: Vec<Gated>,
    /// Its features, each with what it turns on: other features, `dep:NAME`, `PACKAGE/FEATURE`.
    pub features: BTreeMap<String, Vec<String>>,
    /// Some target with tests has a `main` of its own (`harness = false`).
    pub has_custom_harness: bool,
    /// Its test targets that have a `main` of their own (`harness = false`), by name.
    pub own_mains: Vec<String>,
    /// It has a library whose documentation may hold examples to run.
    pub has_doctests: bool,
    /// It has a target that rustdoc documents.
    pub has_docs: bool,
    /// Its programs, by name.
    pub programs: Vec<String>,
    /// What it depends on, by name, for building and testing included; members and others alike.
    pub depends_on: BTreeSet<String>,
    /// What its manifest says about it.
    pub about: About,
}

/// What the manifest of a package says about it; empty where it says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its version.
    pub version: String,
    /// What it is, in a sentence.
    pub description: String,
    /// Its licence, as an SPDX expression.
    pub license: String,
    /// Its page.
    pub homepage: String,
    /// Where its source is.
    pub repository: String,
    /// The oldest compiler that it wants to be built by, such as `1.94`.
    pub rust_version: String,
}

/// A test target behind features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gated {
    /// Its name.
    pub target: String,
    /// All of these must be on.
    pub features: Vec<String>,
}

impl Package {
    /// The features that are on when these are asked for, with or without `default`. Source: the Cargo book, "Features".
    #[must_use]
    pub fn features_enabled(&self, wanted: &[String], with_default: bool) -> BTreeSet<String> {
        let own = format!("{}/", self.name);
        let wanted = wanted.iter().map(|feature| feature.strip_prefix(&own).unwrap_or(feature).to_owned());
        let mut open: Vec<String> = wanted.chain(with_default.then(|| "default".to_owned())).collect();
        let mut enabled = BTreeSet::new();
        while let Some(feature) = open.pop() {
            if let Some(more) = self.features.get(&feature)
                && enabled.insert(feature)
            {
                open.extend(more.iter().cloned());
            }
        }
        enabled
    }
}

impl Workspace {
    /// A path as reports show it: relative to the root with `/`, or absolute when it is outside.
    #[must_use]
    pub fn relative(&self, path: &Path) -> String {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        path.to_string_lossy().replace('\\', "/")
    }

    /// Whether this very file is there.
    #[must_use]
    pub fn has_file(&self, path: &str) -> bool {
        self.files.binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }
}
