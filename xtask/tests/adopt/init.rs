//! `cargo xtask init` in repositories of several kinds: what it writes, what it leaves alone, what it refuses.

use serde_json::Value;
use xtask::settings::{File, Sources, load};

use crate::repository::{Ran, Repository};

const PACKAGE: (&str, &str) = (
    "Cargo.toml",
    "[package]\nname = \"parcels\"\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.94\"\n",
);
const MAIN: (&str, &str) = ("src/main.rs", "fn main() {}\n");
const ADDRESS: &str = "--toolkit=https://github.com/ada/slipway.git#0123abc";
const ALL: [&str; 8] = [
    ".cargo/config.toml",
    ".github/workflows/cd.yml",
    ".github/workflows/ci.yml",
    ".github/workflows/release.yml",
    ".gitignore",
    "slipway.toml",
    "xtask/Cargo.toml",
    "xtask/src/main.rs",
];

fn init(repository: &Repository, args: &[&str]) -> Ran {
    repository.xtask(&[&["init", ADDRESS], args].concat())
}

/// The same, as a program reads it.
fn changes(repository: &Repository) -> Vec<(String, String)> {
    let ran = init(repository, &["--message-format", "json"]);
    let events = ran.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    events.map(|event| (text(&event["path"]), text(&event["change"]))).collect()
}

fn new_files(repository: &Repository) -> Vec<String> {
    let mut files: Vec<String> = repository
        .changed()
        .iter()
        .filter_map(|line| line.strip_prefix("?? "))
        .map(ToOwned::to_owned)
        .collect();
    files.sort();
    files
}

#[test]
fn a_package_of_others_gets_everything_once() {
    let Some(repository) = Repository::of_package("semver") else { return };
    let dry = init(&repository, &["--dry-run"]);
    assert_eq!((dry.code, repository.changed()), (0, Vec::new()), "{}", dry.stderr);
    let ran = init(&repository, &[]);
    assert_eq!((ran.code, &ran.stdout), (0, &dry.stdout), "{}", ran.stderr);
    assert_eq!(new_files(&repository), ALL);
    assert!(ran.stderr.contains("wrote          slipway.toml\n"), "{}", ran.stderr);
    assert!(repository.read(".github/workflows/ci.yml").contains("branches: [\"trunk\"]"));
    assert!(
        repository.read("slipway.toml").contains("\"--install\", \"1."),
        "its compiler is older than ours"
    );
    let again = init(&repository, &[]);
    assert_eq!((again.code, again.stdout.as_str()), (0, ""), "{}", again.stderr);
    assert!(changes(&repository).iter().all(|(_, change)| change == "same" || change == "own"));
}

#[test]
fn the_difference_is_a_patch_that_leads_to_the_same() {
    let files =
        [PACKAGE, MAIN, (".gitignore", "/target"), (".cargo/config.toml", "[alias]\nb = \"build\"\n")];
    let (one, other) = (Repository::of(&files), Repository::of(&files));
    let patch = init(&one, &["--dry-run"]).stdout;
    one.write("../patch", &patch);
    one.git(&["apply", "../patch"]);
    std::fs::remove_file(one.path().join("../patch")).unwrap();
    assert_eq!(init(&other, &[]).code, 0);
    assert_eq!(one.changed(), other.changed());
    for path in ALL {
        assert_eq!(one.read(path), other.read(path), "{path}");
    }
    assert_eq!(one.read(".gitignore"), "/target\n/reports/\n/xtask/target/\n");
}

#[test]
fn a_file_that_was_changed_stays_and_is_told() {
    let repository = Repository::of(&[PACKAGE, MAIN]);
    assert_eq!(init(&repository, &[]).code, 0);
    let path = ".github/workflows/ci.yml";
    let mine = repository.read(path).replace("timeout-minutes: 60", "timeout-minutes: 30");
    repository.write(path, &mine);
    repository.write("slipway.toml", "mode = \"report-only\"\n");
    std::fs::remove_file(repository.path().join(".gitignore")).unwrap();
    let ran = init(&repository, &[]);
    assert_eq!((ran.code, repository.read(path)), (1, mine), "{}", ran.stderr);
    assert!(ran.stdout.contains("-    timeout-minutes: 30\n+    timeout-minutes: 60\n"), "{}", ran.stdout);
    assert!(ran.stderr.contains("ci.yml was changed and stays as it is"), "{}", ran.stderr);
    assert!(!ran.stdout.contains("slipway.toml"), "settings are the repository's own: {}", ran.stdout);
    assert_eq!(repository.read(".gitignore"), "/reports/\n/xtask/target/\n", "the rest goes on");
    assert!(changes(&repository).contains(&(path.to_owned(), "differs".to_owned())));
}

