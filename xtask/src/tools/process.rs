//! The one place that starts processes. Each runs in a group of its own, with its output read line by line, a time
//! limit, and an end that takes the whole group along: SIGTERM, a time of grace, SIGKILL.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use process_wrap::std::{ChildWrapper, CommandWrap};

mod capture;
mod pipes;
mod queries;

pub use capture::Capture;
use pipes::Line;
pub use pipes::{Pipes, Source};

use super::interrupt::Interrupt;
use super::orphans;
use super::variables::Variables;
use crate::kit::secret::Redactor;
use crate::model::command::{CommandLine, CommandOutput, End};

/// How often a running process is looked at when it prints nothing.
const TICK: Duration = Duration::from_millis(40);

/// How soon a process is looked at after it closed its pipes, which most do by ending. Each further look waits twice
/// as long as the one before, up to [`TICK`].
const FIRST_LOOK: Duration = Duration::from_micros(50);

/// How long more output is waited for after the process itself has ended, when something else holds its pipes open:
/// long enough for our own threads to bring what is in them on a loaded machine.
const DRAIN: Duration = Duration::from_secs(2);

/// The same for a process that we ended: what it still said matters less than the end.
const DRAIN_OF_ENDED: Duration = Duration::from_millis(300);

/// Starts processes and sees to it that they end.
#[derive(Clone, Debug)]
pub struct Supervisor {
    /// The folder that commands run in, and that the folders they name are relative to.
    pub root: PathBuf,
    /// The environment that commands see.
    pub env: Variables,
    /// Removes secrets from all output.
    pub redactor: Redactor,
    /// Ends all processes when raised.
    pub interrupt: Interrupt,
    /// The time between SIGTERM and SIGKILL.
    pub grace: Duration,
    /// Processes that are ours and running.
    pub running: Arc<Mutex<BTreeSet<u32>>>,
}

/// What the watcher of a process wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Let it run.
    Continue,
    /// End it: it has run longer than this.
    Stop(Duration),
}

/// Follows a process while it runs.
pub trait Watcher {
    /// It printed a line, so long after its start.
    fn line(&mut self, source: Source, text: &str, at: Duration);
    /// Some time has passed.
    fn tick(&mut self, _at: Duration) -> Flow {
        Flow::Continue
    }
}

/// Watches nothing.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watcher for Unwatched {
    fn line(&mut self, _source: Source, _text: &str, _at: Duration) {}
}

/// A program that could not be started.
#[derive(Debug)]
pub struct SpawnError {
    /// The program.
    pub program: String,
    /// Why.
    pub error: io::Error,
}

impl SpawnError {
    /// There is no such program.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.error.kind() == io::ErrorKind::NotFound
    }
}

impl std::fmt::Display for SpawnError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.is_missing() {
            return write!(f, "{} is not installed, or not on PATH", self.program);
        }
        write!(f, "cannot start {}: {}", self.program, self.error)
    }
}

impl std::error::Error for SpawnError {}

impl Supervisor {
    /// The same in another folder.
    #[must_use]
    pub fn at(&self, folder: &Path) -> Self {
        Self { root: folder.to_owned(), ..self.clone() }
    }

    /// One of the same kind, whose processes keep their temporary files in this folder.
    #[must_use]
    pub fn with_temporary(&self, folder: Option<&Path>) -> Self {
        let mut env = self.env.clone();
        env.extend(folder.map(|folder| ("TMPDIR".to_owned(), folder.to_string_lossy().into_owned())));
        Self {
            root: self.root.clone(),
            env,
            redactor: self.redactor.clone(),
            interrupt: self.interrupt.clone(),
            grace: self.grace,
            // One set for both: neither may take a process of the other for an orphan.
            running: Arc::clone(&self.running),
        }
    }

