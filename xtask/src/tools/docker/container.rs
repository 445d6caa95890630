//! Containers that a run starts and always removes: what they may do, how they are, what they said.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::{Duration, Instant};

mod log_limit;

use bollard::container::LogOutput;
use bollard::models::{ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig, PortBinding};
use bollard::query_parameters::{
    KillContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
    WaitContainerOptionsBuilder,
};
use futures_util::StreamExt as _;

use super::endpoint::Endpoint;
use super::engine::{Engine, Limits};
use super::error::{Cause, EngineError, PATIENCE};
use super::owner::Owner;
use super::state::State;

/// The most of each stream of a container that is kept, in bytes: its end.
const KEPT: usize = 8 << 20;

/// A container to be made. [`ContainerSpec::new`] gives one that may do next to nothing.
#[derive(Clone, Debug)]
pub struct ContainerSpec {
    /// The image: an id, a tag, or a name with a digest. It must be there already.
    pub image: String,
    /// In place of the image's entrypoint.
    pub entrypoint: Option<Vec<String>>,
    /// In place of the image's command.
    pub args: Option<Vec<String>>,
    /// Added to the image's variables.
    pub env: Vec<(String, String)>,
    /// In place of the image's user: a name, an id, or `uid:gid`.
    pub user: Option<String>,
    /// Whether the container can change its files.
    pub root: Root,
    /// What its processes may do beyond their user.
    pub privileges: Privileges,
    /// The most memory, in bytes; swap is not given on top of it.
    pub memory: Option<u64>,
    /// The most processes and threads.
    pub pids: Option<u32>,
    /// Folders in memory, which can be written to whatever `root` says.
    pub tmpfs: Vec<PathBuf>,
    /// TCP ports of the container that are reachable from here; [`State::ports`] tells where.
    pub ports: Vec<u16>,
    /// The network it is in, by name; the engine's default one without.
    pub network: Option<String>,
    /// How often its health check is asked, in place of what the image says: nobody who waits for it wants to wait longer.
    pub health_interval: Option<Duration>,
    /// Further labels.
    pub labels: BTreeMap<String, String>,
}

/// Whether a container can change its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// It cannot.
    ReadOnly,
    /// It can.
    Writable,
}

/// What a container's processes may do beyond their user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privileges {
    /// Nothing: all capabilities are dropped, and no program can gain any.
    None,
    /// What the engine gives by default.
    Default,
}

impl ContainerSpec {
    /// A container of this image with read-only files, no capabilities, and no limits of memory and processes.
    pub fn new(image: impl Into<String>) -> Self {
        Self {
            image: image.into(),
            entrypoint: None,
            args: None,
            env: Vec::new(),
            user: None,
            root: Root::ReadOnly,
            privileges: Privileges::None,
            memory: None,
            pids: None,
            tmpfs: Vec::new(),
            ports: Vec::new(),
            network: None,
            health_interval: None,
            labels: BTreeMap::new(),
        }
    }

    fn body(&self, owner: &Owner, publish: &str, logs: Option<HostConfigLogConfig>) -> ContainerCreateBody {
        let port = |port: &u16| format!("{port}/tcp");
        let anywhere = || PortBinding { host_ip: Some(publish.to_owned()), host_port: Some("0".to_owned()) };
        let bytes = self.memory.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
        let bare = self.privileges == Privileges::None;
        let host = HostConfig {
            readonly_rootfs: Some(self.root == Root::ReadOnly),
            cap_drop: bare.then(|| vec!["ALL".to_owned()]),
            security_opt: bare.then(|| vec!["no-new-privileges".to_owned()]),
            memory: bytes,
            memory_swap: bytes,
            pids_limit: self.pids.map(i64::from),
            tmpfs: Some(self.tmpfs.iter().map(|path| (path.display().to_string(), String::new())).collect()),
            port_bindings: Some(self.ports.iter().map(|it| (port(it), Some(vec![anywhere()]))).collect()),
            network_mode: self.network.clone(),
            log_config: logs,
            ..HostConfig::default()
        };
        let mut labels = owner.labels();
        labels.extend(self.labels.clone());
        ContainerCreateBody {
            image: Some(self.image.clone()),
            entrypoint: self.entrypoint.clone(),
            cmd: self.args.clone(),
            env: Some(self.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            user: self.user.clone(),
            exposed_ports: Some(self.ports.iter().map(port).collect()),
            labels: Some(labels),
            healthcheck: self.health_interval.map(|interval| HealthConfig {
                interval: i64::try_from(interval.as_nanos()).ok(),
                ..HealthConfig::default()
            }),
            host_config: Some(host),
            ..ContainerCreateBody::default()
        }
    }
}

/// A container of ours. It is removed, with its volumes, when this value is dropped; whoever wants to know whether that
/// worked calls [`Container::remove`].
#[derive(Debug)]
pub struct Container<'engine> {
    engine: &'engine Engine,
    id: String,
    is_removed: bool,
}

