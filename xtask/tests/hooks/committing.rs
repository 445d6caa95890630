//! Before a commit, what is staged is judged: neither what lies in the working tree, nor what was there before.

use crate::support::{BAD, GOOD, Repository, git};

#[test]
fn the_staged_lines_count_and_not_those_on_the_disk() {
    let repository = Repository::new().installed();
    repository.file("src/lib.rs", BAD).git(&["add", "src/lib.rs"]).is_fine();
    repository.file("src/lib.rs", GOOD);
    let ran = repository.git(&["commit", "-qm", "bad"]);
    ran.is_refused(&["src/lib.rs:1:1", "--no-verify or SLIPWAY_SKIP_HOOKS=1 goes by it"]);
    assert_eq!(std::fs::read_to_string(repository.top().join("src/lib.rs")).unwrap(), GOOD, "nothing moved");
    let better = GOOD.replace('1', "2");
    repository.file("src/lib.rs", &better).git(&["add", "src/lib.rs"]).is_fine();
    repository.file("src/lib.rs", BAD);
    repository.git(&["commit", "-qm", "good"]).is_fine();
    assert!(!repository.top().join("reports").exists(), "the reports of the last run are not touched");
}

#[test]
fn what_was_there_before_stops_nobody() {
    let repository = Repository::new();
    repository.file("src/old.rs", BAD).file("src/lib.rs", "mod old;\n");
    repository.commit(&["src"]).is_fine();
    let repository = repository.installed();
    repository.file("README.md", "text\n");
    repository.commit(&["README.md"]).is_fine();
    repository.file("src/old.rs", &format!("{BAD}\n"));
    repository.commit(&["src/old.rs"]).is_refused(&["src/old.rs:1:1"]);
}

#[test]
fn a_file_that_nobody_added_is_missed() {
    let repository = Repository::new().installed();
    repository.file("src/forgotten.rs", GOOD).file("src/lib.rs", "mod forgotten;\n");
    repository.commit(&["src/lib.rs"]).is_refused(&["failed to resolve mod `forgotten`"]);
    repository.commit(&["src"]).is_fine();
}

#[test]
fn a_commit_of_some_files_is_judged_by_these() {
    let repository = Repository::at("repository", "below").installed();
    repository.file("src/lib.rs", BAD).file("README.md", "text\n").git(&["add", "."]).is_fine();
    repository.git(&["commit", "-qm", "some", "below/README.md"]).is_fine();
    repository.git(&["commit", "-qam", "all"]).is_refused(&["src/lib.rs:1:1"]);
}

#[test]
fn a_commit_that_no_linter_could_look_at_is_told() {
    let repository = Repository::new().installed();
    let tools = repository.area().join("tools");
    std::fs::create_dir(&tools).unwrap();
    let places: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap()).collect();
    for name in ["cargo", "rustc", "git", "cat"] {
        let program = places.iter().map(|place| place.join(name)).find(|program| program.is_file());
        std::os::unix::fs::symlink(program.unwrap(), tools.join(name)).unwrap();
    }
    let path = [("PATH", tools.to_str().unwrap()), ("CARGO_HOME", tools.to_str().unwrap())];
    repository.file("README.md", "text\n").git(&["add", "README.md"]).is_fine();
    let ran = git(repository.top(), &["commit", "-qm", "text"], &path);
    ran.is_fine();
    ran.says(&["slipway: nothing was looked at: typos is not installed ("]);
    repository.file("src/lib.rs", &GOOD.replace('1', "2")).git(&["add", "src/lib.rs"]).is_fine();
    let ran = git(repository.top(), &["commit", "-qm", "code"], &[]);
    assert!(!ran.told.contains("nothing was looked at"), "rustfmt did: {}", ran.told);
}

#[test]
fn it_can_be_gone_by() {
    let repository = Repository::new().installed();
    let skip = |value| git(repository.top(), &["commit", "-qam", "bad"], &[("SLIPWAY_SKIP_HOOKS", value)]);
    repository.file("src/lib.rs", BAD);
    assert!(!skip("0").success);
    skip("1").is_fine();
    repository.file("src/lib.rs", &BAD.replace('1', "2"));
    repository.git(&["commit", "--no-verify", "-qam", "bad"]).is_fine();
    repository.git(&["commit", "--allow-empty", "-qm", "nothing"]).is_fine();
}

#[test]
fn the_hook_that_was_there_goes_first_and_may_refuse() {
    let repository = Repository::new();
    let theirs = "#!/bin/sh\necho \"theirs: $#\" >>../log\n[ ! -e ../refuse ]\n";
    repository.their_hook("pre-commit", theirs);
    let repository = repository.installed();
    repository.file("src/lib.rs", BAD);
    let log = || std::fs::read_to_string(repository.area().join("log")).unwrap();
    repository.commit(&["src/lib.rs"]).is_refused(&["lint.fmt"]);
    assert_eq!(log(), "theirs: 0\n");
    std::fs::write(repository.area().join("refuse"), "").unwrap();
    repository.file("src/lib.rs", &GOOD.replace('1', "2"));
    let ran = repository.commit(&["src/lib.rs"]);
    assert!(!ran.success && !ran.told.contains("lint"), "{}", ran.told);
    assert_eq!(log(), "theirs: 0\ntheirs: 0\n");
}

#[test]
fn a_first_commit_has_nothing_to_compare_with() {
    let repository = Repository::new().installed();
    repository.git(&["checkout", "-q", "--orphan", "fresh"]).is_fine();
    repository.file("src/lib.rs", BAD);
    repository.commit(&["src/lib.rs"]).is_refused(&["src/lib.rs:1:1"]);
    repository.file("src/lib.rs", GOOD);
    repository.commit(&["src/lib.rs"]).is_fine();
}
