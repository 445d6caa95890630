//! The packages of Debian and of systems made of it. Sources: dpkg(1), deb-control(5); for images without a package manager
//! ("distroless"), one file a package in `/var/lib/dpkg/status.d`.

use std::collections::{BTreeMap, BTreeSet};

use super::Files;
use super::component::{Component, Kind};
use super::purl::Purl;
use super::system::System;

/// The installed packages with what each needs. Empty where dpkg is not in use.
#[must_use]
pub fn components(files: &dyn Files, system: &System) -> Vec<Component> {
    let stanzas = stanzas(files);
    let ids: BTreeMap<&str, String> = stanzas
        .iter()
        .filter_map(|stanza| Some((stanza.get("Package")?.as_str(), component(stanza, system)?.id())))
        .collect();
    let with_needs = |stanza: &Stanza| {
        let mut component = component(stanza, system)?;
        component.dependencies = needs(stanza).filter_map(|name| ids.get(name).cloned()).collect();
        Some(component)
    };
    stanzas.iter().filter_map(with_needs).collect()
}

/// The fields of a package.
type Stanza = BTreeMap<String, String>;

fn stanzas(files: &dyn Files) -> Vec<Stanza> {
    let mut texts: Vec<Vec<u8>> = files.read("/var/lib/dpkg/status").into_iter().collect();
    let one_each = files.names("/var/lib/dpkg/status.d").into_iter();
    let one_each = one_each.filter(|name| !name.ends_with(".md5sums"));
    texts.extend(one_each.filter_map(|name| files.read(&format!("/var/lib/dpkg/status.d/{name}"))));
    let mut stanzas = Vec::new();
    for text in texts {
        stanzas.extend(split(&String::from_utf8_lossy(&text)));
    }
    // Removed packages stay listed while their settings do. Without a package manager there is no status.
    let is_installed =
        |stanza: &Stanza| stanza.get("Status").is_none_or(|status| status.ends_with(" installed"));
    stanzas.retain(is_installed);
    stanzas
}

fn split(text: &str) -> Vec<Stanza> {
    let mut stanzas = vec![Stanza::new()];
    for line in text.lines() {
        if line.trim().is_empty() {
            stanzas.push(Stanza::new());
            continue;
        }
        let field = line.split_once(':').filter(|_| !line.starts_with([' ', '\t']));
        if let (Some((key, value)), Some(stanza)) = (field, stanzas.last_mut()) {
            stanza.insert(key.to_owned(), value.trim().to_owned());
        }
    }
    stanzas.retain(|stanza| stanza.contains_key("Package"));
    stanzas
}

fn component(stanza: &Stanza, system: &System) -> Option<Component> {
    let (name, version) = (stanza.get("Package")?, stanza.get("Version").filter(|text| !text.is_empty())?);
    let purl =
        Purl::new("deb", name).namespace(&system.id).version(version).qualifier("distro", system.distro());
    let purl = match stanza.get("Architecture") {
        Some(architecture) => purl.qualifier("arch", architecture),
        None => purl,
    };
    Some(Component {
        purl: Some(purl),
        built_from: Some(built_from(stanza, name, version)),
        source: stanza.get("Homepage").filter(|url| url.starts_with("http")).cloned(),
        ..Component::new(Kind::Debian, name, version)
    })
}

/// `Source: openssl (3.0.1)`; without it, or without the version in it, those of the package itself.
fn built_from(stanza: &Stanza, name: &str, version: &str) -> (String, String) {
    let source = stanza.get("Source").map_or(name, String::as_str);
    match source.split_once(" (") {
        Some((source, version)) => (source.to_owned(), version.trim_end_matches(')').to_owned()),
        // A rebuild without a change of the source has `+bN` behind the version.
        None => (source.to_owned(), without_rebuild(version).to_owned()),
    }
}

fn without_rebuild(version: &str) -> &str {
    match version.rsplit_once("+b") {
        Some((version, number)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
            version
        }
        _ => version,
    }
}

/// The names in `Depends` and `Pre-Depends`; of alternatives all, as those that are not installed fall out.
fn needs(stanza: &Stanza) -> impl Iterator<Item = &str> {
    let fields = ["Pre-Depends", "Depends"].into_iter().filter_map(|key| stanza.get(key));
    fields.flat_map(|field| field.split([',', '|'])).map(|need| {
        let name = need.trim().split([' ', '(', ':', '[']).next();
        name.unwrap_or_default()
    })
}

/// Which package each file belongs to, by the lists that dpkg keeps of the machine or image.
#[derive(Debug, Default)]
pub struct Owners {
    packages: BTreeMap<String, Component>,
    lists: Vec<(String, BTreeSet<String>)>,
}

