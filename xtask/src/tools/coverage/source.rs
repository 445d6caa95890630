//! The sources that pages show. A tracefile may name any path, and what it names would be published.

use std::path::Path;

use crate::model::workspace::Workspace;

/// A larger file is no source that anybody reads.
const LARGEST: u64 = 16 << 20;

/// The text of a source file: one that git knows or would take, not hidden, and no link to anything else.
#[must_use]
pub fn read(workspace: &Workspace, path: &str) -> Option<Vec<u8>> {
    if !workspace.has_file(path) || path.split('/').any(|part| part.starts_with('.')) {
        return None;
    }
    let (root, full) = (workspace.root.canonicalize().ok()?, workspace.root.join(path));
    let is_plain = |file: std::fs::Metadata| file.is_file() && file.len() <= LARGEST;
    let within = full.symlink_metadata().is_ok_and(is_plain) && full.canonicalize().ok()?.starts_with(&root);
    if within { std::fs::read(Path::new(&full)).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_files_of_the_repository_are_shown() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(folder.path().join(name), "text").unwrap();
        for name in ["lib.rs", "secret", ".env"] {
            put(name);
        }
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link.rs")).unwrap();
        let workspace = Workspace {
            root: folder.path().to_owned(),
            target_directory: folder.path().join("target"),
            packages: Vec::new(),
            files: [".env", "gone.rs", "lib.rs", "link.rs"].map(ToOwned::to_owned).to_vec(),
        };
        assert_eq!(read(&workspace, "lib.rs").as_deref(), Some(b"text".as_slice()));
        for path in ["secret", ".env", "link.rs", "gone.rs", "../lib.rs", "/etc/passwd"] {
            assert_eq!(read(&workspace, path), None, "{path}");
        }
    }
}
