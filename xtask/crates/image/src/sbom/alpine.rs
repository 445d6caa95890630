//! The packages of Alpine. Source: the Alpine wiki, "Apk spec", "Installed DB".

use std::collections::BTreeMap;

use super::Files;
use super::component::{Component, Kind};
use super::licence::Licence;
use super::purl::Purl;
use super::system::System;

/// Where apk lists what is installed; the second since its version 3.
const PLACES: [&str; 2] = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

/// A package: the values of each field.
type Stanza = BTreeMap<char, String>;

/// The installed packages with what each needs. Empty where apk is not in use.
#[must_use]
pub fn components(files: &dyn Files, system: &System) -> Vec<Component> {
    let Some(text) = PLACES.iter().find_map(|place| files.read(place)) else { return Vec::new() };
    let stanzas = split(&String::from_utf8_lossy(&text));
    // Libraries and programs are needed by what a package provides: `so:libc.musl-x86_64.so.1`, `cmd:sh`.
    let mut provided: BTreeMap<&str, String> = BTreeMap::new();
    for stanza in &stanzas {
        let Some(id) = component(stanza, system).map(|component| component.id()) else { continue };
        for name in [stanza.get(&'P'), stanza.get(&'p')].into_iter().flatten().flat_map(|names| words(names))
        {
            provided.entry(name).or_insert_with(|| id.clone());
        }
    }
    let with_needs = |stanza: &Stanza| {
        let mut component = component(stanza, system)?;
        let needs = stanza.get(&'D').map(String::as_str).unwrap_or_default();
        component.dependencies = words(needs).filter_map(|name| provided.get(name).cloned()).collect();
        Some(component)
    };
    stanzas.iter().filter_map(with_needs).collect()
}

fn split(text: &str) -> Vec<Stanza> {
    let mut stanzas = vec![Stanza::new()];
    for line in text.lines() {
        let mut letters = line.chars();
        match (letters.next(), letters.next(), stanzas.last_mut()) {
            (None, _, _) => stanzas.push(Stanza::new()),
            // Files follow the package under the same letters.
            (Some(key), Some(':'), Some(stanza)) => {
                stanza.entry(key).or_insert_with(|| letters.as_str().trim().to_owned());
            }
            _ => {}
        }
    }
    stanzas
}

/// Names without the versions that are asked for: `so:libssl.so.3=3` is `so:libssl.so.3`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|word| word.split(['=', '<', '>', '~']).next().unwrap_or_default())
}

fn component(stanza: &Stanza, system: &System) -> Option<Component> {
    let (name, version) = (stanza.get(&'P')?, stanza.get(&'V')?);
    let purl =
        Purl::new("apk", name).namespace(&system.id).version(version).qualifier("distro", system.distro());
    let purl = match stanza.get(&'A') {
        Some(architecture) => purl.qualifier("arch", architecture),
        None => purl,
    };
    let origin = stanza.get(&'o').unwrap_or(name);
    Some(Component {
        purl: Some(purl),
        licence: stanza.get(&'L').and_then(|text| Licence::read(text)),
        source: stanza.get(&'U').filter(|url| url.starts_with("http")).cloned(),
        built_from: Some((origin.clone(), version.clone())),
        ..Component::new(Kind::Alpine, name, version)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sbom::tests::Tree;

    const INSTALLED: &str = "C:Q1abc=
P:musl
V:1.2.4_git20230717-r4
A:x86_64
o:musl
L:MIT
p:so:libc.musl-x86_64.so.1=1
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755

P:libssl3
V:3.1.4-r5
A:x86_64
o:openssl
L:Apache-2.0
U:https://www.openssl.org/
D:so:libc.musl-x86_64.so.1 nothing>=1
";

    fn found(installed: &str) -> Vec<Component> {
        let tree = Tree::of(&[
            ("/etc/os-release", "ID=alpine\nVERSION_ID=3.19.1\n"),
            ("/lib/apk/db/installed", installed),
        ]);
        components(&tree, &System::read(&tree).unwrap())
    }

    #[test]
    fn what_is_installed_is_listed_with_what_it_was_built_from() {
        let components = found(INSTALLED);
        let musl = "pkg:apk/alpine/musl@1.2.4_git20230717-r4?arch=x86_64&distro=alpine-3.19.1";
        assert_eq!(components[0].id(), musl);
        assert_eq!(components[1].built_from, Some(("openssl".to_owned(), "3.1.4-r5".to_owned())));
        assert_eq!(components[1].licence, Some(Licence::Expression("Apache-2.0".to_owned())));
        assert!(components[1].dependencies.contains(musl));
        assert_eq!(components.len(), 2);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>(), lines in "([PVADpo]:[a-z=<> ]{0,9}\n|\n){0,12}") {
            let _ = found(&text);
            let _ = found(&lines);
        }
    }
}