/// What a container wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logs {
    /// To standard output: at most the last 8 MiB.
    pub stdout: String,
    /// To standard error: at most the last 8 MiB.
    pub stderr: String,
}

/// How a wait for a container's end ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// The container ended with this exit code.
    Exited(i64),
    /// It still runs.
    StillRunning,
}

impl Engine {
    /// Makes a container, which does not run yet.
    ///
    /// # Errors
    /// When the engine refuses, most often because the image is not there.
    pub fn create(&self, spec: &ContainerSpec, owner: &Owner) -> Result<Container<'_>, EngineError> {
        let publish = if self.shares_loopback() { "127.0.0.1" } else { "0.0.0.0" };
        let made =
            self.docker.create_container(None, spec.body(owner, publish, log_limit::of(self.answer())));
        let made = self.ask("create a container of", &spec.image, made)?;
        Ok(Container { engine: self, id: made.id, is_removed: false })
    }

    /// Whether the engine's 127.0.0.1 is ours, as far as its address tells.
    fn shares_loopback(&self) -> bool {
        match self.endpoint() {
            Endpoint::Unix(_) => true,
            Endpoint::Tcp(authority) => {
                ["127.", "localhost:", "[::1]:"].iter().any(|start| authority.starts_with(start))
            }
        }
    }

    /// The host on which ports of containers can be reached.
    fn published_host(&self) -> String {
        match self.endpoint() {
            Endpoint::Tcp(authority) if !self.shares_loopback() => {
                authority.rsplit_once(':').map_or_else(|| authority.clone(), |(host, _)| host.to_owned())
            }
            _ => "127.0.0.1".to_owned(),
        }
    }

    pub(super) fn remove_container(&self, id: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
        match self.ask("remove container", short(id), self.docker.remove_container(id, Some(options))) {
            Err(error) if error.is_not_found() || is_under_way(&error) => Ok(()),
            done => done,
        }
    }
}

/// Somebody else removes it at this moment.
fn is_under_way(error: &EngineError) -> bool {
    matches!(&error.cause, Cause::Refused { status: 409, words } if words.contains("already in progress"))
}

/// An id as engines show it.
fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

