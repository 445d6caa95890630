//! The lines that a change touches: what differs between the common ancestor with its base and the working tree,
//! uncommitted changes and files that git does not track yet included.

use std::collections::BTreeSet;

use slipway_coverage::patch::Diff;

use super::{GitState, quiet};
use crate::model::command::{CommandLine, CommandOutput};
use crate::model::context::Base;
use crate::tools::files;
use crate::tools::process::Supervisor;

/// A change, as git tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// What it is compared with, as people call it; none when git knows none of the bases.
    pub base: Option<String>,
    /// The changed lines by file, relative to the supervisor's root, or why they are not known.
    pub lines: Result<Diff, String>,
}

/// Asks git what differs from the first of the bases that it knows, in files whose names end in one of `endings`
/// (`rs`).
#[must_use]
pub fn changes(
    supervisor: &Supervisor,
    git: &GitState,
    bases: &[Base],
    endings: &BTreeSet<String>,
) -> Changes {
    let unknown = |reason: String| Changes { base: None, lines: Err(reason) };
    if git.checkout.commit.is_none() {
        let reason = git.note.clone().unwrap_or_else(|| "the commit is not known".to_owned());
        return unknown(reason);
    }
    let Some(base) = bases.iter().find(|base| is_known(supervisor, &base.revision)) else {
        return unknown(no_base(git, bases));
    };
    let lines = ancestor(supervisor, git, base).and_then(|ancestor| {
        let mut diff = changed(supervisor, &ancestor, endings)?;
        add_untracked(supervisor, &mut diff, endings)?;
        Ok(diff)
    });
    Changes { base: Some(base.name.clone()), lines }
}

fn is_known(supervisor: &Supervisor, revision: &str) -> bool {
    let commit = format!("{revision}^{{commit}}");
    let line = git(["rev-parse", "--verify", "--quiet", "--end-of-options", &commit]);
    supervisor.ask(&line).is_ok_and(|output| output.success())
}

fn no_base(git: &GitState, bases: &[Base]) -> String {
    let names: Vec<&str> = bases.iter().map(|base| base.name.as_str()).collect();
    let names = names.join(", ");
    if git.checkout.shallow {
        let branch = bases.iter().find_map(|base| base.branch.as_deref());
        return format!("the clone is shallow and knows none of {names}: {}", deepen(branch));
    }
    format!("git knows none of {names}: nothing to compare with")
}

/// The exact command that gets the history which is missing.
fn deepen(branch: Option<&str>) -> String {
    let refspec =
        branch.map_or_else(String::new, |branch| format!(" origin {branch}:refs/remotes/origin/{branch}"));
    format!(
        "`git fetch --unshallow{refspec}` gets the rest, and so does `fetch-depth: 0` of actions/checkout"
    )
}

fn ancestor(supervisor: &Supervisor, git_state: &GitState, base: &Base) -> Result<String, String> {
    let line = git(["merge-base", "--end-of-options", &base.revision, "HEAD"]);
    let output = asked(supervisor, &line)?;
    match output.stdout.lines().next() {
        Some(commit) if output.success() => Ok(commit.trim().to_owned()),
        _ if git_state.checkout.shallow => Err(format!(
            "the clone is shallow and does not reach the common ancestor with {}: {}",
            base.name,
            deepen(base.branch.as_deref())
        )),
        _ => Err(format!("there is no common ancestor with {}", base.name)),
    }
}

/// What settings of the user could change is given as a flag.
fn changed(supervisor: &Supervisor, ancestor: &str, endings: &BTreeSet<String>) -> Result<Diff, String> {
    let fixed = [
        "diff",
        "--unified=0",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--text",
        "--find-renames",
        "--relative",
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--submodule=short",
        "--diff-filter=d",
    ];
    let output = asked(supervisor, &git(fixed).arg(ancestor).arg("--").args(globs(endings)))?;
    if !output.success() {
        return Err(format!("git diff failed: {}", first_line(&output.stderr)));
    }
    Diff::parse(&output.stdout).map_err(|error| format!("the output of git diff cannot be read: {error}"))
}

fn add_untracked(supervisor: &Supervisor, diff: &mut Diff, endings: &BTreeSet<String>) -> Result<(), String> {
    let list = git(["ls-files", "-z", "--others", "--exclude-standard", "--"]).args(globs(endings));
    let output = asked(supervisor, &list)?;
    for path in output.stdout.trim_end_matches('\n').split('\0').filter(|path| !path.is_empty()) {
        let text = files::read(&supervisor.root.join(path)).unwrap_or_default();
        diff.add_new(path, u32::try_from(text.lines().count()).unwrap_or(u32::MAX));
    }
    Ok(())
}

fn globs(endings: &BTreeSet<String>) -> impl Iterator<Item = String> + '_ {
    endings.iter().map(|ending| format!("*.{ending}"))
}

fn git<'a>(args: impl IntoIterator<Item = &'a str>) -> CommandLine {
    let pathspecs =
        ["GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"];
    let line = pathspecs.into_iter().fold(CommandLine::new("git"), |line, name| line.env(name, "0"));
    quiet(line.args(args))
}

fn asked(supervisor: &Supervisor, line: &CommandLine) -> Result<CommandOutput, String> {
    supervisor.ask(line).map_err(|error| error.to_string())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests;
