//! A GitHub in this process: it keeps what it is told, answers as its description says, and is faulty where it is told to
//! be. A request or an answer that breaks the description fails the test when the fake goes.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::openapi;

mod apps;
mod archive;
mod checks;
pub(crate) mod releases;
mod routes;
mod runs;
mod state;

pub(crate) use apps::APP;
pub(crate) use archive::zip;
pub(crate) use state::{Artifact, Pull, Run, Scanning, State, Status, User};

/// The repository that all is about.
pub(crate) const REPOSITORY: &str = "ada/parcels";

/// What goes wrong.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// This answer, and nothing is done: status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// The connection ends before anything is done.
    CutBefore,
    /// It is done, and the connection ends instead of the answer.
    CutAfter,
    /// It is done, and answered with this status.
    DoneBut(u16),
    /// The answer ends in its middle.
    CutBody,
    /// It is done, and never answered.
    Held,
    /// A part of a file has come, and the answer never does.
    HeldHalf,
    /// The answer comes after so long.
    Late(Duration),
}

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// An answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answered {
    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self { status, headers: Vec::new(), body: serde_json::to_vec(value).unwrap() }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn refusal(status: u16, message: &str) -> Self {
        Self::json(
            status,
            &json!({ "message": message, "documentation_url": "https://docs.github.com/rest" }),
        )
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

struct Fault {
    method: &'static str,
    path: &'static str,
    times: usize,
    what: What,
}

struct Shared {
    /// Below which path the API lies, such as `/api/v3`.
    base: &'static str,
    host: String,
    /// Where archives lie.
    blobs: String,
    state: Mutex<State>,
    faults: Mutex<Vec<Fault>>,
    log: Mutex<Vec<Asked>>,
    wrong: Mutex<Vec<String>>,
    /// Requests that are never answered.
    held: AtomicUsize,
}

/// The running GitHub.
pub(crate) struct Fake(Arc<Shared>);

impl Drop for Fake {
    fn drop(&mut self) {
        if !thread::panicking() {
            assert_eq!(*self.0.wrong.lock().unwrap(), [""; 0]);
        }
    }
}

impl Fake {
    pub(crate) fn start() -> Self {
        Self::below("")
    }

    /// One whose API lies below a path, as on Enterprise servers.
    pub(crate) fn below(base: &'static str) -> Self {
        let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [host, blobs] = [0, 1].map(|place: usize| listeners[place].local_addr().unwrap().to_string());
        let shared = Arc::new(Shared {
            base,
            host,
            blobs,
            state: Mutex::default(),
            faults: Mutex::default(),
            log: Mutex::default(),
            wrong: Mutex::default(),
            held: AtomicUsize::new(0),
        });
        for (listener, is_api) in listeners.into_iter().zip([true, false]) {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || serve(&shared, &stream, is_api));
                }
            });
        }
        Self(shared)
    }

    /// The address of the API.
    pub(crate) fn address(&self) -> String {
        format!("http://{}{}", self.0.host, self.0.base)
    }

    /// From now on, so many requests of this method whose path has this part go wrong.
    pub(crate) fn fault(&self, method: &'static str, path: &'static str, times: usize, what: What) {
        self.0.faults.lock().unwrap().push(Fault { method, path, times, what });
    }

    /// What was asked since the last time, as `METHOD PATH`.
    pub(crate) fn log(&self) -> Vec<String> {
        self.requests().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }

    /// What was asked since the last time.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        std::mem::take(&mut self.0.log.lock().unwrap())
    }

    /// Requests that are never answered, so far.
    pub(crate) fn held(&self) -> usize {
        self.0.held.load(Ordering::SeqCst)
    }

    pub(crate) fn state<R>(&self, look: impl FnOnce(&mut State) -> R) -> R {
        look(&mut self.0.state.lock().unwrap())
    }

    /// What was wrong with requests and answers so far; it is forgiven.
    pub(crate) fn forgive(&self) -> Vec<String> {
        std::mem::take(&mut self.0.wrong.lock().unwrap())
    }
}

impl Shared {
    fn fault(&self, asked: &Asked) -> Option<What> {
        let mut faults = self.faults.lock().unwrap();
        let fits = |fault: &&mut Fault| {
            fault.times > 0 && fault.method == asked.method && asked.path.contains(fault.path)
        };
        let fault = faults.iter_mut().find(fits)?;
        fault.times -= 1;
        Some(fault.what.clone())
    }

