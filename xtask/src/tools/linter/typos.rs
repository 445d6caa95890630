//! typos: misspelt words in files and their names. It prints one JSON object a line.

use serde::Deserialize;

use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Level, Location};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::reading::{ReadError, Reading, ordinal};

pub(super) const LINTER: Linter = Linter {
    id: "typos",
    title: "look for misspelt words",
    program: "typos",
    install: "cargo install typos-cli --locked",
    optional: true,
    resource: Resource::Shared,
    found: 2..=2,
    explained_by: Level::Error,
    applies,
    command,
    read,
};

fn applies(workspace: &Workspace) -> Result<(), String> {
    if workspace.files.is_empty() { Err("no file".to_owned()) } else { Ok(()) }
}

fn command(_: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line = CommandLine::new("typos").args(["--format", "json", "--color", "never"]);
    vec![line.args(options.args.clone())]
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Typo(Typo),
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Typo {
    path: Option<String>,
    /// None when the name of the file is misspelt.
    line_num: Option<i64>,
    /// From 0, in bytes of the line.
    byte_offset: Option<i64>,
    #[serde(rename = "typo")]
    word: String,
    #[serde(default)]
    corrections: Vec<String>,
}

fn read(reading: &Reading<'_>) -> Result<Vec<Finding>, ReadError> {
    let mut findings = Vec::new();
    for line in reading.output.stdout.lines().filter(|line| line.starts_with('{')) {
        match serde_json::from_str(line) {
            Ok(Line::Typo(typo)) => findings.push(finding(reading, &typo)),
            Ok(Line::Other) => {}
            Err(error) => {
                let reason = format!("typos printed a line that cannot be read: {error}");
                return Err(reading.error(reason).with_findings(findings));
            }
        }
    }
    Ok(findings)
}

/// The column is counted in bytes, as the line itself is not printed: right for text that is ASCII up to there.
fn finding(reading: &Reading<'_>, typo: &Typo) -> Finding {
    let corrections: Vec<String> = typo.corrections.iter().map(|word| format!("`{word}`")).collect();
    let message = match corrections.as_slice() {
        [] => format!("`{}` is not allowed", typo.word),
        words => format!("`{}` should be {}", typo.word, words.join(" or ")),
    };
    let location = typo.path.as_ref().map(|path| {
        let path = reading.place(path);
        let Some(line) = typo.line_num else { return Location::at(path, 1, 1) };
        let column = ordinal(typo.byte_offset.map(|offset| offset.saturating_add(1)));
        let length = u32::try_from(typo.word.chars().count()).unwrap_or(0);
        let line = ordinal(Some(line));
        Location::at(path, line, column).until(line, column.saturating_add(length))
    });
    let rule = if typo.line_num.is_some() { "typo" } else { "typo-in-name" };
    Finding { location, ..reading.finding(rule, Level::Error, message) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{output, places, recorded, workspace};

    #[test]
    fn words_and_names_are_found() {
        let findings = LINTER.findings(&workspace(), &recorded("typos/findings", 2)).unwrap();
        let places = places(&findings);
        for expected in ["README.md:1:4 typo", "recieve.txt:1:1 typo-in-name", "recieve.txt:1:1 typo"] {
            assert!(places.iter().any(|place| place == expected), "{expected} is missing in {places:#?}");
        }
        let word = findings.iter().find(|finding| finding.place() == "README.md:1:4").unwrap();
        assert_eq!(word.message, "`recieve` should be `receive`");
        assert_eq!(word.location.as_ref().unwrap().end_column, 11);
    }

    #[test]
    fn a_wrong_call_is_not_a_finding() {
        let error = LINTER.findings(&workspace(), &recorded("typos/usage", 64)).unwrap_err();
        let reason =
            "typos ended with exit code 64 and named no finding: error: unexpected argument '--bad' found";
        assert_eq!(error.reason, reason);
    }

    #[test]
    fn other_kinds_of_lines_are_skipped_and_broken_ones_are_not() {
        let text = "{\"type\":\"binary_file\",\"path\":\"./a.png\"}\nwarning: noise\n";
        assert_eq!(LINTER.findings(&workspace(), &output(0, text, "")), Ok(Vec::new()));
        assert!(LINTER.findings(&workspace(), &output(0, "{\"type\":\"ty", "")).is_err());
    }
}
