//! Processes that left their group and outlived their parent, such as the tests of a runner that was killed.
//! On Linux they come back to us and are ended; elsewhere this does nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// Only a process that adopts has children that it did not start; in any other one they are somebody's own.
static ADOPTING: AtomicBool = AtomicBool::new(false);

/// From now on, orphans below this process become its children.
pub fn adopt() {
    #[cfg(target_os = "linux")]
    {
        // Where that fails orphans go to init, as they would anyway.
        let adopted = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        ADOPTING.store(adopted.is_ok(), Ordering::SeqCst);
    }
}

/// Ends all children of this process but those in `keep`, and what comes back when they are gone.
pub fn end_all(keep: &BTreeSet<u32>) {
    if ADOPTING.load(Ordering::SeqCst) {
        #[cfg(target_os = "linux")]
        linux::end_all(keep);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeSet;
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, WaitOptions, getpid, kill_process, waitpid};

    /// Long enough for a killed process to be reaped on a loaded machine.
    const PATIENCE: Duration = Duration::from_secs(3);

    pub(super) fn end_all(keep: &BTreeSet<u32>) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let orphans: Vec<u32> = children().into_iter().filter(|pid| !keep.contains(pid)).collect();
            if orphans.is_empty() || Instant::now() > deadline {
                return;
            }
            for orphan in orphans {
                let Some(pid) = i32::try_from(orphan).ok().and_then(Pid::from_raw) else { continue };
                let _ = kill_process(pid, Signal::KILL);
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn children() -> Vec<u32> {
        let own = getpid().as_raw_nonzero().get().to_string();
        let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
            .filter(|pid| parent(*pid).as_deref() == Some(&own))
            .collect()
    }

    /// The fourth field of `/proc/PID/stat`; the second is a name in parentheses that may hold anything.
    fn parent(pid: u32) -> Option<String> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        rest.split_whitespace().nth(1).map(ToOwned::to_owned)
    }
}
