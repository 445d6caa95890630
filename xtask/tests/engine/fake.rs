//! An engine in this process: the part of the Docker Engine API v1.41 that the toolkit uses, with what engines keep, and
//! faults where a test wants them. Answers are those of
//! <https://docs.docker.com/reference/api/engine/version/v1.41/>. It has no BuildKit, and runs no programs: what a container
//! does is known from its arguments, see [`programs`].

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

mod build;
mod containers;
pub(crate) mod http;
mod images;
mod others;
mod programs;
pub(crate) mod state;

use http::{Answer, Asked, Weakness, Wire};
pub(crate) use state::State;

use crate::registry::Registry;

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// This status with this message, and nothing is done.
    Refused(u16, &'static str),
    /// A stream of these lines, and nothing is done.
    Lines(&'static [&'static str]),
    /// A good status with something that is no JSON.
    Rubbish,
    /// The connection ends after so many bytes of the answer's body.
    Cut(usize),
    /// Nothing more comes after so many bytes of the answer's body.
    Stall(usize),
    /// Each byte of the answer's body comes after this time.
    Drip(Duration),
    /// The connection ends before the answer, and nothing is done.
    NoAnswer,
    /// The engine ends, and its socket is gone.
    Dies,
}

/// When something goes wrong.
struct Rule {
    route: &'static str,
    nth: usize,
    fault: Fault,
}

struct Shared {
    socket: PathBuf,
    state: Mutex<State>,
    rules: Mutex<Vec<Rule>>,
    log: Mutex<Vec<Asked>>,
    registry: Option<Arc<Registry>>,
}

/// The running engine. It ends with the test's process, or where a fault says so.
pub(crate) struct Fake {
    shared: Arc<Shared>,
    _folder: TempDir,
}

impl Fake {
    /// One that is alone in the world.
    pub(crate) fn start() -> Self {
        Self::with(None)
    }

    /// One that pulls from this registry.
    pub(crate) fn beside(registry: &Arc<Registry>) -> Self {
        Self::with(Some(Arc::clone(registry)))
    }

    fn with(registry: Option<Arc<Registry>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("engine.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let (state, rules, log) = (Mutex::default(), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { socket, state, rules, log, registry });
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&for_thread);
                // What is not told to the end is the other side's business.
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { shared, _folder: folder }
    }

    /// The same engine at a port of this machine.
    pub(crate) fn port(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::clone(&self.shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(stream));
            }
        });
        format!("tcp://{address}")
    }

    /// Where it listens, as `DOCKER_HOST` has it.
    pub(crate) fn host(&self) -> String {
        format!("unix://{}", self.shared.socket.display())
    }

    /// The nth request from now on to such a route goes wrong: `POST /containers/*/start`, where `*` is anything.
    pub(crate) fn fault(&self, route: &'static str, nth: usize, fault: Fault) {
        lock(&self.shared.rules).push(Rule { route, nth, fault });
    }

    /// The routes of faults that have not happened.
    pub(crate) fn faults_left(&self) -> Vec<&'static str> {
        lock(&self.shared.rules).iter().map(|rule| rule.route).collect()
    }

    /// All routes that were asked for, in order, since the last time.
    pub(crate) fn routes(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.shared.log)).iter().map(Asked::route).collect()
    }

    /// How often such a route was asked for.
    pub(crate) fn asked(&self, route: &str) -> usize {
        lock(&self.shared.log).iter().filter(|asked| fits(route, &asked.route())).count()
    }

    /// The last request to such a route.
    pub(crate) fn last(&self, route: &str) -> Asked {
        let log = lock(&self.shared.log);
        log.iter().rev().find(|asked| fits(route, &asked.route())).cloned().unwrap_or_default()
    }

    /// Looks at what it keeps, or changes that.
    pub(crate) fn state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut lock(&self.shared.state))
    }

    /// Everything that it keeps, a line each.
    pub(crate) fn things(&self) -> Vec<String> {
        self.state(|state| state.things())
    }
}

impl Shared {
    fn serve(&self, mut stream: impl Wire) -> io::Result<()> {
        let Some(asked) = Asked::read(&mut stream) else { return Ok(()) };
        let fault = self.due(&asked);
        lock(&self.log).push(asked.clone());
        let mut weakness = Weakness::default();
        match fault {
            Some(Fault::NoAnswer) => return Ok(()),
            Some(Fault::Dies) => return fs::remove_file(&self.socket),
            Some(Fault::Cut(after)) => weakness.cut = Some(after),
            Some(Fault::Stall(after)) => weakness.stall = Some(after),
            Some(Fault::Drip(pause)) => weakness.drip = Some(pause),
            _ => {}
        }
        let mut answer = Answer::new(&mut stream, weakness);
        match fault {
            Some(Fault::Refused(status, message)) => answer.refuse(status, message),
            Some(Fault::Rubbish) => {
                answer.whole(200, &[("Content-Type", "application/json")], b"{\"Id\": \"<html>")
            }
            Some(Fault::Lines(lines)) => {
                answer.begin("application/json")?;
                for line in lines {
                    answer.piece(format!("{line}\r\n").as_bytes())?;
                }
                answer.end()
            }
            _ => self.answer(&asked, &mut answer),
        }
    }

    fn due(&self, asked: &Asked) -> Option<Fault> {
        let mut rules = lock(&self.rules);
        let route = asked.route();
        for rule in rules.iter_mut().filter(|rule| fits(rule.route, &route)) {
            rule.nth -= 1;
        }
        let due = rules.iter().position(|rule| rule.nth == 0)?;
        Some(rules.remove(due).fault)
    }

    fn answer(&self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let path = asked.path.trim_start_matches('/');
        match path.split_once('/').unwrap_or((path, "")) {
            ("images", rest) => self.images(rest, asked, answer),
            ("containers", rest) => self.containers(rest, asked, answer),
            ("networks", rest) => self.networks(rest, asked, answer),
            ("volumes", rest) => self.volumes(rest, asked, answer),
            ("build", "") => self.build(asked, answer),
            ("distribution", rest) => self.distribution(rest, asked, answer),
            ("_ping", "") => {
                let is_podman = self.state().is_podman;
                let server = if is_podman { "Libpod/4.3.1 (linux)" } else { "Docker/20.10.24 (linux)" };
                answer.whole(200, &[("Api-Version", "1.41"), ("Server", server), ("OSType", "linux")], b"OK")
            }
            _ => answer.refuse(404, "page not found"),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        lock(&self.state)
    }
}

/// A test that failed while it looked at something has said so already.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fits(pattern: &str, route: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == route,
        Some((start, end)) => {
            route.len() >= start.len() + end.len() && route.starts_with(start) && route.ends_with(end)
        }
    }
}
