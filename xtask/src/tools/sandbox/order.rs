//! What is to be done inside, written to a file that only we can read: it may hold secrets, and arguments are seen by all.

use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::user::User;

/// The name of the file with the order.
pub(super) const ORDER: &str = "order.json";

/// The name of the file in which `inner` says who it is, and what did not work. It is locked until the image's program
/// has taken over or nothing will.
pub(super) const STATUS: &str = "status";

/// A run of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Order {
    /// The process that gives it; nothing runs without it.
    pub(super) parent: u32,
    /// The folder that becomes the root.
    pub(super) root: PathBuf,
    /// The program, a path or a name to look up in its own `PATH`, and its arguments.
    pub(super) command: Vec<String>,
    /// All its variables.
    pub(super) env: Vec<(String, String)>,
    /// Where it starts.
    pub(super) folder: String,
    /// Who it becomes.
    pub(super) user: User,
    /// Folders it can write to.
    pub(super) writable: Vec<String>,
    /// The most memory, in bytes.
    pub(super) memory: Option<u64>,
    /// The most processes and threads.
    pub(super) pids: u16,
    /// Files that take the process into its cgroups; when there are none, limits of each process stand in.
    pub(super) cgroups: Vec<PathBuf>,
    /// Whether the mounts are made as root of this machine; otherwise in a user namespace.
    pub(super) as_root: bool,
}

impl Order {
    /// Writes it into a folder.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join(ORDER))?;
        serde_json::to_writer(file, self).map_err(io::Error::from)
    }

    /// Reads it.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(ORDER))?).map_err(io::Error::from)
    }

    /// The arguments of `unshare`, for this program inside.
    pub(super) fn unshare(&self, program: &Path, folder: &Path) -> Vec<String> {
        let mut arguments: Vec<String> =
            ["--mount", "--pid", "--ipc", "--uts", "--kill-child"].map(ToOwned::to_owned).into();
        if !self.as_root {
            let User { uid, gid } = self.user;
            arguments.extend([
                "--user".to_owned(),
                format!("--map-user={uid}"),
                format!("--map-group={gid}"),
                // A user that is not root would lose them before it could mount anything.
                "--keep-caps".to_owned(),
            ]);
        }
        let text = |path: &Path| path.to_string_lossy().into_owned();
        arguments.extend([text(program), "inner".to_owned(), text(folder)]);
        arguments
    }
}
