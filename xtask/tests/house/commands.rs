//! Verbs and flags: README against the real executable, both ways; and every command line in a page is one that the
//! executable understands.

use std::collections::BTreeSet;
use std::process::Command;

use super::markdown::{code, column};
use super::tree::{Findings, Tree, found, none};

/// What stands below `Commands:` or before the description of a flag.
fn help(args: &[&str]) -> Result<String, String> {
    let output =
        Command::new(env!("CARGO_BIN_EXE_xtask")).args(args).env("SLIPWAY_MODE", "").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    if output.status.success() { Ok(String::from_utf8(output.stdout).unwrap()) } else { Err(error) }
}

fn subcommands(help: &str) -> Vec<String> {
    let below = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let rows = below.take_while(|line| line.starts_with("  "));
    rows.filter_map(|row| row.split_whitespace().next()).map(str::to_owned).collect()
}

/// Whether the verb can be run as it is, beside its subcommands.
fn can_be_run(help: &str) -> bool {
    let usage = help.lines().skip_while(|line| !line.starts_with("Usage:"));
    usage.take_while(|line| !line.is_empty()).any(|line| !line.ends_with("<COMMAND>"))
}

/// Every verb that can be run, such as `report show`.
fn verbs() -> BTreeSet<String> {
    verbs_below(&[])
}

fn verbs_below(path: &[String]) -> BTreeSet<String> {
    let args: Vec<&str> = path.iter().map(String::as_str).chain(["--help"]).collect();
    let told = help(&args).unwrap();
    let own = can_be_run(&told).then(|| path.join(" "));
    let below = subcommands(&told).into_iter().flat_map(|verb| verbs_below(&[path, &[verb]].concat()));
    own.into_iter().chain(below).collect()
}

/// The long flags that a help text lists.
fn flags(help: &str) -> BTreeSet<String> {
    let lines = help.lines().map(str::trim_start).filter(|line| line.starts_with('-'));
    let words = lines.flat_map(|line| line.split([' ', ',', '<']).filter(|word| word.starts_with("--")));
    words.map(str::to_owned).collect()
}

/// What is on one side only.
fn differences(what: &str, real: &BTreeSet<String>, documented: &BTreeSet<String>) -> Findings {
    let missing = real.difference(documented).map(|name| format!("README.md: {what} `{name}` is missing"));
    let gone = documented.difference(real).map(|name| format!("README.md: there is no {what} `{name}`"));
    missing.chain(gone).collect()
}

/// `cargo xtask config explain KEY` is the verb `config explain`.
fn documented_verbs(readme: &str) -> BTreeSet<String> {
    let is_verb = |word: &&str| word.chars().all(|c| c.is_ascii_lowercase());
    let verb = |cell: String| {
        let line = cell.trim_matches('`').strip_prefix("cargo xtask ")?.to_owned();
        Some(line.split(' ').take_while(is_verb).collect::<Vec<_>>().join(" "))
    };
    column(readme, "## Verbs", 0).into_iter().filter_map(verb).collect()
}

fn documented_flags(readme: &str) -> BTreeSet<String> {
    let of_images = column(readme, "### Flags of images", 1);
    let of_releases = column(readme, "### Flags of releases", 1);
    let cells = [column(readme, "## Flags", 0), of_images, of_releases].concat().join(" ");
    cells.split([' ', '`', ',']).filter(|word| word.starts_with("--")).map(str::to_owned).collect()
}

/// Every `cargo xtask …` of a page, as far as the line says it.
fn lines(tree: &Tree) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (page, text) in tree.pages() {
        for (line, span) in code(text) {
            if let Some(args) = span.split("cargo xtask ").nth(1) {
                lines.push((format!("{page}:{line}"), args.to_owned()));
            }
        }
    }
    lines
}

/// What the executable says against these arguments. `--help` keeps it from doing what it understands.
pub(crate) fn refused(args: &str) -> Option<String> {
    let mut args: Vec<&str> =
        args.split_whitespace().take_while(|word| !matches!(*word, "&&" | ">" | "|")).collect();
    let end = args.iter().position(|word| *word == "--").unwrap_or(args.len());
    args.insert(end, "--help");
    help(&args).err().map(|error| error.lines().next().unwrap_or_default().to_owned())
}

fn refused_lines(tree: &Tree) -> Findings {
    let told = |(place, args): (String, String)| {
        refused(&args).map(|error| format!("{place}: `cargo xtask {args}`: {error}"))
    };
    lines(tree).into_iter().filter_map(told).collect()
}

#[test]
fn readme_knows_every_verb_and_no_other() {
    let tree = Tree::ours();
    none("verbs", &differences("verb", &verbs(), &documented_verbs(tree.text("README.md"))));
}

#[test]
fn readme_knows_every_flag_and_no_other() {
    let mut real = flags(&help(&["--help"]).unwrap());
    let verbs = [
        &["test"][..],
        &["coverage"],
        &["image", "tags"],
        &["cd"],
        &["comment"],
        &["init"],
        &["release", "plan"],
        &["release", "run"],
        &["release", "promote"],
    ];
    for verb in verbs {
        real.extend(flags(&help(&[verb, &["--help"]].concat()).unwrap()));
    }
    let tree = Tree::ours();
    none("flags", &differences("flag", &real, &documented_flags(tree.text("README.md"))));
}

#[test]
fn every_command_line_in_a_page_is_understood() {
    none("command lines", &refused_lines(&Tree::ours()));
}

#[test]
fn a_wrong_verb_or_flag_is_found() {
    let readme = "## Verbs\n\n| verb | does |\n|---|---|\n| `cargo xtask ci` | a |\n\
                  | `cargo xtask config explain KEY` | b |\n| `cargo xtask deploy` | c |\n\n\
                  ## Flags\n\n| flag | does |\n|---|---|\n| `-q`, `--quiet` | a |\n| `--wait TIME` | b |\n";
    let real: BTreeSet<String> = ["ci", "config explain", "lint"].map(str::to_owned).into();
    let expected = ["verb `lint` is missing", "no verb `deploy`"];
    found(&differences("verb", &real, &documented_verbs(readme)), &expected);
    let real: BTreeSet<String> = ["--quiet", "--mode"].map(str::to_owned).into();
    let expected = ["flag `--mode` is missing", "no flag `--wait`"];
    found(&differences("flag", &real, &documented_flags(readme)), &expected);
}

#[test]
fn a_verb_with_subcommands_counts_where_it_can_be_run() {
    assert!(can_be_run(
        "Reads.\n\nUsage: x read [OPTIONS] --from <FILE>\n       x read <COMMAND>\n\nCommands:\n"
    ));
    assert!(!can_be_run("Shows.\n\nUsage: x show [OPTIONS] <COMMAND>\n\nCommands:\n"));
}

#[test]
fn a_wrong_command_line_is_found() {
    let page = "`cargo xtask test --retries 2 -- parser::`, `cargo xtask tset`\n```sh\ncargo xtask ci --fast  # no\n```\n";
    let expected = ["a.md:1: `cargo xtask tset`", "a.md:3: `cargo xtask ci --fast`"];
    found(&refused_lines(&Tree::of(&[("a.md", page)])), &expected);
}
