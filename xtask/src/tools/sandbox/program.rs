//! The other name of this executable, under which it makes a sandbox and becomes the program inside.

use std::io;
use std::path::{Path, PathBuf};

/// The file name that makes this executable the sandbox's.
pub const NAME: &str = "slipway-sandbox";

/// Puts the executable under that name into a folder.
pub(super) fn install(executable: &Path, folder: &Path) -> io::Result<PathBuf> {
    let path = folder.join(NAME);
    std::os::unix::fs::symlink(executable, &path)?;
    Ok(path)
}
