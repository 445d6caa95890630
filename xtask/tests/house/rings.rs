//! No file needs itself by way of others. What a parent hands on from its children is a door and no need of theirs;
//! what only tests need is not counted.

use std::collections::{BTreeMap, BTreeSet};

use super::code::For;
use super::modules::Modules;
use super::tree::{Findings, Tree, found, none};

const ROOTS: [&str; 2] = ["xtask/src/lib.rs", "app/src/lib.rs"];

type Needs<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

fn check(tree: &Tree, root: &str) -> Findings {
    let modules = Modules::below(tree, root);
    let file = |path: &[String]| modules.0[path].file.as_str();
    let mut needs = Needs::new();
    for arrow in modules.arrows() {
        // The root is the door to everything.
        let counts = arrow.purpose == For::Users && !arrow.from.is_empty() && !Modules::is_door(&arrow);
        if counts {
            needs.entry(file(arrow.from)).or_default().insert(file(arrow.to));
        }
    }
    let mut findings = Findings::new();
    let mut told = BTreeSet::new();
    for start in needs.keys() {
        let ring = ring(&needs, start);
        let files: BTreeSet<&str> = ring.iter().copied().collect();
        if !ring.is_empty() && told.insert(files) {
            findings.push(format!("{} → {start}", ring.join(" → ")));
        }
    }
    findings
}

/// The shortest way from a file back to itself.
fn ring<'a>(needs: &Needs<'a>, start: &'a str) -> Vec<&'a str> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in &ways {
            for next in needs.get(way[way.len() - 1]).into_iter().flatten() {
                if *next == start {
                    return way.clone();
                }
                if seen.insert(*next) {
                    longer.push(way.iter().copied().chain([*next]).collect());
                }
            }
        }
        ways = longer;
    }
    Vec::new()
}

#[test]
fn no_file_needs_itself() {
    let tree = Tree::ours();
    none("rings", &ROOTS.iter().flat_map(|root| check(&tree, root)).collect());
}

#[test]
fn rings_are_found_once_each() {
    let tree = Tree::of(&[
        ("src/lib.rs", "mod a; mod b; mod c; mod d;"),
        ("src/a.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::c;"),
        ("src/c.rs", "fn f() { super::a::f() }"),
        ("src/d.rs", "mod e; pub use e::E; #[cfg(test)] mod tests { use super::e::E; }"),
        ("src/d/e.rs", "use super::D; #[cfg(test)] mod tests { use crate::d::E; }"),
    ]);
    found(&check(&tree, "src/lib.rs"), &["src/a.rs → src/b.rs → src/c.rs → src/a.rs"]);
}