impl Container<'_> {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Lets it run.
    ///
    /// # Errors
    /// When the engine cannot start it: the program is not in the image, a library is missing, a port is taken.
    pub fn start(&self) -> Result<(), EngineError> {
        let docker = &self.engine.docker;
        self.engine.ask("start container", short(&self.id), docker.start_container(&self.id, None))
    }

    /// How it is at this moment.
    ///
    /// # Errors
    /// When the engine does not say.
    pub fn state(&self) -> Result<State, EngineError> {
        let docker = &self.engine.docker;
        let told = self.engine.ask(
            "inspect container",
            short(&self.id),
            docker.inspect_container(&self.id, None),
        )?;
        Ok(State::of(told, &self.engine.published_host()))
    }

    /// What it has written so far.
    ///
    /// # Errors
    /// When the engine does not say.
    pub fn logs(&self) -> Result<Logs, EngineError> {
        let options = LogsOptionsBuilder::default().stdout(true).stderr(true).build();
        let mut stream = Box::pin(self.engine.docker.logs(&self.id, Some(options)));
        let read = async {
            let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
            while let Some(item) = stream.next().await {
                match item.map_err(Cause::from)? {
                    LogOutput::StdErr { message } => append(&mut stderr, &message),
                    LogOutput::StdOut { message } | LogOutput::Console { message } => {
                        append(&mut stdout, &message);
                    }
                    LogOutput::StdIn { .. } => {}
                }
            }
            let text = |bytes: &[u8]| String::from_utf8_lossy(end(bytes)).into_owned();
            Ok(Logs { stdout: text(&stdout), stderr: text(&stderr) })
        };
        self.engine.long("read the logs of container", short(&self.id), &Limits::within(PATIENCE), read)
    }

    /// Sends it a signal, such as `SIGTERM`.
    ///
    /// # Errors
    /// When the engine refuses; a container that does not run is such a case.
    pub fn signal(&self, signal: &str) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::default().signal(signal).build();
        let docker = &self.engine.docker;
        self.engine.ask(
            "send a signal to container",
            short(&self.id),
            docker.kill_container(&self.id, Some(options)),
        )
    }

    /// Waits until it has ended, for at most the time of the limits.
    ///
    /// # Errors
    /// When somebody asks to stop, and when the engine does not say.
    pub fn wait(&self, limits: &Limits) -> Result<Waited, EngineError> {
        let work = async {
            loop {
                match self.next_exit().await {
                    // Some engines send nothing, not even headers, before the end: ask again.
                    Err(Cause::TimedOut(_)) => {}
                    done => return done,
                }
            }
        };
        match self.engine.long("wait for container", short(&self.id), limits, work) {
            Ok(code) => Ok(Waited::Exited(code)),
            Err(EngineError { cause: Cause::TimedOut(_), .. }) => Ok(Waited::StillRunning),
            Err(error) => Err(error),
        }
    }

    async fn next_exit(&self) -> Result<i64, Cause> {
        let options = WaitContainerOptionsBuilder::default().condition("not-running").build();
        let mut stream = Box::pin(self.engine.docker.wait_container(&self.id, Some(options)));
        match stream.next().await {
            Some(Ok(end)) => Ok(end.status_code),
            // The library takes an exit code for an error; the engine's own errors come with words.
            Some(Err(bollard::errors::Error::DockerContainerWaitError { code, error }))
                if error.is_empty() =>
            {
                Ok(code)
            }
            Some(Err(error)) => Err(error.into()),
            None => Err(Cause::Gone("no answer before the end of the connection".to_owned())),
        }
    }

    /// Looks at it again and again until `is_enough` says so or the container no longer runs, and gives the last state.
    ///
    /// # Errors
    /// When the time is up, when somebody asks to stop, and when the engine does not say.
    pub fn until(
        &self,
        limits: &Limits,
        mut is_enough: impl FnMut(&State) -> bool,
    ) -> Result<State, EngineError> {
        const PAUSE: Duration = Duration::from_millis(50);

        let begun = Instant::now();
        loop {
            let state = self.state()?;
            if is_enough(&state) || !state.is_running() {
                return Ok(state);
            }
            let failed = |cause| Err(EngineError::new("wait for container", short(&self.id), cause));
            if limits.interrupt.is_raised() {
                return failed(Cause::Interrupted);
            }
            if begun.elapsed() >= limits.timeout {
                return failed(Cause::TimedOut(limits.timeout));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Ends it if need be and removes it with its volumes.
    ///
    /// # Errors
    /// When the engine does not remove it. That it was gone already is none.
    pub fn remove(mut self) -> Result<(), EngineError> {
        self.is_removed = true;
        self.engine.remove_container(&self.id)
    }
}

impl Drop for Container<'_> {
    fn drop(&mut self) {
        if !self.is_removed {
            // Nobody is there to be told; the next run removes what is left of this one.
            let _ = self.engine.remove_container(&self.id);
        }
    }
}

/// Keeps at most twice of what is wanted, so that the start is cut rarely.
fn append(bytes: &mut Vec<u8>, more: &[u8]) {
    bytes.extend_from_slice(more);
    if bytes.len() > 2 * KEPT {
        bytes.drain(..bytes.len() - KEPT);
    }
}

fn end(bytes: &[u8]) -> &[u8] {
    &bytes[bytes.len().saturating_sub(KEPT)..]
}

/// Labels as a filter of lists.
pub(super) fn labelled(label: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![label.to_owned()])])
}
