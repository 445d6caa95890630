//! The machine's own files.

use std::path::{Path, PathBuf};

use super::{Elf, Files};

/// The files below a folder of this machine, `/` as a rule. Links are followed as the machine does: a folder that holds another
/// system is for tests, or for trees whose links are relative.
#[derive(Clone, Debug)]
pub struct Host {
    root: PathBuf,
}

impl Host {
    /// The machine itself.
    #[must_use]
    pub fn new() -> Self {
        Self::at(Path::new("/"))
    }

    /// The tree below this folder.
    #[must_use]
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// Where the file of this path is on the machine.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Files for Host {
    fn elf(&self, path: &str) -> Option<Elf> {
        // Opening a pipe would wait for its writer.
        let path = self.path(path);
        let bytes = path.is_file().then(|| std::fs::read(path).ok()).flatten()?;
        Elf::parse(&bytes).ok().flatten()
    }

    fn text(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.path(path)).ok()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).into_iter().flatten().flatten();
        let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    fn real(&self, path: &str) -> Option<String> {
        let real = std::fs::canonicalize(self.path(path)).ok()?;
        let root = std::fs::canonicalize(&self.root).ok()?;
        Some(format!("/{}", real.strip_prefix(root).ok()?.to_str()?))
    }
}
