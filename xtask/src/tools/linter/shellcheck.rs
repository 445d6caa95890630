//! shellcheck: mistakes in shell scripts, known by the ends of their names.

use serde::Deserialize;

use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Level, Location};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::linter::files::{any, batches, chosen, ends};
use crate::tools::reading::{ReadError, Reading, ordinal};

pub(super) const LINTER: Linter = Linter {
    id: "shellcheck",
    title: "look for mistakes in shell scripts",
    program: "shellcheck",
    install: "apt-get install shellcheck",
    optional: true,
    resource: Resource::Shared,
    found: 1..=1,
    explained_by: Level::Note,
    applies: |workspace| any(workspace, is_script, "shell script"),
    command,
    read,
};

fn is_script(path: &str) -> bool {
    ends(path, &["sh", "bash"])
}

fn command(workspace: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line = CommandLine::new("shellcheck").args(["--format", "json1"]).args(options.args.clone());
    batches(&line.arg("--"), &chosen(workspace, is_script))
}

#[derive(Deserialize)]
struct Report {
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    file: String,
    line: Option<i64>,
    end_line: Option<i64>,
    column: Option<i64>,
    end_column: Option<i64>,
    level: String,
    code: u32,
    message: String,
}

fn read(reading: &Reading<'_>) -> Result<Vec<Finding>, ReadError> {
    match serde_json::from_str::<Report>(&reading.output.stdout) {
        Ok(report) => Ok(report.comments.iter().map(|comment| finding(reading, comment)).collect()),
        // Without output it failed before it looked; how it ended says more.
        Err(_) if reading.output.stdout.trim().is_empty() && !reading.output.success() => Ok(Vec::new()),
        Err(error) => Err(reading.error(format!("shellcheck's output cannot be read: {error}"))),
    }
}

fn finding(reading: &Reading<'_>, comment: &Comment) -> Finding {
    let level = match comment.level.as_str() {
        "info" | "style" => Level::Note,
        "warning" => Level::Warning,
        _ => Level::Error,
    };
    let rule = format!("SC{:04}", comment.code);
    let location = Location::at(reading.place(&comment.file), ordinal(comment.line), ordinal(comment.column))
        .until(ordinal(comment.end_line), ordinal(comment.end_column));
    let url = Some(format!("https://www.shellcheck.net/wiki/{rule}"));
    Finding { url, ..reading.finding(rule, level, comment.message.as_str()).at(location) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{output, places, recorded, workspace, workspace_with};

    #[test]
    fn mistakes_are_found_with_their_level() {
        let findings = LINTER.findings(&workspace(), &recorded("shellcheck/findings", 1)).unwrap();
        let places = places(&findings);
        for expected in
            ["scripts/bad.sh:2:10 SC2045", "scripts/-dash.sh:1:6 SC2154", "scripts/broken.bash:2:1 SC1073"]
        {
            assert!(places.iter().any(|place| place == expected), "{expected} is missing in {places:#?}");
        }
        let of = |rule: &str| findings.iter().find(|finding| finding.rule == rule).unwrap();
        assert_eq!(
            [of("SC2045").level, of("SC2154").level, of("SC2086").level],
            [Level::Error, Level::Warning, Level::Note]
        );
        assert_eq!(of("SC2045").location.as_ref().unwrap().end_column, 21);
    }

    #[test]
    fn nothing_found_is_said() {
        assert_eq!(LINTER.findings(&workspace(), &recorded("shellcheck/clean", 0)), Ok(Vec::new()));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_no_verdict_and_the_rest_is_kept() {
        let error = LINTER.findings(&workspace(), &recorded("shellcheck/missing", 2)).unwrap_err();
        assert!(error.reason.contains("exit code 2, which no finding explains"), "{error}");
        assert!(error.findings.iter().any(|finding| finding.place().starts_with("scripts/bad.sh")));
    }

    #[test]
    fn a_wrong_call_is_not_a_finding() {
        assert!(LINTER.findings(&workspace(), &recorded("shellcheck/usage", 3)).is_err());
        assert!(LINTER.findings(&workspace(), &output(1, "{\"comments\":", "")).is_err());
    }

    #[test]
    fn scripts_are_named_behind_the_flags() {
        let options = Options { args: vec!["-x".to_owned()], ..Options::default() };
        let line = command(&workspace_with(&["-a.sh", "b.bash", "c.rs"]), &options)[0].to_string();
        assert_eq!(line, "shellcheck --format json1 -x -- ./-a.sh b.bash");
    }
}
