//! Whose containers, networks, volumes and images are: labels and names that say which run made them, and whether that run
//! still lives.

use std::collections::HashMap;

use slipway_image::Digest;

/// The run that something belongs to.
pub const RUN: &str = "slipway.run";
/// Names of images that an engine has for one run only begin with this.
pub(super) const LENT: &str = "localhost/slipway/";

const PID: &str = "slipway.pid";
const HOST: &str = "slipway.host";
const PLACE: &str = "slipway.place";
const SINCE: &str = "slipway.since";

/// A run of this toolkit: its id and the process that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    run: String,
    pid: u32,
    host: String,
    /// Whose numbers of processes these are; empty where the system does not say.
    place: String,
    /// Tells a process from a later one of the same number; empty where the system does not say.
    since: String,
}

impl Owner {
    /// This process, as the run of this id.
    pub fn new(run: impl Into<String>) -> Self {
        let pid = std::process::id();
        Self { run: run.into(), pid, host: host(), place: place(), since: since(pid) }
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
        let pairs =
            [(RUN, &self.run), (PID, &pid), (HOST, &self.host), (PLACE, &self.place), (SINCE, &self.since)];
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
            place: label(PLACE)?,
            since: label(SINCE)?,
        })
    }

    /// A name for an image that an engine gets for this run only. Its tag begins with `version` and says whose it is: a label
    /// would give the image another digest.
    #[must_use]
    pub fn image(&self, name: &str, version: &str) -> String {
        format!("{LENT}{}:{version}.{}", name.to_ascii_lowercase(), self.mark())
    }

    /// An image of this name was given to an engine by this run.
    pub(super) fn has_image(&self, name: &str) -> bool {
        mark_in(name) == Some(&self.mark())
    }

    fn mark(&self) -> String {
        format!("{}.{}.{}", self.pid, here(&self.host, &self.place), self.since)
    }

    /// It was a run on this machine, and its process is gone. Of other machines nobody here knows, nor of containers on this
    /// one, which often have its name and whose processes have numbers of their own, nor of other users, whose processes may
    /// be hidden.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.host == host() && self.place == place() && !is_alive(self.pid, &self.since)
    }
}

/// An image of this name was given to an engine by a run that is dead, as [`Owner::is_dead`] says it.
pub(super) fn is_image_of_dead(name: &str) -> bool {
    let Some((pid, place, since)) = mark_in(name).and_then(|mark| {
        let (pid, rest) = mark.split_once('.')?;
        let (place, since) = rest.split_once('.')?;
        Some((pid.parse().ok()?, place, since))
    }) else {
        return false;
    };
    place == here(&host(), &self::place()) && !is_alive(pid, since)
}

/// What a name of an image says of its run.
fn mark_in(name: &str) -> Option<&str> {
    let (_, tag) = name.strip_prefix(LENT)?.rsplit_once(':')?;
    Some(tag.split_once('.')?.1)
}

/// A machine and who sees its processes, as short as tags have to be.
fn here(host: &str, place: &str) -> String {
    Digest::of(format!("{host}\0{place}").as_bytes()).short().to_owned()
}

fn host() -> String {
    let linux = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let named = linux.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    named.trim().to_owned()
}

/// Which processes are seen here: the namespace of their numbers, and the user who looks. See `pid_namespaces(7)`, and
/// `hidepid` in `proc_pid(5)`.
#[cfg(target_os = "linux")]
fn place() -> String {
    let namespace = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    format!("{} {}", namespace.display(), rustix::process::geteuid().as_raw())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn place() -> String {
    rustix::process::geteuid().as_raw().to_string()
}

#[cfg(not(unix))]
fn place() -> String {
    String::new()
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

    #[test]
    fn a_name_of_an_image_tells_whose_it_is() {
        let owner = Owner::new("run-1");
        let name = owner.image("App", "0123456789ab");
        assert!(name.starts_with("localhost/slipway/app:0123456789ab."), "{name}");
        assert!(name.parse::<slipway_image::Reference>().is_ok(), "{name}");
        assert!(owner.has_image(&name) && !is_image_of_dead(&name));
        let gone = Owner { since: "boot-1".to_owned(), ..owner.clone() };
        let name = gone.image("app", "0123456789ab");
        assert!(is_image_of_dead(&name) && !owner.has_image(&name), "{name}");
        let far = Owner { host: "elsewhere".to_owned(), ..gone };
        assert!(!is_image_of_dead(&far.image("app", "0123456789ab")));
        for foreign in
            ["app:1", "localhost/slipway/app:1", "localhost/slipway/app:1.2.3", "localhost/slipway/app:"]
        {
            assert!(!is_image_of_dead(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_process_of_another_namespace_or_user_is_not_judged() {
        let gone = Owner { since: "boot-1".to_owned(), ..Owner::new("run-1") };
        assert!(gone.is_dead());
        let (namespace, user) = gone.place.split_once(' ').unwrap();
        assert!(namespace.starts_with("pid:["), "{namespace}");
        for place in [format!("pid:[1] {user}"), format!("{namespace} 4294967294"), String::new()] {
            let other = Owner { place, ..gone.clone() };
            assert!(!other.is_dead(), "{other:?}");
            assert_eq!(Owner::from_labels(&other.labels()), Some(other));
        }
    }
}
