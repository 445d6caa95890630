//! A registry in this process: small, strict, and faulty where it is told to be. It holds requests to the OCI distribution
//! specification; what a client does wrong is answered 400 with the reason.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use slipway_image::oci::media;

mod access;
mod store;

pub(crate) use access::{Access, Tokens};
pub(crate) use store::Memory;
use store::Store;

/// What goes wrong, when.
pub(crate) struct Fault {
    method: &'static str,
    path: &'static str,
    times: usize,
    what: What,
}

/// What goes wrong.
#[derive(Clone)]
pub(crate) enum What {
    /// This answer: status, header lines, body.
    Answer(u16, Vec<String>, &'static str),
    /// 413 at once to requests with more than so many bytes, whose bodies are not read, as proxies do.
    TooLarge(usize),
    /// The connection ends after so many bytes of the request's body, which are kept.
    CutUpload(usize),
    /// The answer's body ends after so many bytes.
    CutDownload(usize),
    /// The connection ends before the answer, after the request was done.
    NoAnswer,
    /// It is done, and never answered.
    Held,
    /// The answer comes after so long.
    Late(Duration),
    /// This header instead of the right one.
    Header(&'static str, String),
    /// This body instead of the right one.
    Body(Vec<u8>),
    /// Ranges are not known: the whole blob is sent.
    NoRanges,
    /// This status, and so many spaces as body: one at a time, with a pause after each.
    Drip(u16, usize, Duration),
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

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn length(&self) -> usize {
        self.header("content-length").map_or(0, |length| length.parse().unwrap())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Answered {
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
        Self { body: body.into_bytes(), ..Self::new(status) }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// All that the threads share.
struct Shared {
    host: String,
    store: Mutex<Store>,
    access: Mutex<Access>,
    faults: Mutex<Vec<Fault>>,
    log: Mutex<Vec<Asked>>,
    /// Requests that are never answered.
    held: AtomicUsize,
}

/// The running registry. It ends with the test's process.
pub(crate) struct Fake {
    shared: Arc<Shared>,
}

impl Fake {
    pub(crate) fn start() -> Self {
        Self::with(Access::Free)
    }

    pub(crate) fn with(access: Access) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            host,
            store: Mutex::default(),
            access: Mutex::new(access),
            faults: Mutex::default(),
            log: Mutex::default(),
            held: AtomicUsize::new(0),
        });
        let for_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&for_thread);
                thread::spawn(move || serve(&shared, &stream));
            }
        });
        Self { shared }
    }

    pub(crate) fn host(&self) -> &str {
        &self.shared.host
    }

    /// From now on, so many requests of this method whose path has this part go wrong.
    pub(crate) fn fault(&self, method: &'static str, path: &'static str, times: usize, what: What) {
        self.shared.faults.lock().unwrap().push(Fault { method, path, times, what });
    }

    /// Faults that did not happen.
    pub(crate) fn faults_left(&self) -> usize {
        self.shared.faults.lock().unwrap().iter().map(|fault| fault.times).sum()
    }

    /// Nothing goes wrong any more.
    pub(crate) fn forget_faults(&self) {
        self.shared.faults.lock().unwrap().clear();
    }

    /// What was asked since the last time, as `METHOD PATH`.
    pub(crate) fn log(&self) -> Vec<String> {
        self.requests().iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }

    /// What was asked since the last time.
    pub(crate) fn requests(&self) -> Vec<Asked> {
        std::mem::take(&mut self.shared.log.lock().unwrap())
    }

    /// Requests that are never answered, so far.
    pub(crate) fn held(&self) -> usize {
        self.shared.held.load(Ordering::SeqCst)
    }

    pub(crate) fn store<R>(&self, look: impl FnOnce(&mut Store) -> R) -> R {
        look(&mut self.shared.store.lock().unwrap())
    }

    pub(crate) fn access<R>(&self, look: impl FnOnce(&mut Access) -> R) -> R {
        look(&mut self.shared.access.lock().unwrap())
    }
}

impl Shared {
    fn fault(&self, asked: &Asked) -> Option<What> {
        let mut faults = self.faults.lock().unwrap();
        let fits = |fault: &&mut Fault| {
            let is_small = matches!(fault.what, What::TooLarge(most) if asked.length() <= most);
            fault.times > 0 && !is_small && fault.method == asked.method && asked.path.contains(fault.path)
        };
        let fault = faults.iter_mut().find(fits)?;
        fault.times -= 1;
        Some(fault.what.clone())
    }

