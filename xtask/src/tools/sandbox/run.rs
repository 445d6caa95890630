//! A run of the sandbox, seen from outside.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, kill_process};

use super::cgroup::Cgroup;
use super::order::{Order, STATUS};
use super::program;
use super::unpacked::Unpacked;
use super::user::User;
use crate::model::command::{CommandLine, End as CommandEnd};
use crate::model::smoke::End;
use crate::tools::files::TemporaryFolder;
use crate::tools::process::{Flow, Pipes, Source, SpawnError, Supervisor, Watcher};
use crate::tools::runtime::kept::Kept;
use crate::tools::runtime::{Fault, Health, Output, RunSpec, Running, RuntimeError};

/// How long the kernel may take to make a sandbox.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a health check may take.
const HEALTH: Duration = Duration::from_secs(30);

/// Between two looks at something that tells nobody when it changes.
const LOOK: Duration = Duration::from_millis(2);

/// How long a run may take as far as the supervisor is concerned: whoever started it ends it.
const FOR_EVER: Duration = Duration::from_hours(24 * 366);

/// A program in its sandbox. Dropping it ends the program and removes all that was made for it.
pub(super) struct Run<'a> {
    image: &'a Unpacked,
    spec: RunSpec,
    user: User,
    folder: TemporaryFolder,
    cgroup: Option<Cgroup>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    /// The program's number outside.
    pid: Option<Pid>,
}

/// What the thread that follows the program knows.
#[derive(Default)]
struct Shared {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Default)]
struct Now {
    kept: Kept,
    end: Option<Result<CommandEnd, String>>,
    is_unwanted: bool,
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Follower(Arc<Shared>);

impl Watcher for Follower {
    fn line(&mut self, source: Source, text: &str, _at: Duration) {
        self.0.now().kept.push(source, text);
    }

    fn tick(&mut self, at: Duration) -> Flow {
        if self.0.now().is_unwanted { Flow::Stop(at) } else { Flow::Continue }
    }
}

/// What `inner` said.
#[derive(Debug, Default, PartialEq, Eq)]
struct Status {
    pid: Option<i32>,
    error: Option<String>,
    image: Option<String>,
}

impl Status {
    fn read(text: &str) -> Self {
        let said = |what: &str| text.lines().find_map(|line| line.strip_prefix(what)).map(ToOwned::to_owned);
        Self {
            pid: said("pid: ").and_then(|pid| pid.parse().ok()),
            error: said("error: "),
            image: said("image: "),
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn start(image: &'a Unpacked, spec: &RunSpec, user: User) -> Result<Self, RuntimeError> {
        let broken = |error: io::Error| {
            RuntimeError::of_machine(format!("cannot prepare the process sandbox: {error}"))
        };
        prepare_root(&image.root)?;
        let folder = TemporaryFolder::new().map_err(broken)?;
        let cgroup = Cgroup::make(spec.memory, spec.pids);
        order(image, spec, user, cgroup.as_ref()).write(folder.path()).map_err(broken)?;
        fs::write(folder.path().join(STATUS), "").map_err(broken)?;
        let program = program::install(&image.executable, folder.path()).map_err(broken)?;
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let line = CommandLine::new(text(&program)).args(["outer".to_owned(), text(folder.path())]);
        let shared = Arc::<Shared>::default();
        let supervisor = image.supervisor.with_temporary(None);
        let thread = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || follow(&supervisor, &line, &shared)
        });
        let thread = Some(thread);
        let mut run = Self { image, spec: spec.clone(), user, folder, cgroup, shared, thread, pid: None };
        run.until_started()?;
        Ok(run)
    }

    fn until_started(&mut self) -> Result<(), RuntimeError> {
        let begun = Instant::now();
        let path = self.folder.path().join(STATUS);
        let file = fs::File::open(&path)
            .map_err(|error| RuntimeError::of_machine(format!("cannot read {}: {error}", path.display())))?;
        loop {
            let has_ended = self.shared.now().end.is_some();
            let status = Status::read(&fs::read_to_string(&path).unwrap_or_default());
            // It said who it is after it had locked the file; released, it is the program, or was not to be.
            let is_decided = status.pid.is_some() && file.try_lock().is_ok();
            if is_decided || has_ended {
                let status = Status::read(&fs::read_to_string(&path).unwrap_or_default());
                self.pid = status.pid.and_then(Pid::from_raw);
                return self.started(&status, has_ended);
            }
            if self.image.supervisor.interrupt.is_raised() {
                return Err(RuntimeError::interrupted());
            }
            if begun.elapsed() > PATIENCE {
                return Err(RuntimeError::of_machine("the process sandbox was not ready within 30 s"));
            }
            std::thread::sleep(LOOK);
        }
    }