impl Owners {
    /// Reads all lists. Without dpkg nothing is owned.
    #[must_use]
    pub fn read(files: &dyn Files) -> Self {
        const LISTS: &str = "/var/lib/dpkg/info";
        let Some(system) = System::read(files) else { return Self::default() };
        let packages = components(files, &system).into_iter();
        let packages = packages.map(|component| (component.name.clone(), component)).collect();
        let list = |name: String| {
            let package = name.strip_suffix(".list")?;
            let text = files.read(&format!("{LISTS}/{name}"))?;
            let package = package.split_once(':').map_or(package, |(package, _)| package).to_owned();
            let paths = String::from_utf8_lossy(&text).lines().map(plain).collect();
            Some((package, paths))
        };
        Self { packages, lists: files.names(LISTS).into_iter().filter_map(list).collect() }
    }

    /// The package that a file at this absolute path belongs to; none when it belongs to none.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<&Component> {
        let path = plain(path);
        let (name, _) = self.lists.iter().find(|(_, paths)| paths.contains(&path))?;
        self.packages.get(name)
    }
}

/// `/lib` and `/usr/lib` are one folder on every system in use, and lists name either.
fn plain(path: &str) -> String {
    path.trim_end()
        .strip_prefix("/usr")
        .filter(|rest| rest.starts_with('/'))
        .unwrap_or(path.trim_end())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sbom::tests::Tree;

    const STATUS: &str = "Package: libssl3
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: openssl
Version: 3.0.15-1~deb12u1
Depends: libc6 (>= 2.34), debconf (>= 0.5) | debconf-2.0
Description: Secure Sockets
 Version: 9 is no field here.
Homepage: https://www.openssl.org/

Package: bash
Status: install ok installed
Architecture: amd64
Source: bash (5.2.15-2)
Version: 5.2.15-2+b7
Pre-Depends: libc6 (>= 2.36)

Package: gone
Status: deinstall ok config-files
Version: 1

Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+b1

Package: broken
Status: install ok installed
";

    fn debian(files: &[(&str, &str)]) -> Tree {
        let mut tree = Tree::of(&[("/etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")]);
        tree.extend(files);
        tree
    }

    fn found(tree: &Tree) -> Vec<Component> {
        components(tree, &System::read(tree).unwrap())
    }

    #[test]
    fn what_is_installed_is_listed_with_what_it_was_built_from() {
        let components = found(&debian(&[("/var/lib/dpkg/status", STATUS)]));
        let ids: Vec<String> = components.iter().map(Component::id).collect();
        assert_eq!(
            ids,
            [
                "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12",
                "pkg:deb/debian/bash@5.2.15-2%2Bb7?arch=amd64&distro=debian-12",
                "pkg:deb/debian/libc6@2.36-9%2Bb1?arch=amd64&distro=debian-12",
            ]
        );
        let built_from: Vec<_> =
            components.iter().map(|component| component.built_from.clone().unwrap()).collect();
        let expected = [("openssl", "3.0.15-1~deb12u1"), ("bash", "5.2.15-2"), ("libc6", "2.36-9")];
        assert_eq!(built_from, expected.map(|(name, version)| (name.to_owned(), version.to_owned())));
        assert_eq!(components[0].dependencies, BTreeSet::from([ids[2].clone()]));
        assert_eq!(components[0].source.as_deref(), Some("https://www.openssl.org/"));
    }

    #[test]
    fn images_without_a_package_manager_have_one_file_a_package() {
        let tree = debian(&[
            ("/var/lib/dpkg/status.d/libc6", "Package: libc6\nVersion: 2.36\n"),
            ("/var/lib/dpkg/status.d/libc6.md5sums", "Package: no\nVersion: 1\n"),
        ]);
        assert_eq!(found(&tree).len(), 1);
    }

    #[test]
    fn a_file_is_known_by_its_package() {
        let tree = debian(&[
            ("/var/lib/dpkg/status", STATUS),
            ("/var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/x86_64-linux-gnu/libc.so.6\n"),
            ("/var/lib/dpkg/info/gone.list", "/etc/gone\n"),
        ]);
        let owners = Owners::read(&tree);
        let name = |path| owners.of(path).map(|component| component.name.as_str());
        assert_eq!(name("/usr/lib/x86_64-linux-gnu/libc.so.6"), Some("libc6"));
        assert_eq!(name("/lib/x86_64-linux-gnu/libc.so.6"), Some("libc6"));
        assert_eq!(name("/etc/gone"), None);
        assert_eq!(name("/opt/app"), None);
        assert!(Owners::read(&Tree::default()).of("/lib/x86_64-linux-gnu/libc.so.6").is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>(), fields in "(Package|Version|Source|Depends|Status| x)?: ?[a-z (|,:+\n]{0,40}\n{0,2}") {
            for text in [text, fields] {
                let tree = debian(&[("/var/lib/dpkg/status", &text), ("/var/lib/dpkg/info/a.list", &text)]);
                let _ = found(&tree);
                let _ = Owners::read(&tree).of(&text);
            }
        }
    }
}
