//! Control groups: memory and processes of a whole run are counted together, as in a container. Only root can make them,
//! and only where the machine lets it.
//!
//! Sources: the kernel's `Documentation/admin-guide/cgroup-v2.rst` and `cgroup-v1/{memory,pids}.rst`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::geteuid;

const MOUNT: &str = "/sys/fs/cgroup";

/// Every cgroup of ours is called so, with the process that made it behind it.
const PREFIX: &str = "slipway-";

/// A control group, or with the first version of them one of memory and one of processes.
#[derive(Debug)]
pub(super) struct Cgroup {
    memory: PathBuf,
    pids: PathBuf,
}

/// The two versions of control groups.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// Whether this machine lets us make one.
pub(super) fn can_be_made() -> bool {
    geteuid().is_root() && version(Path::new(MOUNT)).is_some() && Cgroup::make(None, 1).is_some()
}

fn version(mount: &Path) -> Option<Version> {
    let controllers = fs::read_to_string(mount.join("cgroup.subtree_control"));
    match controllers {
        Ok(controllers) => {
            let has = |name| controllers.split_whitespace().any(|controller| controller == name);
            (has("memory") && has("pids")).then_some(Version::Two)
        }
        Err(_) => ["memory", "pids"].iter().all(|name| mount.join(name).is_dir()).then_some(Version::One),
    }
}

impl Cgroup {
    /// Makes one with these limits; none where that is not possible.
    pub(super) fn make(memory: Option<u64>, pids: u16) -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        if !geteuid().is_root() {
            return None;
        }
        let mount = Path::new(MOUNT);
        let version = version(mount)?;
        let name = format!("{PREFIX}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let at = |controller: &str| match version {
            Version::One => mount.join(controller),
            Version::Two => mount.to_owned(),
        };
        let made = Self { memory: at("memory").join(&name), pids: at("pids").join(&name) };
        remove_dead(&at("memory"));
        remove_dead(&at("pids"));
        // Dropping it removes what there is of it.
        made.fill(version, memory, pids).ok().map(|()| made)
    }

    fn fill(&self, version: Version, memory: Option<u64>, pids: u16) -> io::Result<()> {
        for folder in self.folders() {
            fs::create_dir(folder)?;
        }
        // `unshare` is in it too.
        fs::write(self.pids.join("pids.max"), (u32::from(pids) + 1).to_string())?;
        let Some(memory) = memory else { return Ok(()) };
        let (most, with_swap, of_swap) = match version {
            Version::One => ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes", memory),
            Version::Two => ("memory.max", "memory.swap.max", 0),
        };
        fs::write(self.memory.join(most), memory.to_string())?;
        // Kernels without swap have no such file.
        let _ = fs::write(self.memory.join(with_swap), of_swap.to_string());
        Ok(())
    }

    fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        let both = self.memory != self.pids;
        std::iter::once(&self.memory).chain(both.then_some(&self.pids))
    }

    /// The files that take a process in.
    pub(super) fn entrances(&self) -> Vec<PathBuf> {
        self.folders().map(|folder| folder.join("cgroup.procs")).collect()
    }

    /// Whether the kernel has ended a process of it for want of memory.
    pub(super) fn was_out_of_memory(&self) -> bool {
        let told = ["memory.events", "memory.oom_control"];
        let told = told.iter().filter_map(|name| fs::read_to_string(self.memory.join(name)).ok());
        told.into_iter().any(|text| oom_kills(&text) > 0)
    }
}

fn oom_kills(text: &str) -> u64 {
    let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        for folder in self.folders() {
            // What was killed may take a moment to be gone.
            for _ in 0..100 {
                match fs::remove_dir(folder) {
                    Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    _ => break,
                }
            }
        }
    }
}

/// Removes those of runs that were killed.
fn remove_dead(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        if maker.is_some_and(|pid| pid.parse::<u32>().is_ok() && !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kills_for_want_of_memory_are_read_from_both_versions() {
        assert_eq!(oom_kills("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"), 2);
        assert_eq!(oom_kills("low 0\noom 3\noom_kill 1\noom_group_kill 0\n"), 1);
        assert_eq!(oom_kills("oom 3\n"), 0);
    }

    #[test]
    fn which_version_there_is_is_seen_by_its_files() {
        let mount = tempfile::tempdir().unwrap();
        assert!(version(mount.path()).is_none());
        fs::create_dir(mount.path().join("memory")).unwrap();
        assert!(version(mount.path()).is_none());
        fs::create_dir(mount.path().join("pids")).unwrap();
        assert!(version(mount.path()) == Some(Version::One));
        fs::write(mount.path().join("cgroup.subtree_control"), "cpu memory").unwrap();
        assert!(version(mount.path()).is_none());
        fs::write(mount.path().join("cgroup.subtree_control"), "cpu memory pids\n").unwrap();
        assert!(version(mount.path()) == Some(Version::Two));
    }
}
