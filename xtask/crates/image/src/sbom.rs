//! What is in an image, as a software bill of materials: CycloneDX and SPDX from one description.
//!
//! | module | is for |
//! |---|---|
//! | [`cargo`] | the crates that a program links, by what cargo tells |
//! | [`auditable`] | the same, as a program itself tells when it was built by `cargo auditable` |
//! | [`debian`], [`alpine`] | what the package databases of an image list |
//! | [`files`] | single files of an image, with the packages that they come from |
//!
//! All input is text and bytes from outside: whatever is wrong with it is an error or is left out, never a panic. The same
//! input gives the same bytes: times and versions come from the caller.

pub mod alpine;
pub mod auditable;
pub mod cargo;
mod component;
mod cyclonedx;
pub mod debian;
pub mod files;
mod licence;
mod places;
mod purl;
mod spdx;
mod system;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

pub use component::{Component, Kind};
pub use licence::Licence;
pub use purl::Purl;
pub use system::System;

use crate::digest::Digest;

/// Files of an image or of a machine, by absolute paths with `/`; links are followed where there are any.
pub trait Files {
    /// The content of a file; none where there is no file or where it cannot be read.
    fn read(&self, path: &str) -> Option<Vec<u8>>;

    /// The names in a folder, sorted; none where there is no folder.
    fn names(&self, folder: &str) -> Vec<String>;
}

/// A bill of materials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bom {
    /// What the bill is of.
    pub subject: Subject,
    /// The system whose packages are in it; none for a program on nothing.
    pub system: Option<System>,
    /// What is in it, each once; see [`Bom::add`].
    components: BTreeMap<String, Component>,
    /// Who wrote the bill, and when.
    pub made: Made,
}

/// What a bill is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// Its name: `ghcr.io/owner/name`, or the name of the program.
    pub name: String,
    /// Its version; none when it has none.
    pub version: Option<String>,
    /// The digest of the image's manifest; none for a program alone, or before it is known.
    pub digest: Option<Digest>,
}

/// Who wrote a bill, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The time that the bill carries. With the time of the commit the same source gives the same bytes.
    pub at: DateTime<Utc>,
    /// The program that wrote it.
    pub tool: String,
    /// Its version.
    pub tool_version: String,
}

impl Bom {
    /// A bill without components.
    #[must_use]
    pub fn new(subject: Subject, made: Made) -> Self {
        Self { subject, system: None, components: BTreeMap::new(), made }
    }

    /// Adds a component. What is known of the same one already stays, and what is new is added to it.
    pub fn add(&mut self, component: Component) {
        match self.components.get_mut(&component.id()) {
            Some(known) => known.absorb(component),
            None => {
                self.components.insert(component.id(), component);
            }
        }
    }

    /// The components, sorted by their ids.
    #[must_use]
    pub fn components(&self) -> impl ExactSizeIterator<Item = &Component> {
        self.components.values()
    }

    /// How many components of a kind there are.
    #[must_use]
    pub fn count(&self, kind: Kind) -> usize {
        self.components.values().filter(|component| component.kind == kind).count()
    }

    /// The bill as CycloneDX 1.6 in JSON, with a line feed at the end.
    #[must_use]
    pub fn cyclonedx(&self) -> String {
        pretty(&cyclonedx::document(self))
    }

    /// The bill as SPDX 2.3 in JSON, with a line feed at the end.
    #[must_use]
    pub fn spdx(&self) -> String {
        pretty(&spdx::document(self))
    }

    /// The purl of the subject: that of an image with a digest, as registries name it. None for all others.
    fn purl(&self) -> Option<Purl> {
        let digest = self.subject.digest.as_ref()?;
        let (repository, name) = match self.subject.name.rsplit_once('/') {
            Some((_, name)) => (Some(self.subject.name.as_str()), name),
            None => (None, self.subject.name.as_str()),
        };
        let purl = Purl::new("oci", name).version(digest.as_str());
        Some(match repository {
            Some(repository) => purl.qualifier("repository_url", repository),
            None => purl,
        })
    }

    /// What the subject consists of directly: everything that no other component brings.
    fn direct(&self) -> impl Iterator<Item = &str> {
        let brought: std::collections::BTreeSet<&String> =
            self.components.values().flat_map(|component| &component.dependencies).collect();
        self.components.keys().filter(move |id| !brought.contains(id)).map(String::as_str)
    }

    /// What a component brings, as far as it is in the bill.
    fn brought<'a>(&'a self, component: &'a Component) -> impl Iterator<Item = &'a str> {
        component.dependencies.iter().filter(|id| self.components.contains_key(*id)).map(String::as_str)
    }
}

/// A UUID of a document: the same for the same one, another one for any other. Source: RFC 9562, version 8.
fn uuid(document: &Value) -> String {
    let hex = Digest::of(document.to_string().as_bytes()).hex().to_owned();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

impl Extend<Component> for Bom {
    fn extend<I: IntoIterator<Item = Component>>(&mut self, components: I) {
        for component in components {
            self.add(component);
        }
    }
}

impl Made {
    /// The time as both formats write it.
    fn timestamp(&self) -> String {
        self.at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
    }
}

fn pretty(document: &Value) -> String {
    format!("{document:#}\n")
}

#[cfg(test)]
mod tests;
