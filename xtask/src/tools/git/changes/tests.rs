//! Changes of real repositories in temporary folders.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use super::*;
use crate::kit::secret::Redactor;
use crate::model::context::{Context, Event};
use crate::tools::git::look;
use crate::tools::interrupt::Interrupt;
use crate::tools::variables::Variables;

/// A repository with one commit on `main`: `src/lib.rs` of three lines.
struct Repository(TempDir);

/// Settings of the machine do not reach git here.
fn variables() -> Variables {
    let path = ("PATH".to_owned(), std::env::var("PATH").unwrap());
    let fixed =
        ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"].map(|name| (name.to_owned(), "/dev/null".to_owned()));
    fixed.into_iter().chain([path]).collect()
}

fn run(folder: &Path, args: &[&str]) {
    let name = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"];
    let mut command = Command::new("git");
    let output =
        command.args(name).args(args).current_dir(folder).env_clear().envs(variables()).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Repository {
    fn new() -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "-q"]);
        repository.file("src/lib.rs", "one\ntwo\nthree\n").commit("first");
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, args: &[&str]) -> &Self {
        run(self.path(), args);
        self
    }

    fn file(&self, path: &str, text: &str) -> &Self {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    fn commit(&self, message: &str) -> &Self {
        self.git(&["add", "-A"]).git(&["commit", "-q", "-m", message])
    }

    /// The changes of the folder, for the bases of this event.
    fn changes(folder: &Path, event: Event, wanted: &str) -> Changes {
        let supervisor = Supervisor {
            root: folder.to_owned(),
            env: variables(),
            redactor: Redactor::default(),
            interrupt: Interrupt::default(),
            grace: Duration::from_secs(1),
            running: Arc::default(),
        };
        let state = look(&supervisor);
        let checkout = state.checkout.clone();
        let context = Context { event, repository: None, actor: None, head_sha: None, checkout };
        changes(&supervisor, &state, &context.bases(wanted), &BTreeSet::from(["rs".to_owned()]))
    }

    fn local(&self) -> Changes {
        Self::changes(self.path(), Event::Local, "")
    }
}

/// Path and added lines of each file.
fn told(changes: Changes) -> Vec<(String, Vec<(u32, u32)>)> {
    let files = changes.lines.unwrap().files.into_iter();
    files.map(|file| (file.path, file.added.iter().map(|range| (range.start, range.end)).collect())).collect()
}

fn file(path: &str, added: &[(u32, u32)]) -> (String, Vec<(u32, u32)>) {
    (path.to_owned(), added.to_vec())
}

#[test]
fn committed_uncommitted_and_untracked_lines_are_changed() {
    let repository = Repository::new();
    repository.git(&["switch", "-q", "-c", "topic"]);
    repository.file("src/lib.rs", "one\n2\nthree\n").commit("second");
    repository
        .file("src/lib.rs", "one\n2\nthree\nfour\n")
        .file("src/new größe.rs", "a\nb")
        .file("notes.md", "x");
    let changes = repository.local();
    assert_eq!(changes.base.as_deref(), Some("main"));
    let expected = [file("src/lib.rs", &[(2, 2), (4, 4)]), file("src/new größe.rs", &[(1, 2)])];
    assert_eq!(told(changes), expected);
}

#[test]
fn what_happened_on_the_base_since_is_no_change() {
    let repository = Repository::new();
    repository.git(&["switch", "-q", "-c", "topic"]).file("src/a.rs", "a\n").commit("ours");
    repository.git(&["switch", "-q", "main"]).file("src/lib.rs", "1\ntwo\nthree\n").commit("theirs");
    repository.git(&["switch", "-q", "topic"]);
    assert_eq!(told(repository.local()), [file("src/a.rs", &[(1, 1)])]);
}

#[test]
fn a_push_to_the_default_branch_is_compared_with_the_commit_before() {
    let repository = Repository::new();
    repository.file("src/lib.rs", "one\ntwo\n3\n").commit("second");
    let event = Event::PushBranch { branch: "main".to_owned(), default_branch: Some(true) };
    let changes = Repository::changes(repository.path(), event, "");
    assert_eq!(
        (changes.base.as_deref(), told(changes.clone())),
        (Some("the commit before"), vec![file("src/lib.rs", &[(3, 3)])])
    );
}

#[test]
fn settings_of_the_user_change_nothing() {
    let repository = Repository::new();
    let settings = [
        ["diff.noprefix", "true"],
        ["diff.mnemonicPrefix", "true"],
        ["color.ui", "always"],
        ["diff.context", "9"],
        ["diff.interHunkContext", "9"],
        ["diff.relative", "false"],
        ["diff.external", "false"],
    ];
    for [key, value] in settings {
        repository.git(&["config", key, value]);
    }
    repository.file("src/lib.rs", "1\ntwo\n3\n");
    assert_eq!(told(repository.local()), [file("src/lib.rs", &[(1, 1), (3, 3)])]);
}

#[test]
fn paths_are_relative_to_the_workspace_and_others_are_left_out() {
    let repository = Repository::new();
    repository.file("tool/src/main.rs", "a\n").commit("tool").git(&["switch", "-q", "-c", "topic"]);
    repository.file("tool/src/main.rs", "b\n").file("src/lib.rs", "");
    let changes = Repository::changes(&repository.path().join("tool"), Event::Local, "");
    assert_eq!(told(changes), [file("src/main.rs", &[(1, 1)])]);
}

#[test]
fn a_shallow_clone_says_how_to_deepen_and_the_command_does_it() {
    let repository = Repository::new();
    repository.git(&["switch", "-q", "-c", "topic"]).file("src/a.rs", "a\n").commit("ours");
    let clone = tempfile::tempdir().unwrap();
    let url = format!("file://{}", repository.path().display());
    run(clone.path(), &["clone", "-q", "--depth=1", "--branch=topic", &url, "."]);
    run(clone.path(), &["remote", "set-head", "origin", "--delete"]);
    let changes = Repository::changes(clone.path(), Event::Local, "main");
    let reason = changes.lines.unwrap_err();
    let expected = "the clone is shallow and knows none of main, origin/main: \
                    `git fetch --unshallow origin main:refs/remotes/origin/main` gets the rest";
    assert!(reason.starts_with(expected), "{reason}");
    let command: Vec<&str> = reason.split('`').nth(1).unwrap().split(' ').skip(1).collect();
    run(clone.path(), &command);
    let changes = Repository::changes(clone.path(), Event::Local, "main");
    assert_eq!(told(changes), [file("src/a.rs", &[(1, 1)])]);
}

#[test]
fn without_a_common_ancestor_nothing_is_compared() {
    let repository = Repository::new();
    repository.git(&["switch", "-q", "--orphan", "other"]).file("src/a.rs", "a\n").commit("other");
    let changes = repository.local();
    let expected = Changes {
        base: Some("main".to_owned()),
        lines: Err("there is no common ancestor with main".to_owned()),
    };
    assert_eq!(changes, expected);
    let named = Repository::changes(repository.path(), Event::Local, "no-such-branch").lines.unwrap_err();
    assert_eq!(named, "git knows none of no-such-branch, origin/no-such-branch: nothing to compare with");
}

#[test]
fn without_git_the_reason_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let changes = Repository::changes(folder.path(), Event::Local, "");
    assert_eq!(changes.base, None);
    assert!(changes.lines.unwrap_err().starts_with("this is not a git repository"));
}
