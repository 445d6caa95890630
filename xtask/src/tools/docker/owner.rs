//! Whose containers, networks and volumes are: labels that say which run made them, and whether that run still lives.

use std::collections::HashMap;

/// The run that something belongs to.
pub const RUN: &str = "slipway.run";
const PID: &str = "slipway.pid";
const HOST: &str = "slipway.host";
const SINCE: &str = "slipway.since";

/// A run of this toolkit: its id and the process that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    run: String,
    pid: u32,
    host: String,
    /// Tells a process from a later one of the same number; empty where the system does not say.
    since: String,
}

impl Owner {
    /// This process, as the run of this id.
    pub fn new(run: impl Into<String>) -> Self {
        let pid = std::process::id();
        Self { run: run.into(), pid, host: host(), since: since(pid) }
    }

    /// The id of the run.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }

    /// The same run as the work of another process, such as one that it started.
    #[must_use]
    pub fn as_process(self, pid: u32) -> Self {
        Self { pid, since: since(pid), ..self }
    }

    /// As labels.
    #[must_use]
    pub fn labels(&self) -> HashMap<String, String> {
        let pid = self.pid.to_string();
        let pairs = [(RUN, &self.run), (PID, &pid), (HOST, &self.host), (SINCE, &self.since)];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    /// From labels; none when they are not ours or not whole.
    #[must_use]
    pub fn from_labels(labels: &HashMap<String, String>) -> Option<Self> {
        let label = |name: &str| labels.get(name).cloned();
        Some(Self {
            run: label(RUN)?,
            pid: label(PID)?.parse().ok()?,
            host: label(HOST)?,
            since: label(SINCE)?,
        })
    }

    /// It was a run on this machine, and its process is gone. Of other machines nobody here knows.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.host == host() && !is_alive(self.pid, &self.since)
    }
}

fn host() -> String {
    let linux = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = linux.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    named.trim().to_owned()
}

/// The boot and the tick of it in which a process began.
#[cfg(target_os = "linux")]
fn since(pid: u32) -> String {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    // The 22nd field; the second is a name in parentheses that may hold anything.
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let ticks = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(19));
    ticks.map(|ticks| format!("{}-{ticks}", boot.trim())).unwrap_or_default()
}

#[cfg(not(target_os = "linux"))]
fn since(_pid: u32) -> String {
    String::new()
}

#[cfg(target_os = "linux")]
fn is_alive(pid: u32, begun: &str) -> bool {
    since(pid) == begun && !begun.is_empty()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn is_alive(pid: u32, _begun: &str) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    // A process of somebody else lives too: only "no such process" is an answer.
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

#[cfg(not(unix))]
fn is_alive(_pid: u32, _begun: &str) -> bool {
    true
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_back() {
        let owner = Owner::new("run-1");
        assert_eq!(Owner::from_labels(&owner.labels()), Some(owner.clone()));
        assert!(!owner.is_dead());
        let mut labels = owner.labels();
        labels.remove(PID);
        assert_eq!(Owner::from_labels(&labels), None);
    }

    #[test]
    fn a_process_that_ended_is_dead_and_so_is_one_whose_number_came_back() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        let owner = Owner::new("run-1").as_process(pid);
        child.wait().unwrap();
        assert!(owner.is_dead());
        let again = Owner { since: "boot-1".to_owned(), ..Owner::new("run-1") };
        assert!(again.is_dead());
        let far = Owner { host: "elsewhere".to_owned(), ..owner };
        assert!(!far.is_dead());
    }
}
