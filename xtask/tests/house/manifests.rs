//! Manifests and lints: a reason above every dependency, the workspace's lints in every member, no `allow`.

use super::code::read;
use super::tree::{Findings, Tree, found, none};

/// Every dependency of a package has a comment above it. The workspace's table holds versions only.
fn reasons(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for (path, text) in manifests(tree) {
        let (mut inside, mut before) = (false, "");
        for (place, line) in text.lines().enumerate() {
            if line.starts_with('[') {
                inside = line.trim_end_matches(']').ends_with("dependencies")
                    && line != "[workspace.dependencies]";
            } else if inside
                && line.contains('=')
                && !line.starts_with([' ', '#', ']'])
                && !before.starts_with('#')
            {
                findings.push(format!("{path}:{}: no reason above `{line}`", place + 1));
            }
            before = line;
        }
    }
    findings
}

fn manifests(tree: &Tree) -> impl Iterator<Item = (&str, &str)> {
    tree.ending("Cargo.toml").filter(|(path, _)| !path.contains("/fixtures/"))
}

/// Fuzz targets are a workspace of their own.
fn is_apart(path: &str) -> bool {
    path.contains("/fuzz/")
}

fn lints(tree: &Tree) -> Findings {
    let members = manifests(tree).filter(|(path, text)| text.contains("[package]") && !is_apart(path));
    let without = members.filter(|(_, text)| !text.contains("[lints]\nworkspace = true"));
    without.map(|(path, _)| format!("{path}: the workspace's lints do not hold here")).collect()
}

/// `#[allow(…)]`, also behind a `cfg_attr`: it stays when its reason is gone.
fn allowed(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| !path.contains("/fixtures/")) {
        let tokens = read(text).tokens;
        for three in tokens.windows(3).filter(|three| three[1].is("allow") && three[2].is("(")) {
            if three[0].is("[") || three[0].is(",") {
                findings.push(format!("{path}:{}: `allow`; say `expect` with a reason", three[1].line));
            }
        }
    }
    findings
}

#[test]
fn every_dependency_has_its_reason() {
    none("reasons for dependencies", &reasons(&Tree::ours()));
}

#[test]
fn every_member_has_the_lints() {
    none("lints", &lints(&Tree::ours()));
}

#[test]
fn nothing_is_allowed() {
    none("no allow", &allowed(&Tree::ours()));
}

#[test]
fn wrong_manifests_are_found() {
    let good = "[package]\n\n[dependencies]\n# Why.\na = \"1\"\n[lints]\nworkspace = true\n";
    let bad = "[package]\n[dev-dependencies]\n# Why.\na = \"1\"\nb.workspace = true\n";
    let tree = Tree::of(&[("a/Cargo.toml", good), ("b/Cargo.toml", bad)]);
    found(&reasons(&tree), &["b/Cargo.toml:5: no reason above `b.workspace = true`"]);
    found(&lints(&tree), &["b/Cargo.toml"]);
}

#[test]
fn an_allow_is_found() {
    let code =
        "// #[allow(a)]\n#[allow(a)]\nfn f() { allow(\"#[allow(b)]\") }\n#[cfg_attr(x, allow(c))]\nfn g() {}";
    found(&allowed(&Tree::of(&[("a.rs", code)])), &["a.rs:2", "a.rs:4"]);
}
