//! What a run needs to know of the image and of this machine.

use std::path::PathBuf;

use crate::tools::process::Supervisor;
use crate::tools::runtime::Packaged;

/// An unpacked image.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// Runs what is run, and ends it when somebody asks to stop.
    pub(super) supervisor: Supervisor,
    /// The folder with its files, absolute.
    pub(super) root: PathBuf,
    /// How it says that it wants to be run.
    pub(super) packaged: Packaged,
    /// This toolkit's executable.
    pub(super) executable: PathBuf,
}
