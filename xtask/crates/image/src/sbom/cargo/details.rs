//! What `cargo metadata` and `Cargo.lock` know of crates.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::CargoError;
use super::tree::Node;
use crate::digest::Digest;
use crate::sbom::licence::Licence;

/// What is known of a crate beyond its name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) source: Option<String>,
    pub(super) licence: Option<Licence>,
    pub(super) checksum: Option<Digest>,
    pub(super) repository: Option<String>,
}

/// All that is known, by name and version.
#[derive(Debug)]
pub(super) struct Details(BTreeMap<(String, String), Vec<Known>>);

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
    license: Option<String>,
    repository: Option<String>,
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

impl Details {
    pub(super) fn read(metadata: &str, lock: Option<&str>) -> Result<Self, CargoError> {
        let metadata: Metadata =
            serde_json::from_str(metadata).map_err(|error| CargoError::Metadata(error.to_string()))?;
        let lock: Lock = toml::from_str(lock.unwrap_or_default())
            .map_err(|error| CargoError::Lock(error.message().to_owned()))?;
        let checksums: BTreeMap<_, _> = lock
            .package
            .into_iter()
            .filter_map(|locked| {
                let digest = format!("sha256:{}", locked.checksum?).parse().ok()?;
                Some(((locked.name, locked.version, locked.source), digest))
            })
            .collect();
        let mut details: BTreeMap<_, Vec<Known>> = BTreeMap::new();
        for package in metadata.packages {
            let locked = (package.name.clone(), package.version.clone(), package.source.clone());
            let known = Known {
                checksum: checksums.get(&locked).cloned(),
                source: package.source,
                licence: package.license.as_deref().and_then(Licence::read),
                repository: package.repository.filter(|url| is_web_address(url)),
            };
            details.entry((package.name, package.version)).or_default().push(known);
        }
        Ok(Self(details))
    }

    /// What is known of a node. Of two crates with one name and version, the one from the same place.
    pub(super) fn of(&self, node: &Node) -> Known {
        let all = self.0.get(&(node.name.clone(), node.version.clone()));
        let all = all.map(Vec::as_slice).unwrap_or_default();
        let is_there = |known: &&Known| match (node.place.as_deref(), known.source.as_deref()) {
            (None, source) => source.is_some_and(is_crates_io),
            // The tree names another registry as the settings do, and shortens commits.
            (Some(place), Some(source)) if place.starts_with("registry ") => !is_crates_io(source),
            (Some(place), Some(source)) => source.contains(place.split(['#', '?']).next().unwrap_or(place)),
            (Some(_), None) => true,
        };
        all.iter().find(is_there).cloned().unwrap_or_default()
    }
}

fn is_crates_io(source: &str) -> bool {
    super::Source::read(source) == super::Source::CratesIo
}

/// Manifests hold anything there; formats of bills want an address.
fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}[]".contains(&byte))
    })
}
