//! Broken input: what the reader says, and that nothing makes it panic.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use proptest::prelude::*;
use slipway_coverage::embedded::{self, EmbeddedError, Input, Reading};
use tempfile::TempDir;

const MAIN: &str = "mod even;
fn main() {
    let evens = (0..std::env::args().count() as u32).filter(|n| even::even(*n)).count();
    assert!(evens < 100);
}
";
const EVEN: &str = "pub fn even(n: u32) -> bool {
    if n % 2 == 0 { true } else { false }
}
";

/// A program, its object file, which is small, and its profile.
struct Program {
    folder: TempDir,
    object: Vec<u8>,
    profile: Vec<u8>,
}

static PROGRAM: LazyLock<Program> = LazyLock::new(|| Program::build(MAIN, EVEN));

impl Program {
    fn build(main: &str, even: &str) -> Self {
        Self::build_in(TempDir::new().unwrap(), main, even)
    }

    fn build_in(folder: TempDir, main: &str, even: &str) -> Self {
        let path = |name: &str| folder.path().join(name);
        fs::write(path("main.rs"), main).unwrap();
        fs::write(path("even.rs"), even).unwrap();
        let mut compiler = Command::new("rustc");
        compiler.current_dir(folder.path()).args(["-Cinstrument-coverage", "-Ccodegen-units=1"]);
        compiler.args(["--edition=2024", "--emit=obj=main.o,link=main", "main.rs"]);
        assert!(compiler.status().unwrap().success());
        let mut program = Command::new(path("main"));
        assert!(program.env("LLVM_PROFILE_FILE", path("main.profraw")).status().unwrap().success());
        let [object, profile] = ["main.o", "main.profraw"].map(|name| fs::read(path(name)).unwrap());
        Self { folder, object, profile }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Reads these profiles and objects from files.
fn read(profiles: &[&[u8]], objects: &[&[u8]]) -> Result<Reading, EmbeddedError> {
    let folder = TempDir::new().unwrap();
    let files = |kind: &str, contents: &[&[u8]]| -> Vec<PathBuf> {
        let write = |(index, content): (usize, &&[u8])| {
            let path = folder.path().join(format!("{index}.{kind}"));
            fs::write(&path, content).unwrap();
            path
        };
        contents.iter().enumerate().map(write).collect()
    };
    let (profiles, objects) = (files("profraw", profiles), files("o", objects));
    embedded::read(Input { profiles: &profiles, objects: &objects, keep: &keep })
}

fn keep(path: &str) -> Option<String> {
    Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned())
}

fn count(reading: &Reading, file: &str, line: u32) -> Option<u64> {
    reading.coverage.files.get(file)?.lines.get(line)
}

#[test]
fn the_program_itself_is_read() {
    let reading = read(&[&PROGRAM.profile], &[&PROGRAM.object]).unwrap();
    assert_eq!(
        (count(&reading, "main.rs", 2), count(&reading, "even.rs", 2), &reading.notes),
        (Some(1), Some(1), &Vec::new())
    );
}

#[test]
fn an_executable_says_the_same_as_its_object_files() {
    let executable = fs::read(PROGRAM.file("main")).unwrap();
    let [one, other] =
        [&PROGRAM.object, &executable].map(|object| read(&[&PROGRAM.profile], &[object]).unwrap());
    assert_eq!(one, other);
    let both = read(&[&PROGRAM.profile], &[&PROGRAM.object, &executable]).unwrap();
    assert_eq!(one, both, "the same function in two executables is one");
}

#[test]
fn a_profile_that_is_cut_off_is_a_note_beside_a_whole_one() {
    let (whole, half) = (PROGRAM.profile.as_slice(), &PROGRAM.profile[..PROGRAM.profile.len() / 2]);
    let reading = read(&[whole, half, &[]], &[&PROGRAM.object]).unwrap();
    assert_eq!(count(&reading, "main.rs", 2), Some(1));
    let [cut, empty] = reading.notes.as_slice() else { panic!("{:?}", reading.notes) };
    assert!(cut.contains("1.profraw is damaged at byte") && cut.contains("the profile is cut off"), "{cut}");
    assert!(empty.contains("2.profraw") && empty.contains("empty"), "{empty}");
}

#[test]
fn profiles_of_which_none_can_be_used_are_an_error() {
    let error = read(&[&PROGRAM.profile[..200], b"no profile"], &[&PROGRAM.object]).unwrap_err();
    assert!(matches!(&error, EmbeddedError::NoProfile { given: 2, notes } if notes.len() == 2), "{error}");
    let error = read(&[], &[&PROGRAM.object]).unwrap_err();
    assert!(error.to_string().contains("hint: build with -Cinstrument-coverage"), "{error}");
}

#[test]
fn a_profile_of_another_program_is_an_error() {
    let other = Program::build("fn main() {}", "");
    let error = read(&[&other.profile], &[&PROGRAM.object]).unwrap_err();
    assert!(matches!(error, EmbeddedError::NoMatch { profiles: 1, objects: 1 }), "{error}");
}

#[test]
fn functions_of_another_build_are_left_out_and_said() {
    let before = Program::build(MAIN, EVEN);
    let profile = before.profile;
    let after = Program::build_in(before.folder, MAIN, &EVEN.replace("true", "n < 7 || n > 9"));
    let reading = read(&[&profile], &[&after.object]).unwrap();
    assert_eq!((count(&reading, "even.rs", 2), count(&reading, "main.rs", 2)), (None, Some(1)));
    assert!(reading.notes.iter().any(|note| note.starts_with("1 functions of")), "{:?}", reading.notes);
}

#[test]
fn an_executable_without_a_map_is_a_note_or_an_error() {
    let bare = PROGRAM.file("bare");
    let mut compiler = Command::new("rustc");
    compiler.current_dir(PROGRAM.folder.path()).args(["--edition=2024", "main.rs", "-o"]).arg(&bare);
    assert!(compiler.status().unwrap().success());
    let bare = fs::read(bare).unwrap();
    let reading = read(&[&PROGRAM.profile], &[&PROGRAM.object, &bare]).unwrap();
    assert!(reading.notes[0].ends_with("holds no coverage map"), "{:?}", reading.notes);
    let error = read(&[&PROGRAM.profile], &[&bare]).unwrap_err();
    assert!(matches!(error, EmbeddedError::NoMap { given: 1 }), "{error}");
    let error = read(&[&PROGRAM.profile], &[b"#!/bin/sh\n"]).unwrap_err();
    assert!(matches!(error, EmbeddedError::Damaged { .. }), "{error}");
}

#[test]
fn an_unknown_version_is_an_error_of_its_own_kind() {
    let mut later = PROGRAM.profile.clone();
    later[8] = 11;
    let error = read(&[&PROGRAM.profile, &later], &[&PROGRAM.object]).unwrap_err();
    assert!(
        matches!(error, EmbeddedError::UnknownFormat { what: "raw profile", version: 11, .. }),
        "{error}"
    );
}

#[test]
fn counts_stay_at_the_highest_number() {
    let mut high = PROGRAM.profile.clone();
    let header: Vec<u64> =
        high.chunks_exact(8).take(16).map(|n| u64::from_le_bytes(n.try_into().unwrap())).collect();
    let counters = 128 + usize::try_from(header[2] + header[3] * 64 + header[4]).unwrap();
    let end = counters + usize::try_from(header[5]).unwrap() * 8;
    for counter in high[counters..end].chunks_exact_mut(8) {
        counter.copy_from_slice(&(u64::MAX - 1).to_le_bytes());
    }
    let reading = read(&[&high, &high], &[&PROGRAM.object]).unwrap();
    assert_eq!(count(&reading, "main.rs", 2), Some(u64::MAX));
}

#[test]
fn a_missing_file_is_named() {
    let missing = [PathBuf::from("/missing/program")];
    let profile = [PROGRAM.file("main.profraw")];
    let error = embedded::read(Input { profiles: &profile, objects: &missing, keep: &keep }).unwrap_err();
    assert!(error.to_string().starts_with("/missing/program cannot be read"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_change_of_a_profile_breaks_the_reader(changes in changes()) {
        let _ = read(&[&changed(&PROGRAM.profile, &changes)], &[&PROGRAM.object]);
    }

    #[test]
    fn no_change_of_an_object_breaks_the_reader(changes in changes()) {
        let _ = read(&[&PROGRAM.profile], &[&changed(&PROGRAM.object, &changes)]);
    }

    #[test]
    fn no_change_of_a_map_breaks_the_reader(changes in changes(), part in 0_usize..3) {
        let mut object = PROGRAM.object.clone();
        for range in sections(&object, ["__llvm_covfun", "__llvm_covmap", "__llvm_prf_names"][part]) {
            let new = changed(&object[range.clone()], &changes);
            object[range].copy_from_slice(&new);
        }
        let _ = read(&[&PROGRAM.profile], &[&object]);
    }
}

fn changes() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec(any::<(prop::sample::Index, u8)>(), 1..8)
}

fn changed(bytes: &[u8], changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, byte) in changes {
        *at.get_mut(&mut bytes) = *byte;
    }
    bytes
}

/// Where the sections of a name are in an ELF file of 64 bits; none on other systems.
fn sections(object: &[u8], name: &str) -> Vec<std::ops::Range<usize>> {
    if !object.starts_with(b"\x7fELF\x02\x01") {
        return Vec::new();
    }
    let number = |at: usize, size: usize| {
        let bytes = object[at..at + size].iter().rev();
        bytes.fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
    };
    let header = |index: usize| number(0x28, 8) + index * number(0x3a, 2);
    let strings = number(header(number(0x3e, 2)) + 0x18, 8);
    let range = |index: usize| {
        let header = header(index);
        let found = object[strings + number(header, 4)..].starts_with(name.as_bytes());
        let start = number(header + 0x18, 8);
        (found && number(header + 4, 4) != 8).then(|| start..start + number(header + 0x20, 8))
    };
    (0..number(0x3c, 2)).filter_map(range).filter(|range| !range.is_empty()).collect()
}