    /// Runs a command to its end, or to ours.
    ///
    /// # Errors
    /// When it cannot be started. However it ends, that is no error but [`CommandOutput::end`].
    pub fn run(
        &self,
        line: &CommandLine,
        pipes: Pipes,
        timeout: Duration,
        watcher: &mut dyn Watcher,
    ) -> Result<CommandOutput, SpawnError> {
        let started = Instant::now();
        let failed = |error| SpawnError { program: line.program().to_owned(), error };
        let mut command = self.command(line);
        let (attached, readers) = pipes.attach(&mut command).map_err(failed)?;
        if let Some(file) = line.output_file() {
            command.stdout(std::fs::File::create(self.root.join(file)).map_err(failed)?);
        }
        let mut child = self.spawn(command).map_err(failed)?;
        drop(attached);
        let mut watch = Watch { supervisor: self, started, timeout, ending: None };
        let mut capture = Capture::default();
        let status = watch.follow(child.as_mut(), &readers.start(), &mut capture, watcher);
        let pid = child.id();
        // Whatever is left of the group had its chance.
        let _ = child.start_kill();
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&pid);
        if watch.ending.is_some() {
            // Beside another command an orphan may be that one's; then the end of the run takes it along.
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            if running.is_empty() {
                orphans::end_all(&running);
            }
        }
        let (stdout, stderr) = capture.into_texts();
        let end = watch.ending.map_or_else(|| end_of(status), |ending| ending.end);
        Ok(CommandOutput { end, stdout, stderr, duration: started.elapsed() })
    }

    fn command(&self, line: &CommandLine) -> Command {
        let mut command = Command::new(line.program());
        let env = self.env.iter().filter(|(name, _)| line.may_have(name));
        command.args(line.arguments()).env_clear().envs(env).envs(line.variables());
        let folder = line.folder().map_or_else(|| self.root.clone(), |folder| self.root.join(folder));
        command.current_dir(folder).stdin(Stdio::null());
        command
    }

    /// The lock is held over the start, so that a new child is never taken for an orphan.
    fn spawn(&self, command: Command) -> io::Result<Box<dyn ChildWrapper>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut wrapped = CommandWrap::from(command);
        #[cfg(unix)]
        wrapped.wrap(process_wrap::std::ProcessGroup::leader());
        let child = wrapped.spawn()?;
        running.insert(child.id());
        Ok(child)
    }
}

#[derive(Clone, Copy)]
struct Ending {
    end: End,
    kill_at: Instant,
    killed: bool,
}

struct Watch<'a> {
    supervisor: &'a Supervisor,
    started: Instant,
    timeout: Duration,
    ending: Option<Ending>,
}

impl Watch<'_> {
    fn follow(
        &mut self,
        child: &mut dyn ChildWrapper,
        lines: &Receiver<Line>,
        capture: &mut Capture,
        watcher: &mut dyn Watcher,
    ) -> Option<ExitStatus> {
        let mut exited: Option<(Option<ExitStatus>, Instant)> = None;
        let mut open = true;
        let mut next_look = FIRST_LOOK;
        let (mut last_look, mut last_line) = (Instant::now(), Instant::now());
        loop {
            let received = if open {
                lines.recv_timeout(TICK)
            } else {
                std::thread::sleep(next_look);
                next_look = TICK.min(next_look * 2);
                Err(RecvTimeoutError::Timeout)
            };
            match received {
                Ok(Line { source, at, bytes }) => {
                    last_line = Instant::now();
                    let text = self.supervisor.redactor.redact(&String::from_utf8_lossy(&bytes));
                    watcher.line(source, &text, at.saturating_duration_since(self.started));
                    capture.push(source, &text);
                    if last_look.elapsed() < TICK {
                        continue;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => open = false,
            }
            last_look = Instant::now();
            // The leader alone is asked: the wrapper would wait for adopted members of its group too, and lose
            // the leader's status while they live.
            if exited.is_none() {
                exited = match child.inner_mut().try_wait() {
                    Ok(None) => None,
                    // An error says that somebody else reaped it: it is gone, and its status with it.
                    ended => Some((ended.ok().flatten(), Instant::now())),
                };
            }
            // Something that holds the pipes may go on talking: then there is an end too.
            let drain = if self.ending.is_some() { DRAIN_OF_ENDED } else { DRAIN };
            if let Some((status, at)) = exited
                && (!open || at.max(last_line).elapsed() > drain || at.elapsed() > 5 * drain)
            {
                return status;
            }
            if exited.is_none() {
                self.end_if_due(child, watcher.tick(self.started.elapsed()));
            }
        }
    }

    fn end_if_due(&mut self, child: &mut dyn ChildWrapper, flow: Flow) {
        let interrupt = &self.supervisor.interrupt;
        if let Some(ending) = &mut self.ending {
            let out_of_patience = Instant::now() >= ending.kill_at || interrupt.is_urgent();
            if out_of_patience && !ending.killed {
                let _ = child.start_kill();
                ending.killed = true;
            }
            return;
        }
        let end = match flow {
            _ if interrupt.is_raised() => End::Cancelled,
            Flow::Stop(limit) => End::TimedOut(limit),
            Flow::Continue if self.started.elapsed() > self.timeout => End::TimedOut(self.timeout),
            Flow::Continue => return,
        };
        terminate(child);
        self.ending = Some(Ending { end, kill_at: Instant::now() + self.supervisor.grace, killed: false });
    }
}

fn terminate(child: &mut dyn ChildWrapper) {
    #[cfg(unix)]
    let _ = child.signal(signal_hook::consts::SIGTERM);
    #[cfg(not(unix))]
    let _ = child.start_kill();
}

fn end_of(status: Option<ExitStatus>) -> End {
    #[cfg(unix)]
    if let Some(signal) = status.and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status)) {
        return End::Signalled(signal);
    }
    End::Exited(status.and_then(|status| status.code()).unwrap_or(-1))
}

#[cfg(test)]
mod tests;
