//! Containers: made, started, ended and removed, and asked for what they are and said.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Shared;
use super::http::{Answer, Asked};
use super::others::is_wanted;
use super::programs::Program;

/// A container.
pub(crate) struct Container {
    /// The image, as it was asked for.
    pub(crate) image: String,
    /// What it was made with.
    pub(crate) body: Value,
    /// The image's configuration.
    config: Value,
    program: Program,
    started: Option<Instant>,
    /// The exit code, once it has ended.
    ended: Option<i64>,
    ports: BTreeMap<String, u16>,
    is_over: Arc<AtomicBool>,
}

impl Container {
    pub(super) fn new(image: &str, body: Value, config: Value) -> Self {
        let words = |value: &Value| -> Vec<String> {
            let words = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            words.map(ToOwned::to_owned).collect()
        };
        let own = words(&body["Cmd"]);
        let program = Program::of(&if own.is_empty() { words(&config["Cmd"]) } else { own });
        let is_over = Arc::default();
        Self {
            image: image.to_owned(),
            body,
            config,
            program,
            started: None,
            ended: None,
            ports: BTreeMap::new(),
            is_over,
        }
    }

    /// It runs until something ends it.
    pub(super) fn is_running(&mut self) -> bool {
        if let (Some(started), None, Some((after, code))) = (self.started, self.ended, self.program.end)
            && started.elapsed() >= after
        {
            self.stop(code);
        }
        self.started.is_some() && self.ended.is_none()
    }

