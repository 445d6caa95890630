//! Files as arguments: which a linter looks at, and written so that no name becomes a flag.

use crate::model::command::CommandLine;
use crate::model::workspace::Workspace;

/// How many files one command names: far below what systems allow, and one start of a tool per that many is cheap.
const BATCH: usize = 400;

/// The files of the workspace that a linter looks at.
pub(super) fn chosen(workspace: &Workspace, wanted: fn(&str) -> bool) -> Vec<&str> {
    workspace.files.iter().map(String::as_str).filter(|file| wanted(file)).collect()
}

/// Nothing to do without such files.
pub(super) fn any(workspace: &Workspace, wanted: fn(&str) -> bool, what: &str) -> Result<(), String> {
    if workspace.files.iter().any(|file| wanted(file)) { Ok(()) } else { Err(format!("no {what}")) }
}

/// The command, once for each batch of files.
pub(super) fn batches(command: &CommandLine, files: &[&str]) -> Vec<CommandLine> {
    files.chunks(BATCH).map(|batch| command.clone().args(batch.iter().map(|file| operand(file)))).collect()
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether the name ends with a dot and one of these.
pub(super) fn ends(path: &str, extensions: &[&str]) -> bool {
    let extension = name(path).rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| extensions.contains(&extension))
}

/// Whether this is a workflow of GitHub Actions.
pub(super) fn is_workflow(path: &str) -> bool {
    let folder = path.strip_prefix(".github/workflows/");
    folder.is_some_and(|name| !name.contains('/')) && ends(path, &["yml", "yaml"])
}

/// Not every tool knows `--`, but each knows `./`.
fn operand(file: &str) -> String {
    if file.starts_with('-') { format!("./{file}") } else { file.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::workspace_with;

    #[test]
    fn a_name_that_looks_like_a_flag_stays_a_file() {
        let commands = batches(&CommandLine::new("tool"), &["-rf.sh", "a/-b.sh"]);
        assert_eq!(commands[0].arguments(), ["./-rf.sh", "a/-b.sh"]);
    }

    #[test]
    fn many_files_are_many_commands_and_none_is_lost() {
        let files = vec!["a"; BATCH + 1];
        let commands = batches(&CommandLine::new("tool"), &files);
        assert_eq!(commands.iter().map(|command| command.arguments().len()).collect::<Vec<_>>(), [BATCH, 1]);
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(any(&workspace_with(&["a.rs"]), is_workflow, "workflow"), Err("no workflow".to_owned()));
        assert_eq!(any(&workspace_with(&[".github/workflows/a.yaml"]), is_workflow, "workflow"), Ok(()));
    }

    #[test]
    fn workflows_lie_in_their_folder_and_not_below() {
        assert!(is_workflow(".github/workflows/ci.yml"));
        assert!(!is_workflow(".github/workflows/old/ci.yml") && !is_workflow("workflows/ci.yml"));
    }
}