#[test]
fn a_dockerfile_makes_an_image() {
    let repository = Repository::of(&[PACKAGE, MAIN, ("Dockerfile", "FROM scratch\n")]);
    assert_eq!(init(&repository, &[]).code, 0);
    let text = repository.read("slipway.toml");
    let file = File { path: "slipway.toml", text: &text };
    let loaded = load(&Sources { file: Some(file), env: &std::collections::BTreeMap::default(), flags: &[] });
    let settings = loaded.map_err(|error| error.to_string()).unwrap().settings;
    assert_eq!(settings.images.len(), 1);
    assert_eq!(settings.images[0].package.as_deref(), Some("parcels"));
    assert!(repository.read(".github/workflows/cd.yml").contains("  deliver:\n"));
    assert!(repository.read(".github/workflows/ci.yml").contains("toolchain: \"1.94\""));
}

#[test]
fn a_dockerfile_of_several_programs_is_asked_about() {
    let other = ("src/bin/other.rs", "fn main() {}\n");
    let repository = Repository::of(&[PACKAGE, MAIN, other, ("Dockerfile", "FROM scratch\n")]);
    let ran = init(&repository, &[]);
    assert!(
        ran.stderr.contains("which program its image runs (other, parcels)")
            || ran.stderr.contains("(parcels, other)"),
        "{}",
        ran.stderr
    );
    assert!(!repository.read("slipway.toml").contains("[[images]]"));
    repository.write("slipway.toml", "[[images]]\nname = \"a\"\npackage = \"parcels\"\nbin = \"other\"\n");
    let again = init(&repository, &["--dry-run"]);
    assert_eq!(again.code, 1, "the workflows want to deliver now: {}", again.stderr);
    assert!(again.stdout.contains("+  deliver:\n"), "{}", again.stdout);
}

#[test]
fn a_name_that_is_taken_stays_with_its_owner() {
    let alias = (".cargo/config.toml", "[alias]\nxtask = \"run --package tasks --\"\n");
    let repository = Repository::of(&[PACKAGE, MAIN, alias]);
    let ran = init(&repository, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("so it is `cargo slipway ci`"), "{}", ran.stderr);
    assert!(
        repository
            .read(".cargo/config.toml")
            .contains("slipway = \"run --quiet --manifest-path slipway/Cargo.toml")
    );
    assert!(repository.read(".github/workflows/ci.yml").contains("run: cargo slipway ci\n"));
    assert!(repository.read("slipway/Cargo.toml").contains("rev = \"0123abc\""));
    assert!(init(&repository, &[]).stdout.is_empty());
}

#[test]
fn links_and_folders_in_the_way_are_refused_before_anything_is_written() {
    let outside = tempfile::tempdir().unwrap();
    for path in ["slipway.toml", ".github", ".github/workflows/cd.yml", ".gitignore"] {
        let repository = Repository::of(&[PACKAGE, MAIN]);
        let link = repository.path().join(path);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(outside.path().join("x"), &link).unwrap();
        let ran = init(&repository, &[]);
        assert_eq!(ran.code, 2, "{path}: {}", ran.stderr);
        assert!(ran.stderr.contains("it is a link"), "{path}: {}", ran.stderr);
        assert_eq!(new_files(&repository), [path]);
    }
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    let repository = Repository::of(&[PACKAGE, MAIN, (".github/workflows/ci.yml/x", "")]);
    assert!(init(&repository, &[]).stderr.contains("it is no file"));
    assert_eq!(new_files(&repository), [""; 0]);
}

