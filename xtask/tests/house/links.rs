//! Every link of a page to a file leads to one, and to a heading in it if it names one.

use std::path::{Component, Path, PathBuf};

use super::markdown::{anchors, links};
use super::tree::{Findings, Tree, found, none};

fn check(tree: &Tree) -> Findings {
    let mut findings = Findings::new();
    for (page, text) in tree.pages() {
        for (line, target) in links(text).into_iter().filter(|(_, target)| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { page.to_owned() } else { beside(page, path) };
            let is_folder = tree.0.keys().any(|known| known.starts_with(&format!("{file}/")));
            match tree.0.get(&file) {
                None if is_folder => {}
                None => findings.push(format!("{page}:{line}: there is no {file}")),
                Some(text) if !anchor.is_empty() && !anchors(text).iter().any(|known| known == anchor) => {
                    findings.push(format!("{page}:{line}: {file} has no heading #{anchor}"));
                }
                Some(_) => {}
            }
        }
    }
    findings
}

/// A path that is relative to the folder of a page, from the root.
fn beside(page: &str, path: &str) -> String {
    let mut file = PathBuf::from(page).parent().unwrap_or(Path::new("")).to_path_buf();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                file.pop();
            }
            Component::CurDir => {}
            part => file.push(part),
        }
    }
    file.display().to_string()
}

#[test]
fn every_link_leads_somewhere() {
    none("links", &check(&Tree::ours()));
}

#[test]
fn broken_links_are_found() {
    let page =
        "[a](b.md#yes) [c](../README.md) [d](gone.md) [e](b.md#no) [f](https://example.org/x) [g](../docs)";
    let tree = Tree::of(&[("docs/a.md", page), ("docs/b.md", "## Yes\n"), ("README.md", "[h](docs/a.md)")]);
    found(&check(&tree), &["docs/a.md:1: there is no docs/gone.md", "docs/b.md has no heading #no"]);
}
