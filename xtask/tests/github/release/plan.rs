//! `release plan`: what comes next.

use super::project::{Project, settings};

#[test]
fn the_next_version_and_its_notes_are_told() {
    let mut project = Project::of("1.2.2", |host| settings(host, ""));
    project.run(&["plan"]).exits(0).says("next: 1.2.3 (1 change since v1.2.2; something was mended)");
    project.commit("feat(api)!: other answers\n\nBREAKING CHANGE: read `b` @all");
    let ran =
        project.run(&["plan"]).exits(0).says("next: 2.0.0").says("Cargo.toml says 1.2.2: set 2.0.0 there");
    let ran = ran
        .says("## Breaking changes")
        .says("## Fixes")
        .says("[pull request 12](https://github.com/ada/parcels/pull/12)");
    assert!(!ran.said.contains("@all"), "{}", ran.said);
    project.run(&["plan", "--pre", "rc"]).exits(0).says("next: 2.0.0-rc.1");
    project.run(&["plan", "--pre", "r c"]).exits(2).says("no word of a pre-release");
}

#[test]
fn nothing_to_release_is_said_and_is_no_failure_of_a_plan() {
    let mut project = Project::of("1.2.3", |host| settings(host, ""));
    project.git(&["tag", "v1.2.3"]);
    project.commit("docs: a word");
    project
        .run(&["plan"])
        .exits(0)
        .says("nothing to release: 1 change since v1.2.3, and none of them asks for it");
    project.run(&["run"]).exits(2).says("nothing to release");
    assert!(project.github.log().is_empty(), "nobody was asked");
}

#[test]
fn a_history_that_is_cut_off_tells_nothing() {
    let project = Project::new();
    let clone = project.path("target/clone").display().to_string();
    std::fs::create_dir_all(project.path("target")).unwrap();
    let from = format!("file://{}", project.path("").display());
    project.git(&["clone", "--quiet", "--depth", "1", &from, &clone]);
    project.run(&["plan", "-C", &clone]).exits(2).says("the history is cut off").says("fetch-depth: 0");
}

#[cfg(unix)]
#[test]
fn git_cliff_writes_the_notes_where_it_is_configured() {
    use std::os::unix::fs::PermissionsExt as _;

    let project = Project::new();
    let tools = project.path("target/tools");
    std::fs::create_dir_all(&tools).unwrap();
    let script = "#!/bin/sh\ntest \"$*\" = \"--config cliff.toml --tag v1.2.3 --strip header -- v1.2.2..$EXPECTED\" || exit 3\necho by git-cliff\n";
    std::fs::write(tools.join("git-cliff"), script).unwrap();
    std::fs::set_permissions(tools.join("git-cliff"), std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let commit = project.commit.clone();
    let project = project.env("PATH", &path).env("EXPECTED", &commit);
    let ran = project.run(&["plan"]).exits(0).says("## Fixes");
    assert!(!ran.said.contains("by git-cliff"), "there is no configuration for it");
    project.write("cliff.toml", "");
    project.run(&["plan"]).exits(0).says("by git-cliff");
    let project = project.env("EXPECTED", "another");
    project.run(&["plan"]).exits(3).says("git-cliff --config cliff.toml");
    // It is known before anybody sees anything.
    project.run(&["run", "1.2.3"]).exits(3).says("git-cliff --config cliff.toml").says("nothing was changed");
    std::fs::write(tools.join("git-cliff"), "#!/bin/sh\nprintf '%070000d' 0\n").unwrap();
    project.run(&["run", "1.2.3"]).exits(2).says("writes 70").says("and notes have at most 60");
    assert_eq!(project.tagged("1.2.3"), None);
}
