//! No file lies about unused: every Rust file is reached by a `mod`, every fixture, schema and template is named.

use std::collections::BTreeSet;

use super::modules::Modules;
use super::tokens::{Kind, tokens};
use super::tree::{Findings, Tree, found, none};

/// The files that `#[path = "…"] mod …` names in a file.
fn placed(file: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let attributes =
        tokens.windows(4).filter(|four| four[0].is("[") && four[1].is("path") && four[2].is("="));
    let mut placed = Vec::new();
    for four in attributes {
        let Kind::Text(path) = &four[3].kind else { continue };
        let mut parts: Vec<&str> = file.split('/').collect();
        parts.pop();
        for part in path.split('/') {
            if part == ".." {
                parts.pop();
            } else {
                parts.push(part);
            }
        }
        placed.push(parts.join("/"));
    }
    placed
}

/// What cargo starts from.
fn is_root(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [.., "src", "lib.rs" | "main.rs"]
        | [.., "src", "bin", _]
        | [.., "tests" | "benches" | "examples", _]
        | [.., "build.rs"]
        | [.., "fuzz", "fuzz_targets", _] => true,
        [.., "tests" | "benches" | "examples", _, "main.rs"] => !path.contains("/fixtures/"),
        _ => false,
    }
}

fn check(tree: &Tree) -> Findings {
    let rust: Vec<(&str, &str)> =
        tree.ending(".rs").filter(|(path, _)| !path.contains("/fixtures/")).collect();
    let mut reached = BTreeSet::new();
    let roots = rust.iter().map(|(path, _)| (*path).to_owned()).filter(|path| is_root(path));
    for root in roots.chain(rust.iter().flat_map(|(file, text)| placed(file, text))) {
        reached.extend(Modules::below(tree, &root).0.into_values().map(|module| module.file));
    }
    let unreached = rust.iter().filter(|(path, _)| !reached.contains(*path));
    let mut findings: Findings = unreached.map(|(path, _)| format!("{path}: no `mod` reaches it")).collect();
    let texts: Vec<String> = rust
        .iter()
        .flat_map(|(_, text)| tokens(text))
        .filter_map(|token| if let Kind::Text(text) = token.kind { Some(text) } else { None })
        .collect();
    let unnamed = tree.0.keys().filter(|path| is_material(path) && !is_named(path, &texts));
    findings.extend(unnamed.map(|path| format!("{path}: no code names it")));
    findings
}

/// Files that code includes or reads.
fn is_material(path: &str) -> bool {
    let is_else = [".rs", "README.md"].iter().any(|end| path.ends_with(end));
    let places = ["/fixtures/", "/schema/", "/src/"];
    places.iter().any(|place| path.contains(place)) && !is_else
}

/// By file name, by the end of its path without the extension, or by the name without the extension alone.
fn is_named(path: &str, texts: &[String]) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let path_stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let short = path_stem.rsplitn(3, '/').take(2).collect::<Vec<_>>();
    let short = format!("{}/{}", short.get(1).unwrap_or(&""), short[0]);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    texts.iter().any(|text| text.contains(name) || text.ends_with(&short) || text == stem)
}

#[test]
fn no_file_is_dead() {
    none("dead files", &check(&Tree::ours()));
}

#[test]
fn dead_files_are_found() {
    let tree = Tree::of(&[
        ("x/src/lib.rs", "mod a; const S: &str = include_str!(\"a/page.html\"); // mod b;"),
        ("x/src/a.rs", "const T: &str = \"tool/findings\";"),
        ("x/src/b.rs", ""),
        ("x/src/a/page.html", ""),
        ("x/src/a/page.css", ""),
        ("x/tests/it/main.rs", "mod c;"),
        ("x/tests/it/c.rs", ""),
        ("x/tests/it/d.rs", ""),
        ("x/tests/other.rs", "#[path = \"../shared/e.rs\"]\nmod e;"),
        ("x/shared/e.rs", ""),
        ("x/tests/fixtures/tool/findings.stdout", ""),
        ("x/tests/fixtures/tool/clean.stdout", ""),
        ("x/tests/fixtures/package/src/other.rs", ""),
    ]);
    let expected =
        ["src/b.rs: no `mod`", "it/d.rs: no `mod`", "a/page.css: no code", "tool/clean.stdout: no code"];
    found(&check(&tree), &expected);
}