    fn stop(&mut self, code: i64) {
        self.ended = Some(code);
        self.ports.clear();
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Starts it; why it cannot, where that is so.
    fn start(&mut self) -> Option<(u16, String)> {
        let own = &self.body["Entrypoint"][0];
        let entrypoint = own.as_str().or_else(|| self.config["Entrypoint"][0].as_str()).unwrap_or("/app");
        if entrypoint.starts_with("/no/") {
            let why = format!(
                "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: \
                 exec: \"{entrypoint}\": stat {entrypoint}: no such file or directory: unknown"
            );
            return Some((400, why));
        }
        for port in self.body["HostConfig"]["PortBindings"].as_object().into_iter().flat_map(|map| map.keys())
        {
            let outside = listen(self.program.answers, &self.is_over).unwrap();
            self.ports.insert(port.clone(), outside);
        }
        self.started = Some(Instant::now());
        None
    }

    fn inspect(&mut self, id: &str) -> Value {
        let is_running = self.is_running();
        let status = match (self.started, is_running) {
            (None, _) => "created",
            (Some(_), true) => "running",
            (Some(_), false) => "exited",
        };
        let never = "0001-01-01T00:00:00Z";
        let mut state = json!({
            "Status": status,
            "Running": is_running,
            "Paused": false,
            "Restarting": false,
            "OOMKilled": self.ended.is_some() && self.program.out_of_memory,
            "Dead": false,
            "Pid": if is_running { 4711 } else { 0 },
            "ExitCode": self.ended.unwrap_or_default(),
            "Error": "",
            "StartedAt": if self.started.is_some() { "2026-01-02T03:04:05.6Z" } else { never },
            "FinishedAt": if self.ended.is_some() { "2026-01-02T03:04:06.7Z" } else { never },
        });
        if let Some(verdict) = self.program.health.filter(|_| !self.config["Healthcheck"].is_null()) {
            let age = self.started.map_or(Duration::ZERO, |started| started.elapsed());
            let verdict = if age < Duration::from_millis(50) { "starting" } else { verdict };
            let output = if verdict == "healthy" { "ok\n" } else { "status is warming-up\n" };
            let probe = json!({ "Start": "2026-01-02T03:04:05Z", "End": "2026-01-02T03:04:05Z", "ExitCode": 0, "Output": output });
            state["Health"] = json!({ "Status": verdict, "FailingStreak": 0, "Log": [probe] });
        }
        let bound = |(port, outside): (&String, &u16)| {
            (port.clone(), json!([{ "HostIp": "127.0.0.1", "HostPort": outside.to_string() }]))
        };
        let ports: serde_json::Map<String, Value> = self.ports.iter().map(bound).collect();
        let own = self.body["User"].as_str().filter(|user| !user.is_empty());
        let user = own.or_else(|| self.config["User"].as_str()).unwrap_or_default();
        json!({
            "Id": id,
            "Image": self.image,
            "Name": format!("/{}", &id[..12]),
            "State": state,
            "Config": { "User": user, "Labels": self.body["Labels"], "Image": self.image },
            "HostConfig": self.body["HostConfig"],
            "NetworkSettings": { "Ports": ports },
        })
    }
}

/// A port at which somebody answers until it is over; nobody, where a program says nothing.
fn listen(answers: Option<&'static str>, is_over: &Arc<AtomicBool>) -> io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let port = listener.local_addr()?.port();
    let Some(body) = answers else { return Ok(port) };
    listener.set_nonblocking(true)?;
    let is_over = Arc::clone(is_over);
    thread::spawn(move || {
        while !is_over.load(Ordering::Relaxed) {
            let Ok((mut stream, _)) = listener.accept() else {
                thread::sleep(Duration::from_millis(5));
                continue;
            };
            let length = body.len();
            let _ = stream.set_nonblocking(false).and_then(|()| stream.read(&mut [0; 4096]));
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    Ok(port)
}

impl Shared {
    pub(super) fn containers(&self, rest: &str, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let (id, verb) = rest.split_once('/').unwrap_or((rest, ""));
        match (asked.method.as_str(), id, verb) {
            ("GET", "json", "") => self.list_containers(asked, answer),
            ("POST", "create", "") => self.create(asked, answer),
            (_, id, _) if !self.state().containers.contains_key(id) => {
                answer.refuse(404, &format!("No such container: {id}"))
            }
            ("GET", id, "json") => {
                let told = self.with(id, |it| it.inspect(id));
                answer.json(200, &told)
            }
            ("POST", id, "start") => match self.with(id, Container::start) {
                None => answer.empty(204),
                Some((status, why)) => answer.refuse(status, &why),
            },
            ("POST", id, "kill") => self.kill(id, asked, answer),
            ("POST", id, "wait") => self.wait(id, answer),
            ("GET", id, "logs") => self.logs(id, answer),
            ("DELETE", id, "") => {
                if asked.query("force") != "true" && self.with(id, Container::is_running) {
                    let why = format!(
                        "You cannot remove a running container {id}. Stop the container before attempting removal or force remove"
                    );
                    return answer.refuse(409, &why);
                }
                self.with(id, |it| it.stop(137));
                self.state().containers.remove(id);
                answer.empty(204)
            }
            _ => answer.refuse(404, "page not found"),
        }
    }

    /// A container that may have gone meanwhile tells what an empty one does.
    fn with<R: Default>(&self, id: &str, look: impl FnOnce(&mut Container) -> R) -> R {
        self.state().containers.get_mut(id).map(look).unwrap_or_default()
    }

    fn list_containers(&self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let mut state = self.state();
        let all = state.containers.iter_mut().filter_map(|(id, it)| {
            let is_running = it.is_running();
            let labels = it.body["Labels"].clone();
            let is_listed = is_wanted(asked, &labels) && (is_running || asked.query("all") == "true");
            let told = json!({
                "Id": id, "Image": it.image, "Labels": labels, "State": if is_running { "running" } else { "exited" },
            });
            is_listed.then_some(told)
        });
        let all: Value = all.collect();
        drop(state);
        answer.json(200, &all)
    }

    fn create(&self, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        let body = asked.json();
        let name = body["Image"].as_str().unwrap_or_default().to_owned();
        let mut state = self.state();
        let Some(image) = state.image(&name) else {
            return answer.refuse(404, &format!("No such image: {name}"));
        };
        let network = body["HostConfig"]["NetworkMode"].as_str().unwrap_or_default();
        if !network.is_empty() && !state.networks.values().any(|(known, _)| known == network) {
            return answer.refuse(404, &format!("network {network} not found"));
        }
        let container = Container::new(&name, body, image.json()["config"].clone());
        let id = state.next_id();
        state.containers.insert(id.clone(), container);
        answer.json(201, &json!({ "Id": id, "Warnings": [] }))
    }

    fn kill(&self, id: &str, asked: &Asked, answer: &mut Answer<'_>) -> io::Result<()> {
        if !self.with(id, Container::is_running) {
            let why = format!("Cannot kill container: {id}: Container {id} is not running");
            return answer.refuse(409, &why);
        }
        self.with(id, |it| match (asked.query("signal"), it.program.on_term) {
            ("SIGTERM", Some(code)) => it.stop(code),
            ("SIGTERM", None) => {}
            _ => it.stop(137),
        });
        answer.empty(204)
    }

    fn wait(&self, id: &str, answer: &mut Answer<'_>) -> io::Result<()> {
        answer.begin("application/json")?;
        while self.with(id, Container::is_running) {
            if !answer.is_wanted() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(5));
        }
        let code = self.with(id, |it| it.ended);
        answer.line(&json!({ "StatusCode": code.unwrap_or_default(), "Error": null }))?;
        answer.end()
    }

    /// Each piece has its stream, three zeros and its length before it.
    fn logs(&self, id: &str, answer: &mut Answer<'_>) -> io::Result<()> {
        let program = self.with(id, |it| it.started.map(|_| it.program.clone()).unwrap_or_default());
        answer.begin("application/vnd.docker.raw-stream")?;
        for (stream, text) in [(1, &program.stdout), (2, &program.stderr)] {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes();
            if !text.is_empty() {
                answer.piece(&[&[stream, 0, 0, 0][..], &length, text.as_bytes()].concat())?;
            }
        }
        answer.end()
    }
}
