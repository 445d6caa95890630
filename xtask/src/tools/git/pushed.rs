//! What is about to be pushed: the files in which it differs from what the other side has.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Read as _};

use super::quiet;
use crate::model::command::{CommandLine, CommandOutput};
use crate::tools::process::Supervisor;

/// The most bytes that are read of what git says: many thousands of refs.
const LARGEST: u64 = 16 << 20;

/// One line of what git tells a `pre-push` hook. Source: `git help githooks`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// Whatever the user wrote, blanks included.
    local: String,
    /// None when the ref is deleted over there.
    commit: Option<String>,
    /// What the other side has; none when the ref is new there.
    before: Option<String>,
}

/// What a push brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The files that differ, relative to the supervisor's root, or why they are not known.
    pub files: Result<BTreeSet<String>, String>,
    /// What is pushed and not checked out, as the user wrote it.
    pub elsewhere: Vec<String>,
}

/// What git says on standard input; nothing when a person calls.
#[must_use]
pub fn told() -> String {
    let mut bytes = Vec::new();
    if !std::io::stdin().is_terminal() {
        // What cannot be read is not known, and what is not known is tested whole.
        let _ = std::io::stdin().lock().take(LARGEST).read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What is pushed to a remote, from what git says of it. When it says nothing, that is what is checked out.
#[must_use]
pub fn pushed(supervisor: &Supervisor, remote: Option<&str>, told: &str) -> Pushed {
    let head = commit(supervisor, "HEAD");
    let lines = read(told);
    let mut pushed = Pushed { files: Ok(BTreeSet::new()), elsewhere: Vec::new() };
    let lines = lines.unwrap_or_else(|| {
        vec![Line { local: "HEAD".to_owned(), commit: head.clone(), before: commit(supervisor, "@{push}") }]
    });
    for line in lines {
        let Some(new) = line.commit.as_deref().and_then(|name| commit(supervisor, name)) else { continue };
        if Some(&new) != head.as_ref() {
            pushed.elsewhere.push(line.local);
            continue;
        }
        let base = match line.before.as_deref() {
            Some(before) => commit(supervisor, before).ok_or_else(|| {
                "the other side has commits that are not here: `git fetch` gets them".to_owned()
            }),
            None => branched_off(supervisor, remote.unwrap_or("origin"), &new),
        };
        let files = base.and_then(|base| differing(supervisor, &base, &new));
        pushed.files = match (pushed.files, files) {
            (Ok(mut all), Ok(more)) => {
                all.extend(more);
                Ok(all)
            }
            (Err(reason), _) | (_, Err(reason)) => Err(reason),
        };
    }
    pushed
}

/// None when git says nothing.
fn read(told: &str) -> Option<Vec<Line>> {
    let lines = told.lines().filter(|line| !line.trim().is_empty()).filter_map(|line| {
        let mut words = line.rsplitn(4, ' ');
        let (before, _, new) = (words.next()?, words.next()?, words.next()?);
        let known = |id: &str| Some(id.to_owned()).filter(|id| !id.bytes().all(|byte| byte == b'0'));
        Some(Line { local: words.next()?.to_owned(), commit: known(new), before: known(before) })
    });
    let lines: Vec<Line> = lines.collect();
    if lines.is_empty() { None } else { Some(lines) }
}

/// Where a branch that is new to a remote left the remote's default branch.
fn branched_off(supervisor: &Supervisor, remote: &str, new: &str) -> Result<String, String> {
    let names = ["HEAD", "main", "master"].map(|name| format!("refs/remotes/{remote}/{name}"));
    let base = names.iter().find_map(|name| {
        let line = git(["merge-base", "--end-of-options", name, new]);
        supervisor.ask(&line).ok().filter(CommandOutput::success)?.stdout.lines().next().map(str::to_owned)
    });
    base.ok_or_else(|| format!("the branch is new, and no default branch of {remote} is known here"))
}

fn differing(supervisor: &Supervisor, base: &str, new: &str) -> Result<BTreeSet<String>, String> {
    let line = git([
        "diff-tree",
        "-r",
        "-z",
        "--name-only",
        "--no-renames",
        "--no-ext-diff",
        "--end-of-options",
        base,
        new,
    ]);
    let output = supervisor.ask(&line).map_err(|error| error.to_string())?;
    if !output.success() {
        return Err(output.stderr.lines().next().unwrap_or("git says no more").to_owned());
    }
    let below = supervisor.ask(&git(["rev-parse", "--show-prefix"])).map_err(|error| error.to_string())?;
    let below = below.stdout.strip_suffix('\n').unwrap_or_default().to_owned();
    let names = output.stdout.trim_end_matches('\n').split('\0').filter(|name| !name.is_empty());
    Ok(names
        .map(|name| name.strip_prefix(&below).map_or_else(|| format!("../{name}"), str::to_owned))
        .collect())
}

/// The commit that a name stands for; none when it is not here.
fn commit(supervisor: &Supervisor, name: &str) -> Option<String> {
    let name = format!("{name}^{{commit}}");
    supervisor.first_line(&git(["rev-parse", "--verify", "--quiet", "--end-of-options", &name]))
}

fn git<'a>(args: impl IntoIterator<Item = &'a str>) -> CommandLine {
    quiet(CommandLine::new("git").args(args))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_from_its_end() {
        let (new, old, zero) = ("a".repeat(40), "b".repeat(40), "0".repeat(40));
        let told = format!(
            "HEAD^{{/two words}} {new} refs/heads/x {old}\n(delete) {zero} refs/heads/y {old}\nrefs/heads/z {new} refs/heads/z {zero}\n"
        );
        let lines = read(&told).unwrap();
        assert_eq!(lines[0].local, "HEAD^{/two words}");
        assert_eq!((lines[0].commit.as_ref(), lines[0].before.as_ref()), (Some(&new), Some(&old)));
        assert_eq!((&lines[1].commit, &lines[2].before), (&None, &None));
    }

    #[test]
    fn silence_is_no_line() {
        assert_eq!((read(""), read("\n")), (None, None));
        assert_eq!(read("three words only\n"), None);
    }
}
