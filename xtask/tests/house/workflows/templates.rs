//! This repository has the workflows that `init` would give to it. With `BLESS=1` they are written anew.

use xtask::model::scaffold::{Project, Toolkit, workflows};

use super::super::tree::{Findings, Tree, root};
use super::Workflow;

/// This repository as `init` would find it.
fn ours(tree: &Tree) -> Project {
    let manifest: toml::Table = tree.text("Cargo.toml").parse().unwrap();
    let release = manifest["workspace"]["package"]["rust-version"].as_str().unwrap().parse().unwrap();
    Project {
        branch: "main".parse().unwrap(),
        rust_version: Some(release),
        toolkit_version: release,
        image: None,
        has_images: tree.text("slipway.toml").contains("[[images]]"),
        has_tools: tree.0.contains_key(".github/actions/tools/action.yml"),
        toolkit: Toolkit::Itself,
    }
}

pub(super) fn same(tree: &Tree, there: &[Workflow<'_>]) -> Findings {
    let mut findings = Findings::new();
    for (name, wanted) in workflows(&ours(tree)) {
        let found = there.iter().find(|workflow| workflow.is_named(name)).map(|workflow| workflow.text);
        if found == Some(&wanted) {
            continue;
        }
        let line =
            wanted.lines().zip(found.unwrap_or_default().lines()).take_while(|(a, b)| a == b).count() + 1;
        findings.push(format!("{name}: line {line} is not that of the template; BLESS=1 writes it anew"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::finds;
    use super::*;

    #[test]
    fn bless() {
        if std::env::var("BLESS").as_deref() == Ok("1") {
            for (name, text) in workflows(&ours(&Tree::ours())) {
                std::fs::write(root().join(".github/workflows").join(name), text).unwrap();
            }
        }
    }

    #[test]
    fn a_workflow_that_went_its_own_way_is_found() {
        finds(same, "ci.yml", "fail-fast: false", "fail-fast: true", &["ci.yml: line 2"]);
    }
}