    fn answer(&self, asked: &Asked) -> Answered {
        let refusal = self.access.lock().unwrap().check(&self.host, asked);
        refusal.unwrap_or_else(|| self.store.lock().unwrap().answer(asked))
    }
}

/// One connection.
fn serve(shared: &Shared, stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    while let Some(mut asked) = read_head(&mut reader) {
        let fault = shared.fault(&asked);
        let length = asked.length();
        let is_refused = matches!(fault, Some(What::TooLarge(_)));
        if asked.header("expect").is_some() && !is_refused {
            send(stream, b"HTTP/1.1 100 Continue\r\n\r\n");
        }
        let (kept, is_cut) = match fault {
            Some(What::CutUpload(kept)) => (kept.min(length), true),
            Some(What::TooLarge(_)) => (0, false),
            _ => (length, false),
        };
        asked.body = vec![0; kept];
        if reader.read_exact(&mut asked.body).is_err() {
            return;
        }
        shared.log.lock().unwrap().push(asked.clone());
        if is_cut {
            // What arrived is kept, as registries do.
            shared.answer(&asked);
            return;
        }
        if let Some(What::Drip(status, bytes, pause)) = fault {
            drip(stream, status, bytes, pause);
            return;
        }
        let Some(answered) = with_fault(shared, &asked, fault.as_ref()) else { return };
        let cut = if let Some(What::CutDownload(kept)) = fault { Some(kept) } else { None };
        let goes_on = respond(stream, &asked, &answered, cut);
        if !goes_on || kept < length {
            return;
        }
    }
}

fn with_fault(shared: &Shared, asked: &Asked, fault: Option<&What>) -> Option<Answered> {
    Some(match fault {
        Some(What::Answer(status, headers, body)) => {
            let mut answered = Answered { body: body.as_bytes().to_vec(), ..Answered::new(*status) };
            for line in headers {
                let (name, value) = line.split_once(": ").unwrap();
                answered.headers.push((name.to_owned(), value.replace("{host}", &shared.host)));
            }
            answered
        }
        Some(What::TooLarge(_)) => Answered::new(413),
        Some(What::NoAnswer) => {
            shared.answer(asked);
            return None;
        }
        Some(What::Held) => {
            shared.answer(asked);
            shared.held.fetch_add(1, Ordering::SeqCst);
            thread::park();
            return None;
        }
        Some(What::Late(delay)) => {
            thread::sleep(*delay);
            shared.answer(asked)
        }
        Some(What::Header(name, value)) => shared.answer(asked).with(name, value),
        Some(What::Body(body)) => Answered { body: body.clone(), ..shared.answer(asked) },
        Some(What::NoRanges) => {
            let headers = asked.headers.iter().filter(|(name, _)| name != "range").cloned().collect();
            shared.answer(&Asked { headers, ..asked.clone() })
        }
        _ => shared.answer(asked),
    })
}

fn read_head(reader: &mut BufReader<&TcpStream>) -> Option<Asked> {
    let mut line = || {
        let mut line = String::new();
        (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (name.to_owned(), decode(value))
    };
    let query = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    Some(Asked { method, path: path.to_owned(), query, headers, body: Vec::new() })
}

pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn send(mut stream: &TcpStream, bytes: &[u8]) {
    // The other side may be gone; that is its test's business.
    let _ = stream.write_all(bytes);
}

/// Ends early when nobody listens any more.
fn drip(mut stream: &TcpStream, status: u16, bytes: usize, pause: Duration) {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {}\r\ncontent-length: {bytes}\r\n\r\n",
        media::MANIFEST
    );
    send(stream, head.as_bytes());
    for _ in 0..bytes {
        if stream.write_all(b" ").is_err() {
            return;
        }
        thread::sleep(pause);
    }
}

/// Whether the connection can go on.
fn respond(stream: &TcpStream, asked: &Asked, answered: &Answered, cut: Option<usize>) -> bool {
    let mut head = format!("HTTP/1.1 {} X\r\n", answered.status);
    for (name, value) in &answered.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if !answered.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) {
        let _ = write!(head, "content-length: {}\r\n", answered.body.len());
    }
    send(stream, format!("{head}\r\n").as_bytes());
    if asked.method != "HEAD" {
        send(stream, &answered.body[..cut.unwrap_or(usize::MAX).min(answered.body.len())]);
    }
    cut.is_none()
}
