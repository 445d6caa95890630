//! Whether and how a workspace calls this toolkit: by an alias of cargo, and a package behind it. A name alone says nothing:
//! `cargo xtask` is a custom, and many repositories have one of their own.

use std::path::Path;

use crate::model::scaffold::NAMES;
use crate::tools::inside;

/// The alias that starts the toolkit, when the workspace has one.
#[must_use]
pub fn alias(root: &Path) -> Option<&'static str> {
    NAMES.into_iter().find(|name| is_alias(root, name) && (is_guest(root, name) || is_itself(root, name)))
}

/// Whether cargo has a command of this name in the workspace, whatever it starts.
#[must_use]
pub fn is_alias(root: &Path, name: &str) -> bool {
    let table = table(root, ".cargo/config.toml");
    table.is_some_and(|table| table.get("alias").is_some_and(|aliases| aliases.get(name).is_some()))
}

/// Whether the folder of this name holds the package that gets the toolkit from elsewhere, as `init` makes it.
#[must_use]
pub fn is_guest(root: &Path, name: &str) -> bool {
    let from = |table: &toml::Table| {
        Some(table.get("dependencies")?.get("slipway")?.get("package")?.as_str()? == env!("CARGO_PKG_NAME"))
    };
    manifest(root, name).as_ref().and_then(from).unwrap_or(false)
}

/// Whether the folder of this name holds the toolkit itself.
fn is_itself(root: &Path, name: &str) -> bool {
    let about = |table: &toml::Table| {
        Some(table.get("package")?.get("description")?.as_str()? == env!("CARGO_PKG_DESCRIPTION"))
    };
    manifest(root, name).as_ref().and_then(about).unwrap_or(false)
}

fn manifest(root: &Path, name: &str) -> Option<toml::Table> {
    table(root, &format!("{name}/Cargo.toml"))
}

fn table(root: &Path, path: &str) -> Option<toml::Table> {
    inside::read(root, path).ok().flatten()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn this_repository_calls_itself() {
        assert_eq!(alias(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")), Some("xtask"));
    }

    #[test]
    fn a_name_alone_is_not_the_toolkit() {
        let theirs = (".cargo/config.toml", "[alias]\nxtask = \"run -p xtask --\"\nslipway = \"run\"\n");
        let package = ("xtask/Cargo.toml", "[package]\nname = \"xtask\"\ndescription = \"theirs\"\n");
        let guest = ("slipway/Cargo.toml", "[dependencies.slipway]\npackage = \"xtask\"\npath = \"/x\"\n");
        assert_eq!(alias(repository(&[theirs, package]).path()), None);
        assert_eq!(alias(repository(&[theirs, package, guest]).path()), Some("slipway"));
        assert_eq!(alias(repository(&[guest]).path()), None, "nothing calls it");
        assert_eq!(alias(repository(&[(".cargo/config.toml", "[alias")]).path()), None);
    }
}
