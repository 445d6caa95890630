//! Tables and examples of the pages against the code that they tell of.

use std::collections::{BTreeMap, BTreeSet};

use xtask::kit::exit::Exit;
use xtask::settings::{File, Sources, load};

use super::markdown::{column, lines};
use super::tokens::{Kind, tokens};
use super::tree::{Findings, Tree, found, none};

/// What the doc comments of [`Exit`] say, by number.
fn exit_codes(source: &str) -> BTreeMap<u8, String> {
    let told = source.lines().filter_map(|line| line.trim().strip_prefix("/// ")?.split_once(": "));
    told.filter_map(|(code, what)| Some((code.parse().ok()?, what.trim_end_matches('.').to_owned())))
        .collect()
}

fn exit_table(page: &str) -> BTreeMap<u8, String> {
    let codes =
        column(page, "## Exit codes", 0).into_iter().filter_map(|cell| cell.trim_matches('`').parse().ok());
    codes.zip(column(page, "## Exit codes", 1)).collect()
}

/// Rows of a table of floors.
fn floors(text: &str) -> Vec<&str> {
    let rows = text.lines().map(|line| line.trim_start_matches("//! "));
    rows.filter(|row| row.starts_with("| ") && row[2..].starts_with(|c: char| c.is_ascii_digit())).collect()
}

/// Names that code has in these files and the page does not have as code.
fn unnamed(page: &str, text: &str, names: &BTreeSet<String>) -> Findings {
    let missing = names.iter().filter(|name| !text.contains(&format!("`{name}`")));
    missing.map(|name| format!("{page}: `{name}` is missing")).collect()
}

/// The texts that follow these words, as in `Gate::pass("test.failed"`.
fn texts_behind(source: &str, words: &[&str]) -> BTreeSet<String> {
    let tokens = tokens(source);
    let runs = tokens.windows(words.len() + 1);
    let behind = runs.filter(|run| run.iter().zip(words).all(|(token, word)| token.is(word)));
    let text = behind.filter_map(|run| run.last());
    text.filter_map(|token| if let Kind::Text(text) = &token.kind { Some(text.clone()) } else { None })
        .collect()
}

/// The events that `decode.rs` knows: the texts before `=>` with a name of lower case letters.
fn events(source: &str) -> BTreeSet<String> {
    let before = source.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>"));
    before.map(|(event, _)| event.to_owned()).collect()
}

#[test]
fn exit_codes_are_those_of_the_code() {
    let tree = Tree::ours();
    let told = exit_codes(tree.text("xtask/src/kit/exit.rs"));
    let exits = [Exit::Pass, Exit::Verdict, Exit::Usage, Exit::Environment, Exit::Interrupted];
    assert_eq!(told.keys().copied().collect::<Vec<_>>(), exits.map(Exit::code));
    for page in ["README.md", "docs/gates.md"] {
        assert_eq!(exit_table(tree.text(page)), told, "{page}");
    }
}

#[test]
fn the_table_of_floors_is_that_of_the_code() {
    let tree = Tree::ours();
    let told = floors(tree.text("docs/architecture.md"));
    assert_eq!(told, floors(tree.text("xtask/src/lib.rs")));
    assert!(!told.is_empty());
}

#[test]
fn the_settings_in_a_page_load() {
    let tree = Tree::ours();
    for page in [
        "README.md",
        "docs/coverage.md",
        "docs/linters.md",
        "docs/gates.md",
        "docs/images.md",
        "docs/scan.md",
        "docs/smoke.md",
        "docs/architecture.md",
        "CONTRIBUTING.md",
    ] {
        let all = lines(tree.text(page));
        let toml = all.iter().filter(|line| line.fence == Some("toml"));
        let text = toml.map(|line| line.text).collect::<Vec<_>>().join("\n");
        let file = File { path: page, text: &text };
        let loaded = load(&Sources { file: Some(file), env: &BTreeMap::new(), flags: &[] });
        assert!(
            loaded.is_ok(),
            "{page}: {}",
            loaded.err().map(|error| error.to_string()).unwrap_or_default()
        );
    }
}

#[test]
fn every_gate_is_described() {
    let tree = Tree::ours();
    let sources = tree.ending(".rs").filter(|(path, _)| path.starts_with("xtask/src/model/gates"));
    let mut gates: BTreeSet<String> =
        sources.flat_map(|(_, text)| texts_behind(text, &["Gate", "::", "pass", "("])).collect();
    assert!(gates.contains("test.failed") && gates.contains("test.flaky"), "{gates:?}");
    gates.extend(xtask::tools::linter::all().iter().map(xtask::tools::linter::Linter::step));
    gates.insert("step.NAME".to_owned());
    none("gates", &unnamed("docs/gates.md", tree.text("docs/gates.md"), &gates));
}

#[test]
fn every_event_is_described() {
    let tree = Tree::ours();
    let events = events(tree.text("xtask/src/model/context/decode.rs"));
    assert!(events.len() >= 8, "{events:?}");
    none("events", &unnamed("docs/context.md", tree.text("docs/context.md"), &events));
}

#[test]
fn what_a_page_leaves_out_is_found() {
    let gates =
        texts_behind("f(Gate::pass(\"a.b\", x), \"c\"); // Gate::pass(\"d\"", &["Gate", "::", "pass", "("]);
    found(&unnamed("p.md", "`a.c` a.b", &gates), &["p.md: `a.b` is missing"]);
    assert_eq!(events("    \"push\" => self.push(),\n    other => x"), ["push".to_owned()].into());
    assert_ne!(
        exit_table("## Exit codes\n\n| c | m |\n|---|---|\n| 0 | fine |\n"),
        exit_codes("    /// 0: pass.")
    );
    assert_ne!(floors("| 0 | `kit` | a |"), floors("//! | 0 | `kit` | b |"));
}
