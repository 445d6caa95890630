//! Imports point down only: the table of floors in `lib.rs` against every path in the toolkit.

use std::collections::BTreeMap;

use super::modules::{Arrow, Modules};
use super::tree::{Findings, Tree, found, none};

const ROOT: &str = "xtask/src/lib.rs";

/// The task that may name the others.
const COMPOSITE: &str = "ci";

/// Module and floor, from rows like `| 0 | kit | …`.
fn floors(text: &str) -> BTreeMap<&str, usize> {
    text.lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("//! |")?.split('|').map(str::trim);
            let floor = cells.next()?.parse().ok()?;
            Some((cells.next()?.trim_matches('`'), floor))
        })
        .collect()
}

fn check(tree: &Tree) -> Findings {
    let floors = floors(tree.text(ROOT));
    let modules = Modules::below(tree, ROOT);
    let top = modules.0.keys().filter(|path| path.len() == 1).map(|path| path[0].as_str());
    let without = top.filter(|name| !floors.contains_key(name));
    let mut findings: Findings = without.map(|name| format!("{ROOT}: `{name}` has no floor")).collect();
    for (name, _) in floors.iter().filter(|(name, _)| !modules.0.contains_key(&vec![(**name).to_owned()])) {
        findings.push(format!("{ROOT}: `{name}` has a floor and is no module"));
    }
    for arrow in modules.arrows() {
        let wrong = wrong(&floors, &arrow);
        findings.extend(wrong.map(|wrong| {
            let file = &modules.0[arrow.from].file;
            format!("{file}:{}: `{}` {wrong}", arrow.named.line, arrow.named.path.join("::"))
        }));
    }
    findings
}

fn wrong(floors: &BTreeMap<&str, usize>, arrow: &Arrow<'_>) -> Option<String> {
    // The root file is the door to all floors.
    let (from, to) = (arrow.from.first()?, arrow.to.first()?);
    let (low, high) = (floors.get(from.as_str())?, floors.get(to.as_str())?);
    if from == to {
        let (task, other) = (arrow.from.get(1)?, arrow.to.get(1)?);
        let sideways = from == "tasks" && task != other && task != COMPOSITE;
        return sideways.then(|| format!("is a task, and `{task}` is another one"));
    }
    match low.cmp(high) {
        std::cmp::Ordering::Greater => None,
        std::cmp::Ordering::Equal => Some(format!("points sideways, from `{from}` on the same floor {low}")),
        std::cmp::Ordering::Less => Some(format!("points up, from `{from}` on floor {low} to floor {high}")),
    }
}

#[test]
fn imports_point_down() {
    none("floors", &check(&Tree::ours()));
}

#[test]
fn every_wrong_direction_is_found() {
    let table = "//! | 0 | `kit` | x | y |\n//! | 1 | `report` | x | y |\n//! | 1 | `settings` | x | y |\n\
                 //! | 2 | `tasks` | x | y |\n//! | 3 | `gone` | x | y |\n\
                 mod kit; mod report; mod settings; mod tasks; mod stray;";
    let tree = Tree::of(&[
        (ROOT, table),
        ("xtask/src/kit.rs", "mod deep;"),
        ("xtask/src/kit/deep.rs", "use crate::{kit, report::Up};"),
        ("xtask/src/report.rs", "// crate::tasks::a\nfn f() { super::settings::sideways(\"crate::tasks\") }"),
        ("xtask/src/settings.rs", "use crate::kit::Down;"),
        ("xtask/src/tasks.rs", "mod a; mod b; mod ci;"),
        ("xtask/src/tasks/a.rs", "use super::b;"),
        ("xtask/src/tasks/b.rs", "use crate::report;"),
        ("xtask/src/tasks/ci.rs", "use super::{a, b};"),
        ("xtask/src/stray.rs", ""),
    ]);
    let expected = [
        "lib.rs: `stray` has no floor",
        "lib.rs: `gone` has a floor and is no module",
        "kit/deep.rs:1: `crate::report::Up` points up, from `kit` on floor 0 to floor 1",
        "report.rs:2: `super::settings::sideways` points sideways",
        "tasks/a.rs:1: `super::b` is a task, and `a` is another one",
    ];
    found(&check(&tree), &expected);
}
