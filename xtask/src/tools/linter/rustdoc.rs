//! rustdoc: links that lead nowhere, markup that is broken, code that cannot be documented.

use crate::model::command::CommandLine;
use crate::model::finding::Level;
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::cargo_messages;
use crate::tools::linter::descriptor::{Linter, Options};

pub(super) const LINTER: Linter = Linter {
    id: "rustdoc",
    title: "build the documentation",
    program: "rustdoc",
    install: "rustup component add rustc",
    optional: false,
    resource: Resource::CargoTarget,
    found: 101..=101,
    explained_by: Level::Error,
    applies,
    command,
    read: cargo_messages::read,
};

fn applies(workspace: &Workspace) -> Result<(), String> {
    let documented = workspace.packages.iter().any(|package| package.has_docs);
    if documented { Ok(()) } else { Err("no target that rustdoc documents".to_owned()) }
}

fn command(_: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line = CommandLine::new("cargo")
        .args(["doc", "--workspace", "--no-deps", "--message-format=json"])
        .args(options.cargo.clone());
    vec![line.args(options.args.clone())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{places, recorded, workspace};

    #[test]
    fn broken_links_and_markup_are_found() {
        let findings = LINTER.findings(&workspace(), &recorded("rustdoc/warnings", 0)).unwrap();
        let expected = [
            "crates/one/src/lib.rs:1:11 rustdoc::broken_intra_doc_links",
            "crates/one/src/lib.rs:3:8 rustdoc::invalid_html_tags",
            "crates/one/src/lib.rs:3:28 rustdoc::broken_intra_doc_links",
        ];
        assert_eq!(places(&findings), expected);
        let url = "https://doc.rust-lang.org/rustdoc/lints.html#broken_intra_doc_links";
        assert_eq!(findings[0].url.as_deref(), Some(url));
    }

    #[test]
    fn nothing_to_document_is_nothing_to_do() {
        let mut workspace = workspace();
        workspace.packages.iter_mut().for_each(|package| package.has_docs = false);
        assert!(applies(&workspace).unwrap_err().contains("rustdoc"));
    }
}
