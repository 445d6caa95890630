//! Which packages a change may break: those that own a changed file, and those that depend on them. When a file belongs
//! to no package, or decides how everything is built, all are: a test too many costs minutes, one too few a release.

use std::collections::BTreeSet;

use super::workspace::Workspace;

/// What a change may break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Affected {
    /// These packages, by name; none when nothing changed.
    Packages(BTreeSet<String>),
    /// All packages, for this reason.
    All(String),
}

/// Files that decide how everything is built, by their last part.
const OF_ALL: [&str; 4] = ["Cargo.lock", "rust-toolchain", "rust-toolchain.toml", "slipway.toml"];

/// What a change in these files may break; they are given relative to the workspace root, with `/`.
#[must_use]
pub fn affected<'a>(workspace: &Workspace, files: impl IntoIterator<Item = &'a str>) -> Affected {
    let mut touched = BTreeSet::new();
    for file in files {
        if decides_all(file) {
            return Affected::All(format!("{file} decides how everything is built"));
        }
        match owner(workspace, file) {
            Some(name) => touched.insert(name.to_owned()),
            None => return Affected::All(format!("{file} belongs to no package")),
        };
    }
    loop {
        let more: BTreeSet<String> = workspace
            .packages
            .iter()
            .filter(|package| package.depends_on.iter().any(|name| touched.contains(name)))
            .map(|package| package.name.clone())
            .collect();
        let before = touched.len();
        touched.extend(more);
        if touched.len() == before {
            return Affected::Packages(touched);
        }
    }
}

fn decides_all(file: &str) -> bool {
    let name = file.rsplit('/').next().unwrap_or(file);
    // The manifest of the root may hold what all members inherit.
    OF_ALL.contains(&name) || file == "Cargo.toml" || file.split('/').any(|part| part == ".cargo")
}

/// The package in whose folder a file lies, the innermost where packages lie in each other.
fn owner<'a>(workspace: &'a Workspace, file: &str) -> Option<&'a str> {
    if file.starts_with("../") {
        return None;
    }
    let path = workspace.root.join(file);
    let owners = workspace.packages.iter().filter(|package| path.starts_with(&package.folder));
    owners.max_by_key(|package| package.folder.components().count()).map(|package| package.name.as_str())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use proptest::prelude::*;

    use super::*;
    use crate::model::workspace::Package;

    /// `app` depends on `web`, `web` on `core`; `tool` stands alone, below `web`.
    fn workspace() -> Workspace {
        let package = |name: &str, folder: &str, depends_on: &[&str]| Package {
            name: name.to_owned(),
            folder: PathBuf::from("/w").join(folder),
            depends_on: depends_on.iter().map(ToString::to_string).collect(),
            ..Package::default()
        };
        Workspace {
            root: PathBuf::from("/w"),
            target_directory: PathBuf::from("/w/target"),
            packages: vec![
                package("app", "app", &["web", "serde"]),
                package("core", "crates/core", &[]),
                package("tool", "crates/web/tool", &[]),
                package("web", "crates/web", &["core"]),
            ],
            files: Vec::new(),
        }
    }

    fn names(affected: &Affected) -> Vec<&str> {
        let Affected::Packages(names) = affected else { panic!("{affected:?}") };
        names.iter().map(String::as_str).collect()
    }

    #[test]
    fn who_depends_on_it_is_affected_too() {
        let of = |files: &[&str]| affected(&workspace(), files.iter().copied());
        assert_eq!(names(&of(&["crates/core/src/lib.rs"])), ["app", "core", "web"]);
        assert_eq!(names(&of(&["app/README.md"])), ["app"]);
        assert_eq!(names(&of(&["crates/web/tool/src/main.rs"])), ["tool"], "the innermost owns it");
        assert_eq!(names(&of(&[])), [""; 0]);
    }

    #[test]
    fn in_doubt_all_are() {
        for (file, reason) in [
            ("Cargo.lock", "decides how everything is built"),
            ("Cargo.toml", "decides how everything is built"),
            ("crates/web/.cargo/config.toml", "decides how everything is built"),
            ("docs/a.md", "belongs to no package"),
            ("../above", "belongs to no package"),
            ("crates/webby/src/lib.rs", "belongs to no package"),
        ] {
            let all = affected(&workspace(), ["app/src/main.rs", file]);
            assert_eq!(all, Affected::All(format!("{file} {reason}")), "{file}");
        }
    }

    proptest! {
        #[test]
        fn more_files_never_affect_less(
            some in proptest::collection::vec("(app|crates/core|crates/web|crates/web/tool)/[a-z]{1,3}", 0..4),
            more in proptest::collection::vec("(app|crates/(core|web)|docs)/[a-z]{1,3}", 0..4),
        ) {
            let workspace = workspace();
            let fewer = affected(&workspace, some.iter().map(String::as_str));
            let all = affected(&workspace, some.iter().chain(&more).map(String::as_str));
            if let (Affected::Packages(fewer), Affected::Packages(all)) = (fewer, all) {
                prop_assert!(fewer.is_subset(&all));
            }
        }
    }
}
