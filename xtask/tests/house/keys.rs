//! Every settings key and every variable that a page names exists.

use std::collections::BTreeSet;

use serde_json::Value;

use super::markdown::code;
use super::tree::{Findings, Tree, found, none};

const SCHEMA: &str = "xtask/schema/settings.schema.json";

/// Sections and keys by path: `lint`, `lint.clippy`, `lint.clippy.mode`.
fn known(tree: &Tree) -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(tree.text(SCHEMA)).unwrap();
    let mut keys = BTreeSet::new();
    below(&schema, &schema, "", &mut keys);
    keys
}

fn below(schema: &Value, node: &Value, path: &str, keys: &mut BTreeSet<String>) {
    let node = match node["$ref"].as_str() {
        Some(place) => schema.pointer(place.trim_start_matches('#')).unwrap(),
        None => node,
    };
    for (name, child) in node["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        below(schema, child, &path, keys);
        keys.insert(path);
    }
}

/// Ids of steps and gates that look like keys and are none.
const IDS: [&str; 15] = [
    "test.suite",
    "test.doctest",
    "test.failed",
    "coverage.report",
    "coverage.vanished",
    "coverage.measured",
    "image.build",
    "image.origin",
    "image.provenance",
    "image.pull",
    "image.check",
    "image.smoke",
    "image.sbom",
    "image.scan",
    "image.tag",
];

fn check(tree: &Tree) -> Findings {
    let known = known(tree);
    let sections: BTreeSet<&str> =
        known.iter().filter_map(|key| key.split_once('.')).map(|(section, _)| section).collect();
    let of_keys = known.iter().map(|key| format!("SLIPWAY_{}", key.replace(['.', '-'], "_").to_uppercase()));
    let of_registries = xtask::kit::secret::REGISTRY_VARIABLES.into_iter().map(ToOwned::to_owned);
    let of_github = xtask::kit::secret::GITHUB_VARIABLES.into_iter().map(ToOwned::to_owned);
    let of_apps = xtask::kit::secret::APP_VARIABLES.into_iter().map(ToOwned::to_owned);
    let of_runs = [xtask::model::hooks::SKIP, xtask::model::needs::NEEDS].map(ToOwned::to_owned);
    let others = of_registries.chain(of_github).chain(of_apps).chain(of_runs);
    let variables: BTreeSet<String> = of_keys.chain(others).collect();
    let mut findings = Findings::new();
    for (page, text) in tree.pages() {
        for (line, span) in code(text) {
            let key = span.replace("LINTER", "clippy").replace(".ID", ".clippy").replace(".NAME", ".clippy");
            let is_key = key.split_once('.').is_some_and(|(section, rest)| {
                sections.contains(section) && rest.chars().all(|c| c.is_ascii_lowercase() || "-.".contains(c))
            });
            // A file such as `run.json` is no key.
            let is_file =
                [".json", ".toml", ".rs", ".md", ".xml", ".yml"].iter().any(|end| key.ends_with(end));
            if is_key && !is_file && !known.contains(&key) && !IDS.contains(&key.as_str()) {
                findings.push(format!("{page}:{line}: there is no setting `{span}`"));
            }
        }
        for (place, line) in text.lines().enumerate() {
            for rest in line.split("SLIPWAY_").skip(1) {
                let name: String = rest.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect();
                let variable = format!("SLIPWAY_{name}");
                if !name.is_empty() && !variables.contains(&variable) {
                    findings.push(format!("{page}:{}: there is no variable {variable}", place + 1));
                }
            }
        }
    }
    findings
}

#[test]
fn every_key_in_a_page_exists() {
    none("settings keys", &check(&Tree::ours()));
}

#[test]
fn wrong_keys_are_found() {
    let schema = r##"{"properties": {"test": {"$ref": "#/d/T"}, "mode": {}}, "d": {"T": {"properties": {"retries": {}}}}}"##;
    let page = "`test.retries`, `test.retires`, `run.json`, `SLIPWAY_TEST_RETRIES`\nSLIPWAY_TEST_RETIRES=1 SLIPWAY_<KEY>";
    let tree = Tree::of(&[(SCHEMA, schema), ("docs/a.md", page)]);
    let expected =
        ["a.md:1: there is no setting `test.retires`", "a.md:2: there is no variable SLIPWAY_TEST_RETIRES"];
    found(&check(&tree), &expected);
}
