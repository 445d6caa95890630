//! Runs an unpacked image as a process of this machine, where there is no container engine.
//!
//! `unshare` of util-linux makes the namespaces (mounts, processes, IPC, host name, and users). Everything else is done by
//! this executable under another name, in two stages: `outer` sees to it that nothing outlives us and becomes `unshare`;
//! `inner`, the first process of the new namespaces, makes the image's folder the root, gives up all rights and becomes the
//! image's program. No program is needed inside the image.
//!
//! Root makes the mounts as root and becomes the image's user; anybody else, and an image that runs as root, is mapped to
//! that user in a user namespace. Either way the program holds no capability and can gain none. The network is the
//! machine's own: see [`Sandbox::notes`](crate::tools::runtime::Runtime::notes).

use std::path::PathBuf;

use super::process::Supervisor;
use super::programs;
use super::runtime::{Packaged, RunSpec, Running, Runtime, RuntimeError};

mod caps;
mod cgroup;
mod failed;
mod inner;
mod mounts;
mod order;
mod outer;
mod port;
mod program;
mod run;
mod unpacked;
mod user;

pub use outer::{called, is_called};
pub use program::NAME;
use unpacked::Unpacked;

/// What the report calls it.
pub const RUNTIME: &str = "process sandbox, no engine";

/// An unpacked image, ready to be run.
#[derive(Debug)]
pub struct Sandbox(Unpacked);

impl Sandbox {
    /// For the image whose files lie in the folder `root`, which is the sandbox's from now on: it makes `/dev`, `/proc` and
    /// what else a run needs in it.
    ///
    /// # Errors
    /// When this machine cannot run it: no `unshare`, or our own executable is not to be found.
    pub fn new(
        supervisor: &Supervisor,
        root: impl Into<PathBuf>,
        packaged: Packaged,
    ) -> Result<Self, RuntimeError> {
        let own = std::env::current_exe();
        let own =
            own.map_err(|error| RuntimeError::of_machine(format!("cannot find this program: {error}")))?;
        Self::run_by(supervisor, root, packaged, own)
    }

    /// The same with the executable that is run inside, which has to be this one.
    ///
    /// # Errors
    /// As [`Sandbox::new`].
    pub fn run_by(
        supervisor: &Supervisor,
        root: impl Into<PathBuf>,
        packaged: Packaged,
        executable: impl Into<PathBuf>,
    ) -> Result<Self, RuntimeError> {
        if programs::find(&supervisor.env, "unshare").is_none() {
            return Err(RuntimeError::of_machine("unshare is not installed, or not on PATH")
                .hint("install util-linux, or start a container engine"));
        }
        let root = root.into();
        let root = root.canonicalize().map_err(|error| {
            RuntimeError::of_machine(format!("cannot use the folder {}: {error}", root.display()))
        })?;
        let supervisor = supervisor.with_temporary(None);
        Ok(Self(Unpacked { supervisor, root, packaged, executable: executable.into() }))
    }
}

impl Runtime for Sandbox {
    fn name(&self) -> &'static str {
        RUNTIME
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![
            "the process sandbox shares the network of this machine, and filters no system calls".to_owned(),
        ];
        if !cgroup::can_be_made() {
            notes.push(
                "the process sandbox cannot make a cgroup here: memory is limited for each process by itself \
                 (RLIMIT_DATA)"
                    .to_owned(),
            );
        }
        notes
    }

    fn start(&self, spec: &RunSpec) -> Result<Box<dyn Running + '_>, RuntimeError> {
        let Self(unpacked) = self;
        let user = user::resolve(&unpacked.root, &unpacked.packaged.user).map_err(RuntimeError::of_image)?;
        if let Some(port) = spec.port {
            port::check(port)?;
        }
        Ok(Box::new(run::Run::start(unpacked, spec, user)?))
    }
}
