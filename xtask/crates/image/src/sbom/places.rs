//! Where files are read from: an image, or this machine.

use super::Files;
use crate::elf::{self, Host};
use crate::view::View;

/// More is no list of packages.
const LARGEST: u64 = 64 << 20;

impl Files for View {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        Self::read(self, path, LARGEST).ok()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        elf::Files::names(self, folder)
    }
}

impl Files for Host {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        // Opening a pipe would wait for its writer.
        let path = self.path(path);
        path.is_file().then(|| std::fs::read(path).ok()).flatten()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        elf::Files::names(self, folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_read_below_its_root() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(root.path().join("etc")).unwrap();
        std::fs::write(root.path().join("etc/os-release"), "ID=debian\n").unwrap();
        let host = Host::at(root.path());
        assert_eq!(Files::read(&host, "/etc/os-release").as_deref(), Some(b"ID=debian\n".as_slice()));
        assert_eq!(
            (Files::read(&host, "/etc"), Files::names(&host, "/etc")),
            (None, vec!["os-release".to_owned()])
        );
    }
}