    fn answer(&self, asked: &Asked) -> Answered {
        self.answer_or_half(asked, false)
    }

    fn answer_or_half(&self, asked: &Asked, is_half: bool) -> Answered {
        // Files have a place of their own, and are no JSON.
        let uploads = asked.path.strip_prefix("/api/uploads");
        let path = uploads.or_else(|| asked.path.strip_prefix(self.base)).unwrap_or("/outside");
        if uploads.is_none() && asked.method == "POST" && path.ends_with("/assets") {
            self.wrong.lock().unwrap().push("files are not sent to the API itself".to_owned());
        }
        let body = if uploads.is_some() { br#""a file""# } else { asked.body.as_slice() };
        let Some(found) = openapi::find(&asked.method, path) else {
            self.wrong.lock().unwrap().push(format!("{} {} is no route", asked.method, asked.path));
            return Answered::refusal(404, "Not Found");
        };
        let wrong = found.wrong_request(&asked.query, body);
        if !wrong.is_empty() {
            self.wrong.lock().unwrap().extend(wrong);
            return Answered::refusal(422, "Validation Failed");
        }
        let place = routes::Place { api: format!("http://{}{}", self.host, self.base), blobs: &self.blobs };
        let answered = routes::answer(&mut self.state.lock().unwrap(), &place, &found, asked, is_half);
        if is_half {
            return answered;
        }
        self.wrong.lock().unwrap().extend(found.wrong_answer(answered.status, &answered.body));
        answered
    }

    /// Archives lie elsewhere, and are given to whoever knows the address.
    fn blob(&self, asked: &Asked) -> Answered {
        if asked.header("authorization").is_some() {
            self.wrong.lock().unwrap().push("the token was shown to another place".to_owned());
        }
        let id = asked.path.trim_start_matches("/blobs/").parse().unwrap_or(0);
        let state = self.state.lock().unwrap();
        match state.archives.get(&id).filter(|_| asked.query("key") == Some("sesame")) {
            Some(bytes) => Answered { status: 200, body: bytes.clone(), ..Answered::default() },
            None => Answered::empty(403),
        }
    }
}

/// One connection.
fn serve(shared: &Shared, stream: &TcpStream, is_api: bool) {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        let fault = shared.fault(&asked);
        shared.log.lock().unwrap().push(asked.clone());
        let done = || if is_api { shared.answer(&asked) } else { shared.blob(&asked) };
        let answered = match fault.clone() {
            None => done(),
            Some(What::CutBefore) => return,
            Some(What::Held | What::HeldHalf) => {
                let is_half = matches!(fault, Some(What::HeldHalf));
                shared.answer_or_half(&asked, is_half);
                shared.held.fetch_add(1, Ordering::SeqCst);
                thread::park();
                return;
            }
            Some(What::CutAfter) => {
                done();
                return;
            }
            Some(What::DoneBut(status)) => {
                done();
                Answered::refusal(status, "Server Error")
            }
            Some(What::Answer(status, headers, body)) => {
                let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
                Answered { status, headers, body: body.into_bytes() }
            }
            Some(What::CutBody) => {
                let bytes = written(&done());
                let _ = (&*stream).write_all(&bytes[..bytes.len() - 2]);
                return;
            }
            Some(What::Late(time)) => {
                thread::sleep(time);
                done()
            }
        };
        if (&*stream).write_all(&written(&answered)).is_err() {
            return;
        }
    }
}

fn written(answered: &Answered) -> Vec<u8> {
    let date = chrono::Utc::now().to_rfc2822();
    let mut head = format!("HTTP/1.1 {} X\r\nContent-Length: {}\r\n", answered.status, answered.body.len());
    if !answered.headers.iter().any(|(name, _)| name == "date") {
        head = head + "date: " + &date + "\r\n";
    }
    for (name, value) in &answered.headers {
        head = head + name + ": " + value + "\r\n";
    }
    [head.as_bytes(), b"\r\n", &answered.body].concat()
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|length| *length > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| pair.split_once('=').map(|(name, value)| (name.to_owned(), decoded(value)));
    let query = query.split('&').filter_map(pair).collect();
    let mut asked = Asked { method, path: path.to_owned(), query, ..Asked::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        asked.headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    asked.body = vec![0; length];
    reader.read_exact(&mut asked.body).ok()?;
    Some(asked)
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: Vec<u8> = rest.by_ref().take(2).collect();
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
