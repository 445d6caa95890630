//! No file is longer than 400 lines of code; blank lines and comments are not counted, tests are.

use std::collections::BTreeSet;

use super::tokens::tokens;
use super::tree::{Findings, Tree, found, none};

const MOST: usize = 400;

fn check(tree: &Tree) -> Findings {
    let lines = |text: &str| {
        let lines: BTreeSet<usize> = tokens(text).iter().flat_map(|token| token.line..=token.end).collect();
        lines.len()
    };
    tree.ending(".rs")
        .map(|(path, text)| (path, lines(text)))
        .filter(|(_, lines)| *lines > MOST)
        .map(|(path, lines)| format!("{path}: {lines} lines of code, at most {MOST}: divide it"))
        .collect()
}

#[test]
fn no_file_is_too_long() {
    none("length", &check(&Tree::ours()));
}

#[test]
fn a_long_file_is_found() {
    let code = "f();\n".repeat(401);
    let comments = "f();\n// c\n\n".repeat(400);
    found(&check(&Tree::of(&[("a.rs", &code), ("b.rs", &comments)])), &["a.rs: 401 lines"]);
}
