//! rustfmt, through `cargo fmt`. Its text is read, as its JSON needs a nightly compiler.
//! The packages are named one by one: `--all` would also look at path dependencies outside the workspace.

use crate::kit::text::{shorten, terminal};
use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Level, Location};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::reading::{Reading, ordinal};

const RULE: &str = "rustfmt";

/// What rustfmt says when it cannot follow a `mod`.
const UNREADABLE: &str = "Error writing files: ";

pub(super) const LINTER: Linter = Linter {
    id: "fmt",
    title: "check the formatting of Rust code",
    program: "cargo-fmt",
    install: "rustup component add rustfmt",
    optional: false,
    resource: Resource::Shared,
    found: 1..=1,
    explained_by: Level::Error,
    applies,
    command,
    read: |reading| Ok(read(reading)),
};

fn applies(workspace: &Workspace) -> Result<(), String> {
    if workspace.packages.is_empty() { Err("no package".to_owned()) } else { Ok(()) }
}

fn command(workspace: &Workspace, options: &Options) -> Vec<CommandLine> {
    let packages = workspace.packages.iter().flat_map(|package| ["-p", package.name.as_str()]);
    let check = ["--", "--check", "--color", "never"];
    vec![CommandLine::new("cargo").arg("fmt").args(packages).args(check).args(options.args.clone())]
}

fn read(reading: &Reading<'_>) -> Vec<Finding> {
    let mut findings = differences(reading, &terminal(&reading.output.stdout));
    findings.extend(complaints(reading, &terminal(&reading.output.stderr)));
    findings
}

/// What rustfmt would change, one finding for each place.
fn differences(reading: &Reading<'_>, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(path) = line.strip_prefix("Incorrect newline style in ") {
            let message = "the line ends are not those that `newline_style` asks for";
            let location = Location::at(reading.place(path), 1, 1);
            findings.push(reading.finding(RULE, Level::Error, message).at(location));
        } else if let Some((path, first)) = header(line) {
            let mut hunk = Vec::new();
            while let Some(line) = lines.next_if(|line| line.starts_with([' ', '+', '-'])) {
                hunk.push(line);
            }
            findings.push(difference(reading, &reading.place(path), first, &hunk));
        }
    }
    findings
}

/// Path and first line of `Diff in PATH:LINE:`, or as older versions say, `Diff in PATH at line LINE:`.
fn header(line: &str) -> Option<(&str, u32)> {
    let place = line.strip_prefix("Diff in ")?.strip_suffix(':')?;
    let at = |separator| {
        let (path, line) = place.rsplit_once(separator)?;
        Some((path, line.parse().ok()?))
    };
    at(":").or_else(|| at(" at line "))
}

/// A hunk begins with lines that stay as they are; the finding is at the first that does not.
fn difference(reading: &Reading<'_>, path: &str, first: u32, hunk: &[&str]) -> Finding {
    let with = |sign: char| hunk.iter().filter_map(move |line| line.strip_prefix(sign));
    let kept = hunk.iter().take_while(|line| line.starts_with(' ')).count();
    let start = first.saturating_add(u32::try_from(kept).unwrap_or(0));
    let removed = u32::try_from(with('-').count()).unwrap_or(0);
    let end = start.saturating_add(removed.saturating_sub(1));
    let shown = |line: &str| match line.trim() {
        "" => "a blank line".to_owned(),
        text => format!("`{}`", shorten(text, 80)),
    };
    let message = match (with('-').next(), with('+').next()) {
        (Some(_), Some(wanted)) => format!("not formatted: this should become {}", shown(wanted)),
        (Some(unwanted), None) => format!("not formatted: {} should go", shown(unwanted)),
        (None, Some(wanted)) => format!("not formatted: {} is missing", shown(wanted)),
        (None, None) => "not formatted".to_owned(),
    };
    let location = Location::at(path, start, 1).until(end, 1);
    let rendered = (!hunk.is_empty()).then(|| hunk.join("\n"));
    Finding { rendered, ..reading.finding(RULE, Level::Error, message).at(location) }
}

