//! taplo: the formatting of TOML files, where the repository has settings for it. Its log is read.

use crate::kit::text::terminal;
use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Level, Location};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::reading::{Reading, ordinal};

pub(super) const LINTER: Linter = Linter {
    id: "taplo",
    title: "check the formatting of TOML files",
    program: "taplo",
    install: "cargo install taplo-cli --locked",
    optional: true,
    resource: Resource::Shared,
    found: 1..=1,
    explained_by: Level::Error,
    applies,
    command,
    read: |reading| Ok(read(reading)),
};

fn applies(workspace: &Workspace) -> Result<(), String> {
    let configured = workspace.has_file("taplo.toml") || workspace.has_file(".taplo.toml");
    if configured { Ok(()) } else { Err("no taplo.toml".to_owned()) }
}

/// `RUST_LOG` decides what taplo says at all, so it is not left to chance.
fn command(_: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line =
        CommandLine::new("taplo").args(["fmt", "--check", "--colors", "never"]).env("RUST_LOG", "warn");
    vec![line.args(options.args.clone())]
}

fn read(reading: &Reading<'_>) -> Vec<Finding> {
    let text = terminal(&reading.output.stderr);
    let mut findings = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(path) = unformatted(line) {
            let location = Location::at(reading.place(&path), 1, 1);
            let message = "not formatted as `taplo fmt` would";
            findings.push(reading.finding("format", Level::Error, message).at(location));
        } else if line.starts_with("error: ") {
            let block: Vec<&str> =
                std::iter::once(line).chain(lines.by_ref().take_while(|line| !line.is_empty())).collect();
            findings.push(invalid(reading, &block));
        }
    }
    findings
}

/// The path in `ERROR the file is not properly formatted path="PATH"`.
fn unformatted(line: &str) -> Option<String> {
    let (_, quoted) = line.split_once("the file is not properly formatted path=\"")?;
    Some(unquote(quoted.strip_suffix('"')?))
}

/// A file that is not TOML, as the lines below `error: invalid TOML` show it.
fn invalid(reading: &Reading<'_>, block: &[&str]) -> Finding {
    let location = block.iter().find_map(|line| {
        let mut parts = line.trim_start().strip_prefix("┌─ ")?.rsplitn(3, ':');
        let column = parts.next()?.parse().ok();
        let line = parts.next()?.parse().ok();
        Some(Location::at(reading.place(parts.next()?), ordinal(line), ordinal(column)))
    });
    let title = block.first().copied().unwrap_or_default().trim_start_matches("error: ");
    let detail = block.iter().find_map(|line| line.split_once("^ ").map(|(_, detail)| detail));
    let message = detail.map_or_else(|| title.to_owned(), |detail| format!("{title}: {detail}"));
    Finding { location, rendered: Some(block.join("\n")), ..reading.finding("syntax", Level::Error, message) }
}

/// Undoes Rust's `{:?}` of a text, as far as paths need it.
fn unquote(quoted: &str) -> String {
    let mut text = String::with_capacity(quoted.len());
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('u') => {
                    let code: String =
                        characters.by_ref().skip(1).take_while(|digit| *digit != '}').collect();
                    text.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
                }
                Some(itself) => text.push(itself),
                None => text.push('\\'),
            },
            itself => text.push(itself),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tools::reading::tests::{output, places, recorded, workspace};

    #[test]
    fn files_that_are_not_formatted_or_not_toml_are_found() {
        let findings = LINTER.findings(&workspace(), &recorded("taplo/findings", 1)).unwrap();
        let expected = ["bad.toml:1:1 format", "broken.toml:1:3 syntax", "crates/one/Cargo.toml:1:1 format"];
        assert_eq!(places(&findings), expected);
        assert_eq!(findings[1].message, "invalid TOML: expected \"]\"");
    }

    #[test]
    fn a_file_that_is_not_toml_fails_alone() {
        let findings = LINTER.findings(&workspace(), &recorded("taplo/invalid", 1)).unwrap();
        assert_eq!(places(&findings), ["broken.toml:1:3 syntax"]);
    }

    #[test]
    fn its_own_settings_are_a_file_too() {
        let findings = LINTER.findings(&workspace(), &recorded("taplo/bad-settings", 1)).unwrap();
        assert_eq!(places(&findings), [".taplo.toml:1:12 syntax"]);
    }

    #[test]
    fn failing_in_silence_is_not_a_finding() {
        assert!(LINTER.findings(&workspace(), &output(1, "", "")).is_err());
        assert!(LINTER.findings(&workspace(), &output(101, "", "thread 'main' panicked")).is_err());
    }

    #[test]
    fn longer_logs_are_read_too() {
        let line = "ERROR taplo:format_files: the file is not properly formatted path=\"/repo/a \\\"q\\\" é.toml\"\n";
        let findings = LINTER.findings(&workspace(), &output(1, "", line)).unwrap();
        assert_eq!(places(&findings), ["a \"q\" é.toml:1:1 format"]);
    }

    proptest! {
        #[test]
        fn a_quoted_text_comes_back(text in any::<String>()) {
            let quoted = format!("{text:?}");
            prop_assert_eq!(unquote(&quoted[1..quoted.len() - 1]).replace('\0', "0"), text.replace('\0', "0"));
        }
    }
}