    fn started(&self, status: &Status, has_ended: bool) -> Result<(), RuntimeError> {
        if let Some(image) = &status.image {
            return Err(RuntimeError::of_image(image.clone()));
        }
        if let Some(error) = &status.error {
            return Err(refused(error));
        }
        if status.pid.is_none() && has_ended {
            let now = self.shared.now();
            if now.end == Some(Ok(CommandEnd::Cancelled)) {
                return Err(RuntimeError::interrupted());
            }
            let why = match &now.end {
                Some(Err(error)) => error.clone(),
                _ => now.kept.output().stderr.trim().to_owned(),
            };
            return Err(refused(&why));
        }
        Ok(())
    }

    /// The first process may be gone already; then its number may be somebody else's, and is left alone.
    fn signal(&self, signal: Signal) -> rustix::io::Result<()> {
        let now = self.shared.now();
        match (now.end.is_none(), self.pid) {
            (true, Some(pid)) => kill_process(pid, signal),
            _ => Ok(()),
        }
    }

    fn end_of(&self, now: &Now) -> Option<Result<End, RuntimeError>> {
        let end = match now.end.as_ref()? {
            Ok(end) => *end,
            Err(error) => return Some(Err(RuntimeError::of_machine(error.clone()))),
        };
        let out_of_memory = match &self.cgroup {
            Some(cgroup) => cgroup.was_out_of_memory(),
            // What Rust's allocator says when it gets no more. The first process of its namespace cannot send itself
            // SIGABRT, and runs into SIGSEGV instead.
            None => {
                matches!(end, CommandEnd::Signalled(6 | 11))
                    && now.kept.output().stderr.contains("memory allocation of ")
            }
        };
        Some(match end {
            _ if out_of_memory => Ok(End::OutOfMemory),
            CommandEnd::Exited(code) => Ok(End::Exited(code.into())),
            CommandEnd::Signalled(signal) => Ok(End::Signalled(signal)),
            CommandEnd::TimedOut(_) => Ok(End::Signalled(9)),
            CommandEnd::Cancelled => Err(RuntimeError::interrupted()),
        })
    }