/// What rustfmt could not even read: errors as the compiler writes them, and files that are not there.
fn complaints(reading: &Reading<'_>, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(what) = line.strip_prefix(UNREADABLE) {
            findings.push(reading.finding(RULE, Level::Error, what));
            continue;
        }
        let Some((rule, message)) = error(line) else { continue };
        let mut block = vec![line];
        while let Some(line) = lines.next_if(|line| !line.is_empty() && !line.starts_with(UNREADABLE)) {
            block.push(line);
        }
        let location = block.iter().find_map(|line| arrow(reading, line));
        let rendered = Some(block.join("\n"));
        findings.push(Finding { location, rendered, ..reading.finding(rule, Level::Error, message) });
    }
    findings
}

/// Rule and message of `error: MESSAGE` or `error[CODE]: MESSAGE`.
fn error(line: &str) -> Option<(&str, &str)> {
    let (kind, message) = line.split_once(": ")?;
    let code = kind.strip_prefix("error")?;
    let rule = code.strip_prefix('[').and_then(|code| code.strip_suffix(']'));
    if message.starts_with("aborting due to") || (rule.is_none() && !code.is_empty()) {
        return None;
    }
    Some((rule.unwrap_or(RULE), message))
}

/// The place behind `--> PATH:LINE:COLUMN`.
fn arrow(reading: &Reading<'_>, line: &str) -> Option<Location> {
    let mut parts = line.trim_start().strip_prefix("--> ")?.rsplitn(3, ':');
    let column = parts.next()?.parse().ok();
    let line = parts.next()?.parse().ok();
    Some(Location::at(reading.place(parts.next()?), ordinal(line), ordinal(column)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{output, places, recorded, workspace};

    fn found(name: &str) -> Vec<Finding> {
        LINTER.findings(&workspace(), &recorded(name, 1)).unwrap()
    }

    #[test]
    fn each_difference_is_at_the_line_that_changes() {
        let findings = found("fmt/differences");
        let expected = [
            "crates/one/src/lib.rs:16:1 rustfmt",
            "crates/one/src/lib.rs:23:1 rustfmt",
            "crates/two words é/src/lib.rs:2:1 rustfmt",
        ];
        assert_eq!(places(&findings), expected);
        assert_eq!(findings[0].location.as_ref().unwrap().end_line, 17);
        assert!(findings[0].message.contains("`pub fn badly(a: i32) -> i32 {`"));
        assert!(findings[0].rendered.as_ref().unwrap().contains("\n-pub fn   badly (a:i32)->i32{\n"));
    }

    #[test]
    fn code_that_does_not_parse_is_a_finding() {
        let findings = found("fmt/parse-error");
        let error = findings.iter().find(|finding| finding.message.contains("missing parameters")).unwrap();
        assert_eq!(error.place(), "crates/one/src/lib.rs:25:15");
    }

    #[test]
    fn a_missing_file_is_a_finding() {
        let findings = found("fmt/missing-module");
        assert!(findings.iter().any(|finding| finding.message.contains("failed to resolve mod `nope`")));
    }

    #[test]
    fn line_ends_are_a_finding() {
        assert_eq!(places(&found("fmt/newlines")), ["/solo/src/lib.rs:1:1 rustfmt"]);
    }

    #[test]
    fn a_call_that_cargo_refuses_is_not_a_finding() {
        let error = LINTER.findings(&workspace(), &recorded("fmt/usage", 1)).unwrap_err();
        assert_eq!(error.reason, "fmt ended with exit code 1 and named no finding");
        assert!(error.excerpt.contains("--message-format"));
    }

    #[test]
    fn older_versions_and_colours_are_read_too() {
        let text = "Diff in /repo/a at line 3.rs at line 7:\n\u{1b}[31m-x\u{1b}[0m\n";
        let findings = LINTER.findings(&workspace(), &output(1, text, "")).unwrap();
        assert_eq!(places(&findings), ["a at line 3.rs:7:1 rustfmt"]);
        assert_eq!(findings[0].message, "not formatted: `x` should go");
    }

    #[test]
    fn exactly_the_members_are_named() {
        let line = command(&workspace(), &Options::default())[0].to_string();
        assert_eq!(line, "cargo fmt -p one -p two -- --check --color never");
    }
}
