//! What others say of the workflows and the action: actionlint, zizmor and action-validator, on this repository's own and on
//! what `init` writes.

use std::path::Path;
use std::process::Command;

use crate::repository::{Ran, Repository, in_ci};
use crate::runner::root;

/// Runs a program of others; none where it is not installed, which a CI service has to mend.
fn peer(folder: &Path, program: &str, args: &[&str]) -> Option<Ran> {
    match Command::new(program).args(args).current_dir(folder).output() {
        Ok(output) => Some(output.into()),
        Err(error) => {
            assert!(!in_ci(), "{program} is not installed: .ci/peers does it ({error})");
            println!("skipped: {program} is not installed");
            None
        }
    }
}

#[track_caller]
fn is_content(folder: &Path, program: &str, args: &[&str]) {
    if let Some(ran) = peer(folder, program, args) {
        assert_eq!(ran.code, 0, "{program} {args:?}: {}{}", ran.stdout, ran.stderr);
    }
}

/// Its schema is older than the permission `attestations`, the only thing that it would find; so it is shown the files without it.
fn validated(folder: &Path, paths: &[&str]) {
    let copies = tempfile::tempdir().unwrap();
    for path in paths {
        let text = std::fs::read_to_string(folder.join(path)).unwrap();
        let known: String =
            text.split_inclusive('\n').filter(|line| !line.contains(" attestations: ")).collect();
        let copy = copies.path().join(path);
        std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
        std::fs::write(copy, known).unwrap();
        is_content(copies.path(), "action-validator", &[path]);
    }
}

const WORKFLOWS: [&str; 3] =
    [".github/workflows/cd.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml"];

const ZIZMOR: [&str; 5] = ["--offline", "--strict-collection", "--no-progress", "--quiet", "."];

#[test]
fn ours_are_fine() {
    is_content(&root(), "actionlint", &WORKFLOWS);
    let audited = [&ZIZMOR[..4], &["action.yml", ".github"]].concat();
    is_content(&root(), "zizmor", &audited);
    validated(&root(), &[&WORKFLOWS[..], &["action.yml", ".github/actions/tools/action.yml"]].concat());
}

#[test]
fn those_of_others_are_fine() {
    let package = "[package]\nname = \"parcels\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    let files = [("Cargo.toml", package), ("src/main.rs", "fn main() {}\n")];
    let image = ("Dockerfile", "FROM scratch\n");
    let tools = (
        ".github/actions/tools/action.yml",
        "name: t\ndescription: t\nruns: { using: composite, steps: [] }\n",
    );
    for more in [&[][..], &[image], &[image, tools]] {
        let repository = Repository::of(&[&files[..], more].concat());
        let ran = repository.xtask(&["init", "--toolkit", "https://github.com/ada/slipway#v1"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        is_content(repository.path(), "actionlint", &WORKFLOWS);
        is_content(repository.path(), "zizmor", &ZIZMOR);
        validated(repository.path(), &WORKFLOWS);
    }
}

#[test]
fn a_bad_workflow_is_found_by_each() {
    let bad = "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    needs: b\n    steps:\n      - uses: actions/checkout@v4\n";
    let repository = Repository::of(&[(".github/workflows/ci.yml", bad)]);
    let path = ".github/workflows/ci.yml";
    for (program, args) in [("actionlint", &[path][..]), ("zizmor", &ZIZMOR), ("action-validator", &[path])] {
        if let Some(ran) = peer(repository.path(), program, args) {
            assert_ne!(ran.code, 0, "{program}: {}", ran.stdout);
        }
    }
}
