//! Workspaces that nobody here wrote: packages of crates.io of several kinds, with nothing but the toolchain
//! installed and no settings. What `cargo test` says of the same copy is the truth.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::facts::{is_valid_junit, outcomes};
use crate::support::{Tools, Workspace, in_ci};

/// Name and version; small packages that bring their tests and need no others for them.
const PACKAGES: [(&str, &str); 8] = [
    ("cfg-if", "1.0.3"),
    ("itoa", "1.0.15"),
    ("noop_proc_macro", "0.3.0"),
    ("pico-args", "0.5.0"),
    ("scopeguard", "1.2.0"),
    ("semver", "1.0.27"),
    ("shlex", "1.3.0"),
    ("strsim", "0.11.1"),
];

/// Macros by example.
#[test]
fn cfg_if() {
    as_cargo_says("cfg-if");
}

/// A library without the standard library.
#[test]
fn itoa() {
    as_cargo_says("itoa");
}

/// A procedural macro.
#[test]
fn noop_proc_macro() {
    as_cargo_says("noop_proc_macro");
}

/// Parsing of arguments, with examples.
#[test]
fn pico_args() {
    as_cargo_says("pico-args");
}

/// Many doctests, and tests that should panic.
#[test]
fn scopeguard() {
    as_cargo_says("scopeguard");
}

/// Integration tests that share a folder of helpers, and benches for nightly compilers only.
#[test]
fn semver() {
    as_cargo_says("semver");
}

/// Bytes and text, with modules of its own for each.
#[test]
fn shlex() {
    as_cargo_says("shlex");
}

/// Text in many alphabets.
#[test]
fn strsim() {
    as_cargo_says("strsim");
}

#[track_caller]
fn as_cargo_says(name: &str) {
    let Some(sources) = &*SOURCES else { return };
    let version = PACKAGES.iter().find(|package| package.0 == name).unwrap().1;
    let workspace = Workspace::empty();
    copy(&sources.join(format!("{name}-{version}")), workspace.path());
    let truth = cargo_test(&workspace);
    let elsewhere = Workspace::empty();
    let run = elsewhere.run(&["ci", "-C", workspace.path().to_str().unwrap()]);
    let record = workspace.record();
    let told = totals(&record);
    assert_eq!(told, truth, "{:#?}\n{}", outcomes(&record), run.stderr);
    let (decision, code) = match truth {
        Totals { passed: 0, failed: 0, .. } => ("inconclusive", 1),
        Totals { failed: 0, .. } => ("pass", 0),
        _ => ("fail", 1),
    };
    assert_eq!((&record["verdict"]["decision"], run.code), (&decision.into(), code), "{}", run.stderr);
    is_valid_junit(&workspace);
    println!("{name} {version}: {truth:?}, {decision}");
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Totals {
    passed: u64,
    failed: u64,
    ignored: u64,
}

/// The totals of the record, doctests among them.
fn totals(record: &Value) -> Totals {
    let of = |name: &str| -> u64 {
        ["tests", "doctests"].iter().map(|kind| record["tests"][kind][name].as_u64().unwrap()).sum()
    };
    Totals { passed: of("passed"), failed: of("failed"), ignored: of("skipped") }
}

/// The totals that plain `cargo test` prints.
fn cargo_test(workspace: &Workspace) -> Totals {
    let mut command = Command::new("cargo");
    command.args(["test", "--no-fail-fast"]).current_dir(workspace.path()).env_remove("CARGO_TARGET_DIR");
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut totals = Totals::default();
    for line in text.lines().filter_map(|line| line.strip_prefix("test result: ")) {
        let mut numbers = line.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
        let mut next = || -> u64 { numbers.next().unwrap() };
        totals.passed += next();
        totals.failed += next();
        totals.ignored += next();
    }
    assert_eq!(output.status.success(), totals.failed == 0, "{}", String::from_utf8_lossy(&output.stderr));
    totals
}

/// The folder into which cargo unpacks packages, after it has fetched ours; none without a network.
static SOURCES: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let scratch = PACKAGES.iter().fold(
        "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n"
            .to_owned(),
        |text, (name, version)| format!("{text}{name} = \"={version}\"\n"),
    );
    let scratch = Workspace::empty().file("Cargo.toml", &scratch).file("src/lib.rs", "").tools(Tools::All);
    let fetched = Command::new("cargo").arg("fetch").current_dir(scratch.path()).output().unwrap();
    if !fetched.status.success() {
        let said = String::from_utf8_lossy(&fetched.stderr).into_owned();
        assert!(!in_ci(), "CI must reach crates.io: {said}");
        println!("skipped: the packages cannot be fetched: {said}");
        return None;
    }
    let asked = Command::new("cargo")
        .args(["metadata", "--format-version=1", "--offline"])
        .current_dir(scratch.path())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&asked.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let fetched = packages.iter().find(|package| package["name"] == PACKAGES[0].0).unwrap();
    let manifest = Path::new(fetched["manifest_path"].as_str().unwrap());
    Some(manifest.parent().unwrap().parent().unwrap().to_owned())
});

/// Copies a package, without what cargo put into it; the registry's own copy is never written to.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&path, &to);
        } else if ![".cargo-ok", ".cargo_vcs_info.json"].contains(&entry.file_name().to_str().unwrap()) {
            std::fs::copy(path, to).unwrap();
        }
    }
}
