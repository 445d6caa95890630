//! The modules of a crate as files, and which file a path leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::code::{Code, For, Named, read};
use super::tree::Tree;

/// A file of a crate.
pub(crate) struct Module {
    /// Where it is.
    pub(crate) file: String,
    pub(crate) code: Code,
    /// It is reached by a module for tests only.
    pub(crate) purpose: For,
}

/// The modules of a crate by path: `["model", "step"]`; the root's path is empty.
pub(crate) struct Modules(pub(crate) BTreeMap<Vec<String>, Module>);

/// One file names another.
pub(crate) struct Arrow<'a> {
    pub(crate) from: &'a [String],
    pub(crate) to: &'a [String],
    pub(crate) named: &'a Named,
    /// Only tests need it.
    pub(crate) purpose: For,
}

impl Modules {
    /// The modules that the root file reaches.
    pub(crate) fn below(tree: &Tree, root: &str) -> Self {
        let mut modules = Self(BTreeMap::new());
        modules.add(tree, root, &[], For::Users);
        modules
    }

    fn add(&mut self, tree: &Tree, file: &str, path: &[String], purpose: For) {
        let Some(text) = tree.0.get(file) else { return };
        let code = read(text);
        let folder = match file.rsplit_once('/') {
            Some((folder, "lib.rs" | "main.rs")) => folder.to_owned(),
            _ => file.trim_end_matches(".rs").to_owned(),
        };
        let children = code.modules.clone();
        self.0.insert(path.to_vec(), Module { file: file.to_owned(), code, purpose });
        for (name, own) in children {
            let purpose = if own == For::Tests { For::Tests } else { purpose };
            let below: Vec<String> = path.iter().cloned().chain([name.clone()]).collect();
            self.add(tree, &format!("{folder}/{name}.rs"), &below, purpose);
        }
    }

    /// All arrows between files, each path followed to the file behind a re-export.
    pub(crate) fn arrows(&self) -> Vec<Arrow<'_>> {
        let mut arrows = Vec::new();
        for (from, module) in &self.0 {
            for named in &module.code.named {
                let purpose = if module.purpose == For::Tests { For::Tests } else { named.purpose };
                if let Some(to) = self.target(from, named)
                    && to != from
                {
                    arrows.push(Arrow { from, to, named, purpose });
                }
            }
        }
        arrows
    }

    /// A parent that hands on what its child holds is a door to it; that is no need of it.
    pub(crate) fn is_door(arrow: &Arrow<'_>) -> bool {
        arrow.named.handed_on.is_some() && arrow.to.starts_with(arrow.from)
    }

    fn target(&self, from: &[String], named: &Named) -> Option<&[String]> {
        let here: Vec<String> = from.iter().chain(&named.inside).cloned().collect();
        self.follow(&self.absolute(&here, from, &named.path)?, &mut BTreeSet::new())
    }

    /// The path from the root of the crate; none when it leads outside.
    fn absolute(&self, here: &[String], file: &[String], path: &[String]) -> Option<Vec<String>> {
        let mut base = here.to_vec();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (base, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|first| first == "super") {
                    base.pop()?;
                    rest = &rest[1..];
                }
            }
            // A child of this file; anything else is another crate, or was imported and is known by that.
            child => {
                base = file.to_vec();
                let below: Vec<String> = base.iter().cloned().chain([child.to_owned()]).collect();
                self.0.get(&below)?;
            }
        }
        Some(base.into_iter().chain(rest.iter().cloned()).collect())
    }

    fn follow(&self, path: &[String], seen: &mut BTreeSet<Vec<String>>) -> Option<&[String]> {
        if !seen.insert(path.to_vec()) {
            return None;
        }
        let length = (0..=path.len()).rev().find(|length| self.0.contains_key(&path[..*length]))?;
        let (file, module) = self.0.get_key_value(&path[..length])?;
        let behind = path.get(length).and_then(|item| {
            let mut doors = module.code.named.iter().filter(|named| named.handed_on.as_ref() == Some(item));
            let door = doors.next()?;
            self.follow(&self.absolute(file, file, &door.path)?, seen)
        });
        Some(behind.unwrap_or(file))
    }
}

#[test]
fn paths_lead_to_the_file_behind_the_door() {
    let tree = Tree::of(&[
        ("src/lib.rs", "mod a; mod b;"),
        ("src/a.rs", "mod deep; pub use deep::Thing;"),
        ("src/a/deep.rs", "pub struct Thing;"),
        ("src/b.rs", "use crate::a::Thing; mod tests { use super::super::a::deep; }"),
    ]);
    let modules = Modules::below(&tree, "src/lib.rs");
    let arrows: Vec<String> = modules
        .arrows()
        .iter()
        .filter(|arrow| !Modules::is_door(arrow))
        .map(|arrow| format!("{} > {}", arrow.from.join("::"), arrow.to.join("::")))
        .collect();
    assert_eq!(arrows, ["b > a::deep", "b > a::deep"]);
}