#[test]
fn a_write_that_fails_is_told_and_gone_on_with() {
    use std::os::unix::fs::PermissionsExt;
    let repository =
        Repository::of(&[PACKAGE, MAIN, (".github/workflows/other.yml", "on: push\njobs: {}\n")]);
    let folder = repository.path().join(".github/workflows");
    let set = |mode| std::fs::set_permissions(&folder, PermissionsExt::from_mode(mode)).unwrap();
    set(0o555);
    let may_all = std::fs::write(folder.join("probe"), "").is_ok();
    let _ = std::fs::remove_file(folder.join("probe"));
    if !may_all {
        let ran = init(&repository, &[]);
        assert_eq!(ran.code, 3, "{}", ran.stderr);
        assert!(ran.stderr.contains("it goes on with what is missing"), "{}", ran.stderr);
        assert!(
            !new_files(&repository).iter().any(|path| path.contains("workflows")),
            "nothing is half written"
        );
    }
    set(0o755);
    let ran = init(&repository, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("other workflows stay, and run beside these: .github/workflows/other.yml"));
    assert_eq!(new_files(&repository), ALL);
}

#[test]
fn what_cannot_be_used_is_said() {
    let part = Repository::of(&[("part/Cargo.toml", PACKAGE.1), ("part/src/main.rs", MAIN.1)]);
    let ran = part.xtask(&["init", ADDRESS, "-C", "part"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("is only a part of the repository in"), "{}", ran.stderr);
    let repository = Repository::of(&[PACKAGE, MAIN]);
    let ran = repository.xtask(&["init"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("hint: name it: --toolkit https://"), "{}", ran.stderr);
    let ran = repository.xtask(&["init", "--toolkit", "ext::sh -c x"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(new_files(&repository), [""; 0]);
}

#[test]
fn a_workspace_that_takes_in_every_folder_is_asked_to_leave_ours_out() {
    let all = "[workspace]\nresolver = \"3\"\nmembers = [\"./[a-z]*\"]\n";
    let package = [("parcels/Cargo.toml", PACKAGE.1), ("parcels/src/main.rs", MAIN.1)];
    let repository = Repository::of(&[&[("Cargo.toml", all)], &package[..]].concat());
    let ran = init(&repository, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: add `exclude = [\"xtask\"]`"), "{}", ran.stderr);
    assert_eq!(new_files(&repository), [""; 0]);
    repository.write("Cargo.toml", &format!("{all}exclude = [\"xtask\"]\n"));
    assert_eq!(init(&repository, &[]).code, 0);
    let ran = repository.xtask(&["config", "show"]);
    assert_eq!(ran.code, 0, "cargo still reads the workspace: {}", ran.stderr);
}

#[test]
fn a_workflow_that_delivery_would_take_for_ours_is_told() {
    let theirs = "name: CI\non: push\njobs: {}\n";
    let repository = Repository::of(&[
        PACKAGE,
        MAIN,
        (".github/workflows/build.yml", theirs),
        (".github/workflows/lint.yml", "name: Lint\n"),
    ]);
    let ran = init(&repository, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains(".github/workflows/build.yml is named CI like ci.yml"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("lint.yml is named"), "{}", ran.stderr);
    let repository = Repository::of(&[PACKAGE, MAIN, (".github/workflows/ci.yml", theirs)]);
    let ran = init(&repository, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("cd.yml follows the workflow named CI and reads its artifact run-stable"),
        "{}",
        ran.stderr
    );
    assert_eq!(repository.read(".github/workflows/ci.yml"), theirs);
}

#[test]
fn a_branch_that_a_workflow_reads_as_a_pattern_is_refused() {
    let repository = Repository::of(&[PACKAGE, MAIN]);
    repository.git(&["branch", "--move", "it's-${{x}}+"]);
    let ran = init(&repository, &[]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("cannot be named in a workflow"), "{}", ran.stderr);
    assert_eq!(new_files(&repository), [""; 0]);
}

#[test]
fn text_of_others_moves_no_cursor() {
    let repository = Repository::of(&[PACKAGE, MAIN, (".github/workflows/ci.yml", "# \u{1b}[2J\u{7}mine\n")]);
    let ran = init(&repository, &["--dry-run"]);
    assert_eq!(ran.code, 1);
    assert!(!ran.stdout.contains('\u{1b}') && ran.stdout.contains("mine"), "{}", ran.stdout);
}