    fn stop(&mut self) {
        if self.signal(Signal::KILL).is_err() || self.pid.is_none() {
            self.shared.now().is_unwanted = true;
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn follow(supervisor: &Supervisor, line: &CommandLine, shared: &Arc<Shared>) {
    let done = supervisor.run(line, Pipes::Apart, FOR_EVER, &mut Follower(Arc::clone(shared)));
    let end = done.map(|output| output.end).map_err(|error: SpawnError| error.to_string());
    shared.now().end = Some(end);
    shared.changed.notify_all();
}

/// The kernel's refusal, with what to do about it.
fn refused(why: &str) -> RuntimeError {
    let told = RuntimeError::of_machine(format!("this machine does not allow a process sandbox: {why}"));
    let is_refusal =
        ["not permitted", "Permission denied", "No space left"].iter().any(|sign| why.contains(sign));
    if is_refusal {
        return told.hint(
            "allow user namespaces (`sysctl kernel.unprivileged_userns_clone=1`, on Ubuntu also \
             `sysctl kernel.apparmor_restrict_unprivileged_userns=0`), run as root, or start a container engine",
        );
    }
    if why.contains("unrecognized option") {
        return told.hint("util-linux 2.38 or later is needed, or a container engine");
    }
    told
}

/// The folders that something is mounted on. Links would lead out of the image.
fn prepare_root(root: &Path) -> Result<(), RuntimeError> {
    for name in ["dev", "proc"] {
        let path = root.join(name);
        let done = match path.symlink_metadata() {
            Ok(there) if there.is_dir() => continue,
            Ok(_) => return Err(RuntimeError::of_image(format!("/{name} of the image is no folder"))),
            Err(_) => fs::DirBuilder::new().mode(0o755).create(&path),
        };
        done.map_err(|error| RuntimeError::of_machine(format!("cannot make {}: {error}", path.display())))?;
    }
    Ok(())
}

fn order(image: &Unpacked, spec: &RunSpec, user: User, cgroup: Option<&Cgroup>) -> Order {
    let packaged = &image.packaged;
    let entrypoint = spec.entrypoint.as_ref().unwrap_or(&packaged.entrypoint);
    // As engines do: whoever replaces the entrypoint leaves the image's arguments behind.
    let left = if spec.entrypoint.is_some() { &Vec::new() } else { &packaged.args };
    let args = spec.args.as_ref().unwrap_or(left);
    Order {
        parent: std::process::id(),
        root: image.root.clone(),
        command: entrypoint.iter().chain(args).cloned().collect(),
        env: environment(&packaged.env, spec),
        folder: if packaged.folder.is_empty() { "/".to_owned() } else { packaged.folder.clone() },
        user,
        writable: spec.writable.clone(),
        memory: spec.memory,
        pids: spec.pids,
        cgroups: cgroup.map(Cgroup::entrances).unwrap_or_default(),
        as_root: geteuid().is_root() && user.uid != 0,
    }
}

/// What engines set, then what the image sets, then what is asked for.
fn environment(image: &[String], spec: &RunSpec) -> Vec<(String, String)> {
    let usual = [("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOME", "/")];
    let usual = usual.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let image = image.iter().filter_map(|pair| pair.split_once('='));
    let image = image.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let asked = spec.env.iter().map(|(name, value)| (name.clone(), value.clone()));
    usual.into_iter().chain(image).chain(asked).collect()
}

impl Running for Run<'_> {
    fn address(&self) -> Result<(String, u16), RuntimeError> {
        let port = self.spec.port.ok_or_else(|| RuntimeError::of_machine("no port was asked for"))?;
        Ok(("127.0.0.1".to_owned(), port))
    }

    fn user(&self) -> Result<String, RuntimeError> {
        Ok(format!("{}:{}", self.user.uid, self.user.gid))
    }

    fn end(&self) -> Result<Option<End>, RuntimeError> {
        self.end_of(&self.shared.now()).transpose()
    }

    fn health(&self) -> Result<Health, RuntimeError> {
        let Some(command) = self.image.packaged.health_command() else { return Ok(Health::None) };
        let spec = RunSpec { entrypoint: Some(command), args: None, port: None, ..self.spec.clone() };
        let probe = match Run::start(self.image, &spec, self.user) {
            Ok(probe) => probe,
            Err(error) if error.fault == Fault::Image => {
                return Ok(Health::NotYet(error.message));
            }
            Err(error) => return Err(error),
        };
        Ok(match probe.wait(HEALTH)? {
            Some(End::Exited(0)) => Health::Healthy,
            end => {
                let Output { stdout, stderr } = probe.output()?;
                let end = end.map_or_else(|| "it takes too long".to_owned(), |end| end.to_string());
                Health::NotYet(format!("{end} {}", format!("{stdout}{stderr}").trim()).trim().to_owned())
            }
        })
    }

    fn output(&self) -> Result<Output, RuntimeError> {
        Ok(self.shared.now().kept.output())
    }

    fn ask_to_stop(&self) -> Result<(), RuntimeError> {
        match self.signal(Signal::TERM) {
            // It has ended by itself meanwhile.
            Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
            Err(error) => Err(RuntimeError::of_machine(format!("cannot send SIGTERM: {error}"))),
        }
    }

    fn wait(&self, limit: Duration) -> Result<Option<End>, RuntimeError> {
        let now = self.shared.now();
        let waited = self.shared.changed.wait_timeout_while(now, limit, |now| now.end.is_none());
        let (now, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.end_of(&now).transpose()
    }

    fn remove(mut self: Box<Self>) -> Result<(), RuntimeError> {
        self.stop();
        Ok(())
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_inside_is_read() {
        let status = Status::read("pid: 17\nimage: cannot start /app: no\n");
        assert_eq!((status.pid, status.image.as_deref()), (Some(17), Some("cannot start /app: no")));
        assert_eq!(Status::read("pid: x\n"), Status::default());
    }

    #[test]
    fn a_refusal_has_a_remedy() {
        let error = refused("unshare: unshare failed: Operation not permitted");
        assert!(error.to_string().contains("unprivileged_userns_clone=1"), "{error}");
        assert!(
            refused("unshare: unrecognized option '--map-user=1'").to_string().contains("util-linux 2.38")
        );
    }

    #[test]
    fn links_out_of_the_image_are_refused() {
        let root = tempfile::tempdir().unwrap();
        prepare_root(root.path()).unwrap();
        prepare_root(root.path()).unwrap();
        fs::remove_dir(root.path().join("dev")).unwrap();
        std::os::unix::fs::symlink("/dev", root.path().join("dev")).unwrap();
        assert_eq!(prepare_root(root.path()).unwrap_err().message, "/dev of the image is no folder");
    }

    #[test]
    fn the_last_word_on_a_variable_is_the_run_s() {
        let spec = RunSpec { env: [("A".to_owned(), "3".to_owned())].into(), ..RunSpec::default() };
        let env = environment(&["A=2".to_owned(), "PATH=/app".to_owned(), "broken".to_owned()], &spec);
        let last =
            |name: &str| env.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!((last("A"), last("PATH"), last("HOME")), (Some("3"), Some("/app"), Some("/")));
    }
}
