//! Holds `docs/settings.md` to the code: what is generated in it, and its examples.

use std::collections::BTreeMap;

use super::load::tests::{loaded, try_load};
use super::schema::{self, Node};
use crate::model::record::tests::held;

const PAGE: &str = include_str!("../../../docs/settings.md");

/// One linter stands for all of them: they have the same keys.
const LINTER: &str = "lint.clippy.";

fn keys() -> String {
    let defaults = loaded("");
    let rows = schema::keys().into_iter().filter_map(|(key, node)| {
        let key = match key.strip_prefix(LINTER) {
            Some(last) => format!("lint.LINTER.{last}"),
            None if key.starts_with("lint.") && key.matches('.').count() == 2 => return None,
            None => key.clone(),
        };
        let default = defaults.default(&key.replace("LINTER", "clippy"));
        Some(format!("| `{key}` | {default} | {} | {} |\n", node.kind().expected(), node.doc()))
    });
    "| key | default | takes | what it is for |\n|---|---|---|---|\n".to_owned() + &rows.collect::<String>()
}

fn linters() -> String {
    let section = Node::find("lint").unwrap();
    let linters = section.properties().filter(|(_, node)| node.is_section());
    let rows = linters.map(|(id, node)| format!("| `{id}` | {} |\n", node.doc()));
    "| linter | what it looks at |\n|---|---|\n".to_owned() + &rows.collect::<String>()
}

/// The keys of the tables of a list.
fn tables(key: &str) -> String {
    let item = Node::find(key).unwrap().items().unwrap();
    let required: Vec<&str> = item.required().collect();
    let rows = item.properties().map(|(key, node)| {
        let needed = if required.contains(&key) { " Required." } else { "" };
        format!("| `{key}` | {} | {}{needed} |\n", node.kind().expected(), node.doc())
    });
    "| key | takes | what it is for |\n|---|---|---|\n".to_owned() + &rows.collect::<String>()
}

fn http() -> String {
    let item = Node::find("smoke").unwrap().items().unwrap().child("http").unwrap().items().unwrap();
    let rows = item
        .properties()
        .map(|(key, node)| format!("| `{key}` | {} | {} |\n", node.kind().expected(), node.doc()));
    "| key | takes | what it is for |\n|---|---|---|\n".to_owned() + &rows.collect::<String>()
}

fn errors() -> String {
    let file = "mode = \"blok\"\n\n[test]\nretires = 2\n";
    let unknown = try_load(file, &[], &[]).unwrap_err();
    let wrong = try_load("", &[("SLIPWAY_RUN_TIMEOUT", "5 minutes")], &[]).unwrap_err();
    format!("```text\n{unknown}\n```\n\n```text\n{wrong}\n```\n")
}

/// Puts text between the two marks of a name.
fn replaced(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- begin {name} -->\n"), format!("<!-- end {name} -->\n"));
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}{text}{end}{after}")
}

#[test]
fn what_is_generated_in_the_page_is_current() {
    let parts = [
        ("keys", keys()),
        ("linters", linters()),
        ("steps", tables("steps")),
        ("images", tables("images")),
        ("smoke", tables("smoke")),
        ("http", http()),
        ("waivers", tables("waivers")),
        ("errors", errors()),
    ];
    let page = parts.iter().fold(PAGE.to_owned(), |page, (name, text)| replaced(&page, name, text));
    held("../../docs/settings.md", &page);
}

#[test]
fn the_examples_in_the_page_load() {
    let examples: Vec<&str> =
        PAGE.split("```toml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        assert!(try_load(example, &[], &[]).is_ok(), "{example}");
    }
}

#[test]
fn the_page_shows_the_variables_of_its_example() {
    let env: BTreeMap<&str, &str> = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("    ")?.split_whitespace().next()?.split_once('='))
        .collect();
    assert!(!env.is_empty());
    let env: Vec<(&str, &str)> = env.into_iter().collect();
    assert!(try_load("", &env, &[]).is_ok(), "{env:?}");
}
