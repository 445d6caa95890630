//! Crates only in their homes: the table in `docs/architecture.md` against every path in the toolkit; and the lower
//! floors touch neither files nor environment nor clock. Tests may use what they want.

use super::code::For;
use super::markdown::column;
use super::modules::Modules;
use super::tree::{Findings, Tree, found, none};

const ROOT: &str = "xtask/src/lib.rs";
const PAGE: &str = "docs/architecture.md";

/// What reaches out of the process.
const WORLD: [&str; 6] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::process::Command",
    "std::time::SystemTime::now",
    "std::time::Instant::now",
];

/// The floors that know what they are told, and nothing else.
const PURE: [&str; 4] = ["kit", "model", "settings", "report"];

fn homes(page: &str) -> Vec<(String, Vec<String>)> {
    let plain = |cell: String| cell.replace('`', "");
    let crates = column(page, "## Crates and their homes", 0).into_iter().map(plain);
    let places = column(page, "## Crates and their homes", 1).into_iter().map(plain);
    let places = places.map(|cell| cell.split(", ").map(|place| format!("xtask/src/{place}")).collect());
    crates.zip(places).collect()
}

fn check(tree: &Tree) -> Findings {
    let homes = homes(tree.text(PAGE));
    let mut findings = Findings::new();
    for (path, module) in &Modules::below(tree, ROOT).0 {
        let file = &module.file;
        for named in module.code.named.iter().filter(|named| named.purpose == For::Users) {
            if module.purpose == For::Tests {
                continue;
            }
            let told = named.path.join("::");
            let home = homes.iter().find(|(name, _)| named.path[0] == *name && named.path.len() > 1);
            if let Some((name, places)) = home.filter(|(_, places)| !lies_in(file, places)) {
                let places = places.join(", ");
                findings.push(format!("{file}:{}: `{told}`: {name} is at home in {places}", named.line));
            }
            let is_pure = path.first().is_some_and(|top| PURE.contains(&top.as_str()));
            let is_world =
                WORLD.iter().any(|world| told == *world || told.starts_with(&format!("{world}::")));
            let is_now = ["SystemTime::now", "Instant::now"].contains(&told.as_str());
            if is_pure && (is_world || is_now) {
                findings.push(format!("{file}:{}: `{told}`: this floor touches nothing outside", named.line));
            }
        }
    }
    findings
}

/// A place is a file, or a module with what lies below it.
fn lies_in(file: &str, places: &[String]) -> bool {
    let module = |place: &String| place.trim_end_matches(".rs").to_owned();
    places
        .iter()
        .map(module)
        .any(|place| file == format!("{place}.rs") || file.starts_with(&format!("{place}/")))
}

#[test]
fn crates_stay_at_home() {
    none("homes", &check(&Tree::ours()));
}

#[test]
fn every_crate_of_the_table_is_one_of_ours() {
    let tree = Tree::ours();
    let manifest = tree.text("xtask/Cargo.toml").replace('-', "_");
    let gone = homes(tree.text(PAGE)).into_iter().filter(|(name, _)| {
        !manifest.contains(&format!("\n{name} ")) && !manifest.contains(&format!("\n{name}."))
    });
    none("homes", &gone.map(|(name, _)| format!("{PAGE}: {name} is no dependency")).collect());
}

#[test]
fn a_crate_abroad_is_found() {
    let page = "## Crates and their homes\n\n| crate | home |\n|---|---|\n| `xshell` | `tools` |\n| `rustix` | `tools/orphans.rs` |\n";
    let tree = Tree::of(&[
        (PAGE, page),
        (ROOT, "mod kit; mod tools;"),
        (
            "xtask/src/kit.rs",
            "use xshell::cmd; fn f() { std::fs::read(\"xshell::a\") } #[cfg(test)] mod tests { use std::fs; }",
        ),
        ("xtask/src/tools.rs", "mod orphans; mod git; fn f() { rustix::io::f() }"),
        ("xtask/src/tools/orphans.rs", "use rustix::io;"),
        ("xtask/src/tools/git.rs", "use xshell::Shell; fn f() { std::env::var() }"),
    ]);
    let expected = ["kit.rs:1: `xshell::cmd`", "kit.rs:1: `std::fs::read`", "tools.rs:1: `rustix::io::f`"];
    found(&check(&tree), &expected);
}
