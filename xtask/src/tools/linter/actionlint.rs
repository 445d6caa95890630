//! actionlint: mistakes in workflows of GitHub, and in the shell code in them where shellcheck is installed.

use serde::Deserialize;

use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Level, Location};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::linter::files::{any, batches, chosen, is_workflow};
use crate::tools::reading::{ReadError, Reading, ordinal};

pub(super) const LINTER: Linter = Linter {
    id: "actionlint",
    title: "look for mistakes in workflows",
    program: "actionlint",
    install: "go install github.com/rhysd/actionlint/cmd/actionlint@latest",
    optional: true,
    resource: Resource::Shared,
    found: 1..=1,
    explained_by: Level::Note,
    applies: |workspace| any(workspace, is_workflow, "workflow"),
    command,
    read,
};

/// The workflows are named one by one: left alone it looks for the folder of a git repository.
fn command(workspace: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line = CommandLine::new("actionlint").args(["-no-color", "-format", "{{json .}}"]);
    batches(&line.args(options.args.clone()), &chosen(workspace, is_workflow))
}

/// Source: <https://github.com/rhysd/actionlint/blob/main/docs/usage.md#format-error-messages>.
#[derive(Deserialize)]
struct Mistake {
    message: String,
    filepath: Option<String>,
    line: Option<i64>,
    column: Option<i64>,
    end_column: Option<i64>,
    kind: String,
    snippet: Option<String>,
}

fn read(reading: &Reading<'_>) -> Result<Vec<Finding>, ReadError> {
    // An empty list may be written as `null`.
    match serde_json::from_str::<Option<Vec<Mistake>>>(&reading.output.stdout) {
        Ok(mistakes) => Ok(mistakes.into_iter().flatten().map(|mistake| finding(reading, mistake)).collect()),
        // Without output it failed before it looked; how it ended says more.
        Err(_) if reading.output.stdout.trim().is_empty() && !reading.output.success() => Ok(Vec::new()),
        Err(error) => Err(reading.error(format!("actionlint's output cannot be read: {error}"))),
    }
}

fn finding(reading: &Reading<'_>, mistake: Mistake) -> Finding {
    let location = mistake.filepath.map(|path| {
        let (line, column) = (ordinal(mistake.line), ordinal(mistake.column));
        // The last column is part of what is meant.
        let end = ordinal(mistake.end_column.map(|column| column.saturating_add(1)));
        Location::at(reading.place(&path), line, column).until(line, end)
    });
    let finding = match shellcheck(&mistake.message) {
        Some((rule, level, message)) => Finding {
            url: Some(format!("https://www.shellcheck.net/wiki/{rule}")),
            ..reading.finding(rule, level, message)
        },
        None => reading.finding(mistake.kind, Level::Error, mistake.message),
    };
    Finding { location, rendered: mistake.snippet.filter(|snippet| !snippet.is_empty()), ..finding }
}

/// Rule, level and message of `shellcheck reported issue in this script: SC2086:info:1:6: MESSAGE`: what is only
/// worth knowing in a script is not worse in a workflow.
fn shellcheck(message: &str) -> Option<(&str, Level, &str)> {
    let issue = message.strip_prefix("shellcheck reported issue in this script: ")?;
    let mut parts = issue.splitn(5, ':');
    let (rule, level) = (parts.next()?, parts.next()?);
    let level = match level {
        "info" | "style" => Level::Note,
        "warning" => Level::Warning,
        _ => Level::Error,
    };
    Some((rule, level, parts.nth(2)?.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{output, places, recorded, workspace, workspace_with};

    #[test]
    fn mistakes_are_found() {
        let findings = LINTER.findings(&workspace(), &recorded("actionlint/findings", 1)).unwrap();
        let expected = [
            ".github/workflows/ci.yml:5:14 runner-label",
            ".github/workflows/ci.yml:7:15 action",
            ".github/workflows/ci.yml:8:23 expression",
            ".github/workflows/ci.yml:9:23 expression",
            ".github/workflows/ci.yml:11:14 SC2086",
        ];
        assert_eq!(places(&findings), expected);
        assert_eq!(findings[0].location.as_ref().unwrap().end_column, 26);
        assert!(findings[0].rendered.as_ref().unwrap().contains("^~~~"));
        let shell = &findings[4];
        assert_eq!(shell.level, Level::Note);
        assert_eq!(shell.message, "Double quote to prevent globbing and word splitting");
    }

    #[test]
    fn nothing_found_is_said() {
        assert_eq!(LINTER.findings(&workspace(), &recorded("actionlint/clean", 0)), Ok(Vec::new()));
        assert_eq!(LINTER.findings(&workspace(), &output(0, "null\n", "")), Ok(Vec::new()));
        assert!(LINTER.findings(&workspace(), &output(0, "", "")).is_err());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_a_finding() {
        let error = LINTER.findings(&workspace(), &recorded("actionlint/missing", 3)).unwrap_err();
        assert!(error.reason.starts_with("actionlint ended with exit code 3"), "{error}");
        assert!(error.excerpt.contains("nope.yml"));
    }

    #[test]
    fn only_workflows_are_named() {
        let files = [".github/dependabot.yml", ".github/workflows/a.yml", ".github/workflows/b.yaml"];
        let line = command(&workspace_with(&files), &Options::default())[0].to_string();
        assert_eq!(
            line,
            "actionlint -no-color -format '{{json .}}' .github/workflows/a.yml .github/workflows/b.yaml"
        );
    }
}
