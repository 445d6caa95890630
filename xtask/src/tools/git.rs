//! What git says of the working tree. Without git, or outside a repository, it says nothing and that is fine.

use std::path::PathBuf;

use xshell::{Shell, cmd};

use super::process::Supervisor;
use crate::model::command::{CommandLine, CommandOutput};
use crate::model::context::Checkout;

mod changes;
mod history;
pub mod hooks;
pub mod pushed;
pub mod staged;

pub use changes::{Changes, changes};
pub use history::{HistoryError, changed, commits, tags};

/// The state of the checkout, and what should be said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitState {
    /// The facts.
    pub checkout: Checkout,
    /// The files that git tracks or would track, relative to the supervisor's root; none outside a repository.
    pub files: Option<Vec<String>>,
    /// A sentence for the report, when something is unusual.
    pub note: Option<String>,
}

/// The address of the remote `origin`.
#[must_use]
pub fn origin(supervisor: &Supervisor) -> Option<String> {
    let shell = Shell::new().ok()?;
    supervisor.first_line(&quiet(super::process_line(cmd!(shell, "git remote get-url origin"))))
}

/// The folder of the whole repository that the supervisor's root is in; none outside one.
#[must_use]
pub fn toplevel(supervisor: &Supervisor) -> Option<PathBuf> {
    let shell = Shell::new().ok()?;
    let line =
        supervisor.first_line(&quiet(super::process_line(cmd!(shell, "git rev-parse --show-toplevel"))))?;
    Some(PathBuf::from(line))
}

/// Asks git about the supervisor's root.
#[must_use]
pub fn look(supervisor: &Supervisor) -> GitState {
    let Ok(shell) = Shell::new() else { return GitState::default() };
    let status = quiet(super::process_line(cmd!(
        shell,
        "git status --porcelain=v2 --branch -z --untracked-files=normal"
    )));
    let output = match supervisor.ask(&status) {
        Ok(output) => output,
        Err(error) => {
            let note = Some(format!("{error}; the commit is not known"));
            return GitState { note, ..GitState::default() };
        }
    };
    if !output.success() {
        let note = if output.stderr.contains("dubious ownership") {
            "git does not trust the owner of this folder (`git config safe.directory`); the commit is not known"
        } else {
            "this is not a git repository; the commit is not known"
        };
        return GitState { note: Some(note.to_owned()), ..GitState::default() };
    }
    let mut checkout = read_status(&output.stdout);
    let shallow = quiet(super::process_line(cmd!(shell, "git rev-parse --is-shallow-repository")));
    checkout.shallow = supervisor.first_line(&shallow).as_deref() == Some("true");
    let list =
        quiet(super::process_line(cmd!(shell, "git ls-files -z --cached --others --exclude-standard")));
    let listed = supervisor.ask(&list).ok().filter(CommandOutput::success);
    let files = listed.map(|listed| read_files(&listed.stdout)).filter(|files| !files.is_empty());
    let note = match &checkout {
        Checkout { commit: None, .. } => Some("the repository has no commit yet".to_owned()),
        Checkout { branch: None, .. } => Some("HEAD is detached; the branch is not known".to_owned()),
        _ => None,
    };
    GitState { checkout, files, note }
}

/// When a commit was made, in seconds since 1970; none when git does not have it.
#[must_use]
pub fn committed(supervisor: &Supervisor, commit: &str) -> Option<i64> {
    let shell = Shell::new().ok()?;
    let show = cmd!(shell, "git show --no-patch --no-show-signature --format=%ct --end-of-options {commit}");
    supervisor.first_line(&quiet(super::process_line(show)))?.trim().parse().ok()
}

/// The default branch of `origin`, when git knows it.
#[must_use]
pub fn default_branch(supervisor: &Supervisor) -> Option<String> {
    let shell = Shell::new().ok()?;
    let head = cmd!(shell, "git symbolic-ref --quiet --short refs/remotes/origin/HEAD");
    let line = supervisor.first_line(&quiet(super::process_line(head)))?;
    line.trim().strip_prefix("origin/").map(ToOwned::to_owned)
}

/// A git command that asks nobody, takes no lock that another git might want, and speaks English.
fn quiet(command: CommandLine) -> CommandLine {
    command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0")
}

/// Source: `git help status`, "Porcelain Format Version 2".
fn read_status(text: &str) -> Checkout {
    let mut checkout = Checkout::default();
    for entry in text.trim_end_matches('\n').split('\0').filter(|entry| !entry.is_empty()) {
        if let Some(commit) = entry.strip_prefix("# branch.oid ") {
            checkout.commit = Some(commit.to_owned()).filter(|commit| commit != "(initial)");
        } else if let Some(branch) = entry.strip_prefix("# branch.head ") {
            checkout.branch = Some(branch.to_owned()).filter(|branch| branch != "(detached)");
        } else if !entry.starts_with('#') {
            checkout.dirty = true;
        }
    }
    checkout
}

fn read_files(text: &str) -> Vec<String> {
    let mut files: Vec<String> = text
        .trim_end_matches('\n')
        .split('\0')
        .filter(|file| !file.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    files.sort();
    files.dedup();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_branch_with_changes() {
        let checkout = read_status("# branch.oid abc\0# branch.head main\0? new file\0");
        let expected =
            Checkout { commit: Some("abc".into()), branch: Some("main".into()), shallow: false, dirty: true };
        assert_eq!(checkout, expected);
    }

    #[test]
    fn reads_a_detached_head_and_an_empty_repository() {
        assert_eq!(read_status("# branch.oid abc\0# branch.head (detached)\0").branch, None);
        assert_eq!(read_status("# branch.oid (initial)\0# branch.head main\0").commit, None);
    }
}
