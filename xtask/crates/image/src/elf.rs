//! What a Linux program or library says to the dynamic loader: its needs and its offers. Sources: System V ABI, "Dynamic
//! Linking"; Linux Standard Base, "Symbol Versioning".

mod closure;
#[cfg(test)]
pub(crate) mod fixture;
mod host;
mod parse;
mod search;

use serde::{Deserialize, Serialize};

pub use closure::{Closure, Library, Missing};
pub use host::Host;
pub use parse::ElfError;

/// What a loader reads of an ELF file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elf {
    /// What it runs on.
    pub machine: Machine,
    /// The loader that it asks for: `/lib64/ld-linux-x86-64.so.2`. None for static programs and for libraries.
    pub interpreter: Option<String>,
    /// The name that others know it by, for a library.
    pub soname: Option<String>,
    /// The libraries that it needs, in its order.
    pub needed: Vec<String>,
    /// Folders of `DT_RPATH`, as written.
    pub rpath: Vec<String>,
    /// Folders of `DT_RUNPATH`, as written; with them `rpath` does not count.
    pub runpath: Vec<String>,
    /// Versions that it needs of its libraries; those that are marked weak are left out.
    pub needs: Vec<VersionNeed>,
    /// Versions that it offers: `GLIBC_2.36`.
    pub offers: Vec<String>,
}

/// A version that a file needs of one of its libraries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct VersionNeed {
    /// The library, by the name in `needed`.
    pub library: String,
    /// The version: `GLIBC_2.36`.
    pub version: String,
}

/// A processor with its word size and byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Machine {
    /// `e_machine` of the file.
    pub number: u16,
    /// 64-bit words.
    pub is_64: bool,
    /// The least byte first.
    pub is_little: bool,
}

impl Machine {
    /// The name that images use: `amd64`. Machines that no image is made for are told by their number.
    #[must_use]
    pub fn architecture(self) -> String {
        let known = match (self.number, self.is_64, self.is_little) {
            (object::elf::EM_X86_64, ..) => "amd64",
            (object::elf::EM_386, ..) => "386",
            (object::elf::EM_AARCH64, ..) => "arm64",
            (object::elf::EM_ARM, ..) => "arm",
            (object::elf::EM_RISCV, true, _) => "riscv64",
            (object::elf::EM_PPC64, _, true) => "ppc64le",
            (object::elf::EM_PPC64, _, false) => "ppc64",
            (object::elf::EM_S390, true, _) => "s390x",
            (object::elf::EM_LOONGARCH, true, _) => "loong64",
            (object::elf::EM_MIPS, true, true) => "mips64le",
            (number, ..) => return format!("machine {number}"),
        };
        known.to_owned()
    }

    /// The name of Debian's folder for its libraries: `x86_64-linux-gnu`.
    #[must_use]
    pub fn multiarch(self) -> Option<&'static str> {
        Some(match self.architecture().as_str() {
            "amd64" => "x86_64-linux-gnu",
            "386" => "i386-linux-gnu",
            "arm64" => "aarch64-linux-gnu",
            "arm" => "arm-linux-gnueabihf",
            "riscv64" => "riscv64-linux-gnu",
            "ppc64le" => "powerpc64le-linux-gnu",
            "s390x" => "s390x-linux-gnu",
            "loong64" => "loongarch64-linux-gnu",
            _ => return None,
        })
    }
}

impl Elf {
    /// What these bytes say. None when they are no ELF file.
    ///
    /// # Errors
    /// When they begin as an ELF file and are broken.
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, ElfError> {
        parse::parse(bytes)
    }

    /// Whether its loader is musl's, which keeps the whole C library in one file and knows no symbol versions.
    #[must_use]
    pub fn is_musl(&self) -> bool {
        self.interpreter.as_deref().is_some_and(|path| path.contains("/ld-musl-"))
    }

    /// Whether it runs without any loader or library.
    #[must_use]
    pub fn is_static(&self) -> bool {
        self.interpreter.is_none() && self.needed.is_empty()
    }
}

/// Where programs and libraries are looked for: the machine's own files, or those of an image.
pub trait Files {
    /// What the file at this absolute path says to a loader, links followed. None when there is no file, or one of another kind.
    fn elf(&self, path: &str) -> Option<Elf>;

    /// The text of a file of settings, links followed.
    fn text(&self, path: &str) -> Option<String>;

    /// The names in a folder, sorted; none where there is no folder.
    fn names(&self, folder: &str) -> Vec<String>;

    /// The same file by the path that has no links in it.
    fn real(&self, path: &str) -> Option<String>;
}

#[cfg(test)]
mod tests {
    use object::elf as tags;
    use proptest::prelude::*;

    use super::fixture::Fixture;
    use super::*;

    #[test]
    fn a_file_says_what_it_needs_and_offers() {
        let fixture = Fixture::program("/lib64/ld-linux-x86-64.so.2")
            .needs("libc.so.6", &["GLIBC_2.2.5", "GLIBC_2.36"])
            .needs("libm.so.6", &["GLIBC_2.29"])
            .entry(tags::DT_RUNPATH, "$ORIGIN/../lib:/opt/lib")
            .offers(&["APP_1"]);
        let elf = Elf::parse(&fixture.bytes()).unwrap().unwrap();
        assert_eq!(elf.machine.architecture(), "amd64");
        assert_eq!(elf.interpreter.as_deref(), Some("/lib64/ld-linux-x86-64.so.2"));
        assert_eq!(elf.needed, ["libc.so.6", "libm.so.6"]);
        assert_eq!(elf.runpath, ["$ORIGIN/../lib", "/opt/lib"]);
        let needs: Vec<_> =
            elf.needs.iter().map(|need| (need.library.as_str(), need.version.as_str())).collect();
        assert_eq!(
            needs,
            [("libc.so.6", "GLIBC_2.2.5"), ("libc.so.6", "GLIBC_2.36"), ("libm.so.6", "GLIBC_2.29")]
        );
        assert_eq!(elf.offers, ["APP_1"]);
        assert!(!elf.is_static());
    }

    #[test]
    fn what_has_no_dynamic_section_is_static() {
        let elf = Elf::parse(&Fixture::default().bytes()).unwrap().unwrap();
        assert!(elf.is_static());
        assert_eq!(Elf::parse(b"#!/bin/sh\n"), Ok(None));
    }

    #[test]
    fn broken_files_are_errors() {
        let whole = Fixture::program("/ld").needs("libc.so.6", &["GLIBC_2.36"]).bytes();
        for cut in [5, 63, 100, whole.len() - 1] {
            assert!(Elf::parse(&whole[..cut]).is_err(), "{cut}");
        }
        assert_eq!(
            Elf::parse(b"\x7fELF\x07").unwrap_err().to_string(),
            "broken ELF file: neither 32 nor 64 bits"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(flips in proptest::collection::vec((0_usize..1000, any::<u8>()), 0..8)) {
            let fixture = Fixture::program("/ld").needs("libc.so.6", &["GLIBC_2.36", "GLIBC_2.2"]).offers(&["A", "B"]);
            let mut bytes = fixture.bytes();
            for (at, value) in flips {
                let at = at % bytes.len();
                bytes[at] = value;
            }
            let _ = Elf::parse(&bytes);
        }
    }
}
