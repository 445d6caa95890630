//! Tags and commits, for releases.

use xshell::{Shell, cmd};

use super::quiet;
use crate::model::command::CommandOutput;
use crate::model::release::Commit;
use crate::tools::process::Supervisor;

/// What git could not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryError {
    what: &'static str,
    reason: String,
}

impl std::fmt::Display for HistoryError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "git does not tell {}: {}", self.what, self.reason)
    }
}

impl std::error::Error for HistoryError {}

/// The tags of commits that this commit follows, or that it is.
///
/// # Errors
/// When git cannot be asked, or does not know the commit.
pub fn tags(supervisor: &Supervisor, commit: &str) -> Result<Vec<String>, HistoryError> {
    let what = "which tags there are";
    let shell = shell(what)?;
    let list = cmd!(shell, "git tag --list --merged {commit}");
    let text = ask(supervisor, crate::tools::process_line(list), what)?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// The commits up to this one, the newest first; those that `since` follows, and itself, are left out.
///
/// # Errors
/// When git cannot be asked, or does not know one of both.
pub fn commits(
    supervisor: &Supervisor,
    since: Option<&str>,
    commit: &str,
) -> Result<Vec<Commit>, HistoryError> {
    let what = "which commits there are";
    let shell = shell(what)?;
    let without = since.map(|tag| format!("^refs/tags/{tag}"));
    // A message may hold anything but NUL.
    let format = "--format=%H%x00%P%x00%B%x00";
    let log = cmd!(shell, "git log -z --no-show-signature {format} {commit} {without...} --");
    Ok(read(&ask(supervisor, crate::tools::process_line(log), what)?))
}

/// Which of these files are not as the commit that is checked out has them; also those that git does not track.
///
/// # Errors
/// When git cannot be asked.
pub fn changed(supervisor: &Supervisor, files: &[String]) -> Result<Vec<String>, HistoryError> {
    let what = "whether files are committed";
    // Without a name git would tell of all.
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let shell = shell(what)?;
    let status =
        cmd!(shell, "git --literal-pathspecs status --porcelain=v1 -z --no-renames --ignored --").args(files);
    let text = ask(supervisor, crate::tools::process_line(status), what)?;
    // Two letters and a blank stand before each.
    Ok(text.split('\0').filter_map(|entry| entry.get(3..)).map(str::to_owned).collect())
}

fn shell(what: &'static str) -> Result<Shell, HistoryError> {
    Shell::new().map_err(|error| HistoryError { what, reason: error.to_string() })
}

fn ask(
    supervisor: &Supervisor,
    line: crate::model::command::CommandLine,
    what: &'static str,
) -> Result<String, HistoryError> {
    let failed = |reason: String| HistoryError { what, reason };
    let output = supervisor.ask(&quiet(line)).map_err(|error| failed(error.to_string()))?;
    if output.success() { Ok(output.stdout) } else { Err(failed(said(&output))) }
}

fn said(output: &CommandOutput) -> String {
    let line = output.stderr.lines().find(|line| !line.trim().is_empty()).map(str::trim);
    line.unwrap_or("it fails, and does not say why").to_owned()
}

/// Commit, parents and message, each ended by NUL, and one more NUL between two of them.
fn read(text: &str) -> Vec<Commit> {
    let mut fields = text.split('\0');
    let mut commits = Vec::new();
    while let (Some(sha), Some(parents), Some(message)) = (fields.next(), fields.next(), fields.next()) {
        let is_merge = parents.split_whitespace().count() > 1;
        commits.push(Commit { sha: sha.trim().to_owned(), message: message.trim().to_owned(), is_merge });
        fields.next();
    }
    commits.retain(|commit| !commit.sha.is_empty());
    commits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn commits_are_told_apart() {
        let text = "aa\0bb cc\0Merge x\n\nbody\n\0\0bb\0\0feat: a\n\0\n";
        let commits = read(text);
        assert_eq!(commits.len(), 2);
        assert!(commits[0].is_merge && commits[0].message == "Merge x\n\nbody");
        assert_eq!((commits[1].sha.as_str(), commits[1].message.as_str()), ("bb", "feat: a"));
        assert_eq!(read(""), []);
    }

    proptest! {
        #[test]
        fn any_output_is_read_without_a_panic(text in "[a-f\0 \n]{0,60}") {
            prop_assert!(read(&text).iter().all(|commit| !commit.sha.is_empty()));
        }
    }
}
