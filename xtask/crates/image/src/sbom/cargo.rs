//! The crates that a program links, by what cargo tells: `cargo tree` knows which ones for a package, its features and a
//! target; `cargo metadata` knows their licences; `Cargo.lock` knows their checksums.
//!
//! Build scripts, procedural macros and what only those need are not in the program, and so not in its bill.

mod details;
mod tree;

use std::fmt;

use super::component::{Component, Kind};
use super::purl::Purl;
use details::Details;
use tree::Node;

/// How `cargo tree` has to be asked, behind `--package`, `--target` and the flags of features.
pub const TREE_FLAGS: [&str; 6] = [
    "--edges=normal,no-proc-macro",
    "--prefix=depth",
    "--format= {p}",
    "--charset=ascii",
    "--color=never",
    "--quiet",
];

/// What cargo tells.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What `cargo tree` prints with [`TREE_FLAGS`].
    pub tree: &'a str,
    /// What `cargo metadata --format-version 1` prints.
    pub metadata: &'a str,
    /// `Cargo.lock`; none when there is none.
    pub lock: Option<&'a str>,
}

/// What cargo told cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CargoError {
    /// A line of `cargo tree` that names no package; with its number, from 1.
    Tree(usize, String),
    /// `cargo tree` named no package at all.
    NoTree,
    /// What `cargo metadata` prints; with the reason.
    Metadata(String),
    /// `Cargo.lock`; with the reason.
    Lock(String),
}

impl fmt::Display for CargoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tree(line, text) => write!(f, "line {line} of `cargo tree` names no package: {text:?}"),
            Self::NoTree => f.write_str("`cargo tree` named no package"),
            Self::Metadata(reason) => write!(f, "`cargo metadata` cannot be read: {reason}"),
            Self::Lock(reason) => write!(f, "Cargo.lock cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for CargoError {}

/// The crates of a program with what each needs, the program's own among them.
///
/// # Errors
/// When what cargo told cannot be read. A crate of which only the tree knows is no error: then that is all there is to say.
pub fn components(told: Told<'_>) -> Result<Vec<Component>, CargoError> {
    let nodes = tree::read(told.tree)?;
    let details = Details::read(told.metadata, told.lock)?;
    let mut components: Vec<Component> = nodes.iter().map(|node| component(node, &details)).collect();
    let ids: Vec<String> = components.iter().map(Component::id).collect();
    for (component, node) in components.iter_mut().zip(&nodes) {
        component.dependencies = node.needs.iter().filter_map(|need| ids.get(*need).cloned()).collect();
    }
    Ok(components)
}

/// A crate that nobody published has no purl: scanners would take it for a stranger's crate of the same name.
fn component(node: &Node, details: &Details) -> Component {
    let known = details.of(node);
    let purl = Purl::new("cargo", &node.name).version(&node.version);
    let purl = match known.source.as_deref().map(Source::read) {
        Some(Source::CratesIo) => Some(purl),
        Some(Source::Registry(index)) => Some(purl.qualifier("repository_url", index)),
        Some(Source::Git(url)) => Some(purl.qualifier("vcs_url", url)),
        None if node.place.is_none() => Some(purl),
        None => None,
    };
    Component {
        purl,
        licence: known.licence,
        checksum: known.checksum,
        source: known.repository,
        ..Component::new(Kind::Cargo, &node.name, &node.version)
    }
}

/// Where a crate comes from, as cargo's package ids say it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    CratesIo,
    Registry(String),
    Git(String),
}

impl Source {
    fn read(text: &str) -> Self {
        const CRATES_IO: [&str; 2] =
            ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];
        match text.split_once('+') {
            _ if CRATES_IO.contains(&text) => Self::CratesIo,
            // The query names a branch or tag, which moves; the commit behind `#` does not.
            Some(("git", url)) => {
                let (url, commit) = url.split_once('#').unwrap_or((url, ""));
                let url = url.split('?').next().unwrap_or(url);
                let at = if commit.is_empty() { "" } else { "@" };
                Self::Git(format!("git+{url}{at}{commit}"))
            }
            Some((_, url)) => Self::Registry(url.to_owned()),
            None => Self::Registry(text.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests;
