//! The crates of a program as the program tells itself: the section `.dep-v0` that `cargo auditable` puts into it, JSON packed
//! with zlib. Source: <https://github.com/rust-secure-code/cargo-auditable/blob/master/PARSING.md>.

use std::fmt;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use object::{Object as _, ObjectSection as _};
use serde::Deserialize;

use super::component::{Component, Kind};
use super::purl::Purl;

/// More is no list of crates: rustc's own, with all it brings, is a twentieth of this.
const LARGEST: u64 = 8 << 20;

/// The section of a program cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditableError {
    /// It is no ELF file.
    NoProgram,
    /// The section is broken; with the reason.
    Section(String),
}

impl fmt::Display for AuditableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProgram => f.write_str("it is no ELF file"),
            Self::Section(reason) => write!(f, "its list of crates (.dep-v0) cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for AuditableError {}

#[derive(Deserialize)]
struct Listed {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: String,
    #[serde(default)]
    kind: DependencyKind,
    #[serde(default)]
    dependencies: Vec<usize>,
}

#[derive(Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum DependencyKind {
    #[default]
    Runtime,
    #[serde(other)]
    Other,
}

/// The crates that a program says it links; none when it says nothing, as it was built without `cargo auditable`.
///
/// # Errors
/// When the bytes are no ELF file, or the section is broken.
pub fn components(program: &[u8]) -> Result<Option<Vec<Component>>, AuditableError> {
    let file = object::File::parse(program).map_err(|_| AuditableError::NoProgram)?;
    let Some(section) = file.section_by_name(".dep-v0") else { return Ok(None) };
    let broken = |error: &dyn fmt::Display| AuditableError::Section(error.to_string());
    let packed = section.data().map_err(|error| broken(&error))?;
    read(packed).map(Some)
}

fn read(packed: &[u8]) -> Result<Vec<Component>, AuditableError> {
    let broken = |error: &dyn fmt::Display| AuditableError::Section(error.to_string());
    let mut text = Vec::new();
    ZlibDecoder::new(packed).take(LARGEST + 1).read_to_end(&mut text).map_err(|error| broken(&error))?;
    if text.len() as u64 > LARGEST {
        return Err(broken(&"it is larger than 8 MiB"));
    }
    let listed: Listed = serde_json::from_slice(&text).map_err(|error| broken(&error))?;
    let all: Vec<Component> = listed.packages.iter().map(component).collect();
    let ids: Vec<String> = all.iter().map(Component::id).collect();
    let mut linked = Vec::new();
    for (mut component, package) in all.into_iter().zip(&listed.packages) {
        if package.kind == DependencyKind::Runtime {
            let needs = package.dependencies.iter().filter_map(|place| ids.get(*place).cloned());
            component.dependencies = needs.collect();
            linked.push(component);
        }
    }
    Ok(linked)
}

/// Only what is said to be from crates.io may be known there: see [`super::cargo`].
fn component(package: &Package) -> Component {
    let purl = Purl::new("cargo", &package.name).version(&package.version);
    Component {
        purl: (package.source == "crates.io").then_some(purl),
        ..Component::new(Kind::Cargo, &package.name, &package.version)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    /// The least ELF file with section headers: none, `.dep-v0` or `.nothing`, and their names. Source: elf(5).
    fn program(section: Option<&[u8]>) -> Vec<u8> {
        const HEADER: u64 = 64;
        const NAMES: &[u8] = b"\0.dep-v0\0.nothing\0";
        let content = section.unwrap_or_default();
        let names_at = HEADER + content.len() as u64;
        let headers_at = names_at + NAMES.len() as u64;
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(16, 0);
        file.extend([2_u16, 62].iter().flat_map(|half| half.to_le_bytes()));
        file.extend(1_u32.to_le_bytes());
        file.extend([0, 0, headers_at].iter().flat_map(|word| word.to_le_bytes()));
        file.extend(0_u32.to_le_bytes());
        file.extend([64_u16, 56, 0, 64, 3, 2].iter().flat_map(|half| half.to_le_bytes()));
        file.extend(content);
        file.extend(NAMES);
        let name = if section.is_some() { 1 } else { 9 };
        let sections =
            [(0, 0, 0, 0), (name, 1, HEADER, content.len() as u64), (0, 3, names_at, NAMES.len() as u64)];
        for (name, kind, at, size) in sections {
            file.extend([name, kind].iter().flat_map(|half: &u32| half.to_le_bytes()));
            file.extend([0, 0, at, size, 0, 1, 0].iter().flat_map(|word: &u64| word.to_le_bytes()));
        }
        file
    }

    const LIST: &str = r#"{"packages":[
        {"name":"app","version":"0.1.0","source":"local","dependencies":[1,2],"root":true},
        {"name":"itoa","version":"1.0.18","source":"crates.io"},
        {"name":"cc","version":"1.0.0","source":"crates.io","kind":"build","dependencies":[7]}]}"#;

    #[test]
    fn a_program_tells_what_it_links() {
        let components = components(&program(Some(&packed(LIST.as_bytes())))).unwrap().unwrap();
        let ids: Vec<String> = components.iter().map(Component::id).collect();
        assert_eq!(ids, ["crate:app@0.1.0", "pkg:cargo/itoa@1.0.18"]);
        assert!(components[0].dependencies.contains("pkg:cargo/itoa@1.0.18"));
    }

    #[test]
    fn a_program_without_the_section_tells_nothing() {
        assert_eq!(components(&program(None)), Ok(None));
        assert_eq!(components(b"#!/bin/sh"), Err(AuditableError::NoProgram));
    }

    #[test]
    fn a_broken_section_is_named() {
        let whole = packed(LIST.as_bytes());
        for broken in [&whole[..whole.len() / 2], b"no zlib", &packed(b"{}"), &packed(b"")] {
            let error = components(&program(Some(broken))).unwrap_err().to_string();
            assert!(error.starts_with("its list of crates"), "{error}");
        }
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let zeros = vec![b' '; usize::try_from(LARGEST).unwrap() + 2];
        assert!(read(&packed(&zeros)).unwrap_err().to_string().contains("8 MiB"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in any::<Vec<u8>>(), text in any::<String>()) {
            let _ = components(&bytes);
            let _ = read(&bytes);
            let _ = read(&packed(text.as_bytes()));
        }
    }
}
