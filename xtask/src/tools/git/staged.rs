//! What is about to be committed: the index, which may differ from the working tree line by line. It is written out to a
//! folder of its own, so that what is looked at is what will be in the commit, and nothing of the user's is moved.

use std::collections::BTreeSet;
use std::path::Path;

use super::quiet;
use crate::model::command::{CommandLine, CommandOutput};
use crate::tools::process::Supervisor;

/// The mode of a submodule in the index.
const SUBMODULE: &str = "160000 ";

/// The files that differ between the last commit and the index, relative to the top, without those that go away.
///
/// # Errors
/// Why git does not tell.
pub fn files(supervisor: &Supervisor) -> Result<BTreeSet<String>, String> {
    let line = git([
        "diff",
        "--cached",
        "--name-only",
        "-z",
        "--no-renames",
        "--no-ext-diff",
        "--ignore-submodules=all",
        "--diff-filter=d",
    ]);
    Ok(entries(&asked(supervisor, &line)?).map(ToOwned::to_owned).collect())
}

/// Writes the whole index to a folder, as git would check it out; `top` is the top of the working tree. The content of
/// submodules is not in the index: they are linked to where they are.
///
/// # Errors
/// Why git cannot.
pub fn export(supervisor: &Supervisor, top: &Path, to: &Path) -> Result<(), String> {
    let prefix = format!("--prefix={}/", to.display());
    let export =
        git(["checkout-index", "--all", "--quiet", "--force", "--ignore-skip-worktree-bits", &prefix]);
    // Large files are fetched from elsewhere otherwise, and no linter reads them.
    asked(supervisor, &export.env("GIT_LFS_SKIP_SMUDGE", "1").cwd(top))?;
    let list = asked(supervisor, &git(["ls-files", "--stage", "-z"]).cwd(top))?;
    for entry in entries(&list).filter_map(|entry| entry.strip_prefix(SUBMODULE)) {
        if let Some((_, path)) = entry.split_once('\t') {
            link(&top.join(path), &to.join(path)).map_err(|error| format!("{path}: {error}"))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to.parent().unwrap_or(to))?;
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> std::io::Result<()> {
    Ok(())
}

fn git<'a>(args: impl IntoIterator<Item = &'a str>) -> CommandLine {
    quiet(CommandLine::new("git").args(args))
}

fn asked(supervisor: &Supervisor, line: &CommandLine) -> Result<String, String> {
    let output = supervisor.ask(line).map_err(|error| error.to_string())?;
    if !CommandOutput::success(&output) {
        return Err(output.stderr.lines().next().unwrap_or("git says no more").to_owned());
    }
    Ok(output.stdout)
}

fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end_matches('\n').split('\0').filter(|entry| !entry.is_empty())
}
