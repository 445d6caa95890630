//! What the images of recorded events are called: the real executable, as a workflow runs it.

use std::process::Command;

use crate::meaning::{Recorded, recorded};

/// The tags by the usual rules, after the repository; `head` is the commit that is judged.
fn tags(event: &Recorded) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("src")).unwrap();
    std::fs::write(path("src/lib.rs"), "").unwrap();
    let manifest = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
    std::fs::write(path("Cargo.toml"), manifest).unwrap();
    std::fs::write(path("event.json"), event.payload.to_string()).unwrap();
    let kept = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "LLVM_PROFILE_FILE"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["image", "tags"]).current_dir(folder.path()).env_clear().envs(event.variables());
    command.envs(kept.iter().filter_map(|name| Some((*name, std::env::var(name).ok()?))));
    let output = command.env("GITHUB_EVENT_PATH", path("event.json")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let tag = |line: &str| line.rsplit_once(':').unwrap().1.to_owned();
    told.lines().map(tag).filter(|tag| !tag.starts_with("sha-")).collect()
}

#[test]
fn images_are_called_after_what_is_ours() {
    let expected = [
        ("push", "refs/heads/master", "branch-master latest"),
        ("push", "refs/heads/dependabot/cargo/itoa-2.0.0", "branch-dependabot-cargo-itoa-2.0.0"),
        ("push", "refs/tags/v1.2.3", "1.2.3 1.2 1"),
        ("pull_request", "refs/pull/31/merge", "pr-31"),
        ("pull_request", "refs/pull/32/merge", "pr-32"),
        ("merge_group", "refs/heads/gh-readonly-queue/release/1.x", ""),
        ("schedule", "refs/heads/master", "branch-master latest"),
        (
            "workflow_dispatch",
            "refs/heads/fix/it's \"here\" $(touch x)",
            "branch-fix-it-s-here-touch-x-af5e45ec",
        ),
        ("workflow_dispatch", "refs/tags/v2.0.0-rc.1", "2.0.0-rc.1"),
    ];
    let all = recorded();
    for (event, git_ref, wanted) in expected {
        let is_it =
            |one: &&Recorded| one.event == event && one.git_ref.starts_with(git_ref) && one.decoded().is_ok();
        let found = all.iter().find(is_it).unwrap_or_else(|| panic!("{event} {git_ref}"));
        assert_eq!(tags(found).join(" "), wanted, "{event} {git_ref}");
    }
    let run = |id: u64| {
        all.iter().find(|one| one.event == "workflow_run" && one.payload["workflow_run"]["id"] == id).unwrap()
    };
    assert_eq!(tags(run(7)), [""; 0], "the branch of a fork names nothing of ours");
    assert_eq!(tags(run(8)).join(" "), "branch-master");
}
