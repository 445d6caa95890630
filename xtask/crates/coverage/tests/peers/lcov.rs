//! lcov reads and merges our tracefiles, and counts what we count.

use std::fs;
use std::path::Path;
use std::process::Command;

use slipway_coverage::{Coverage, lcov};

use crate::fixture::{is_installed, rich};

fn tracefile(coverage: &Coverage, path: &Path) {
    let mut text = Vec::new();
    lcov::write(coverage, &mut text).unwrap();
    fs::write(path, text).unwrap();
}

/// `covered of total` of each kind, as `lcov --summary` prints it. lcov 2 has another name for the setting.
fn summary(path: &Path) -> String {
    let output =
        Command::new("lcov").args(["--summary", "--rc", "lcov_branch_coverage=1"]).arg(path).output();
    let output = output.unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

#[test]
fn lcov_counts_what_we_count() {
    if !is_installed("lcov") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rich.info");
    let coverage = rich();
    tracefile(&coverage, &path);
    let summary = summary(&path);
    let totals = coverage.totals();
    for (share, what) in
        [(totals.lines, "lines"), (totals.functions, "functions"), (totals.branches, "branches")]
    {
        let counts = format!("({} of {} {what})", share.covered, share.total);
        assert!(summary.contains(&counts), "{counts} is not in:\n{summary}");
    }
}

#[test]
fn lcov_merges_as_we_merge() {
    if !is_installed("lcov") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [one, other, both] = ["one.info", "other.info", "both.info"].map(|name| folder.path().join(name));
    let mut ours = rich();
    let mut second = rich();
    second.files.remove("src/lib.rs");
    second.files.insert("src/new.rs".to_owned(), second.files["src/ünï.rs"].clone());
    tracefile(&ours, &one);
    tracefile(&second, &other);
    ours.merge(second);
    let merged = Command::new("lcov")
        .args(["--quiet", "--rc", "lcov_branch_coverage=1", "-a"])
        .arg(&one)
        .arg("-a")
        .arg(&other)
        .arg("-o")
        .arg(&both)
        .status();
    assert!(merged.unwrap().success());
    let theirs = lcov::read(fs::read(&both).unwrap().as_slice(), "both.info").unwrap();
    assert!(theirs.losses.is_empty(), "{}", theirs.losses);
    let without_names = |coverage: &Coverage| {
        let mut coverage = coverage.clone();
        // lcov 1 cuts a name off at its first comma.
        let functions = coverage.files.values_mut().flat_map(|file| &mut file.functions);
        functions.for_each(|function| function.name.clear());
        coverage
    };
    assert_eq!(without_names(&theirs.coverage), without_names(&ours));
}
