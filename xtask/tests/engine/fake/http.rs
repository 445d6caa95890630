//! As much HTTP/1.1 as engines and registries need of it: one request a connection, and answers that can be made to go wrong
//! in their midst.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use serde_json::{Value, json};

/// A connection.
pub(crate) trait Wire: Read + Write + Send {
    /// Whether the other side is still there. It sends nothing more after its request.
    fn is_open(&mut self) -> bool;
}

impl Wire for UnixStream {
    fn is_open(&mut self) -> bool {
        self.set_read_timeout(Some(Duration::from_millis(1))).is_ok() && is_silent(self.read(&mut [0]))
    }
}

impl Wire for TcpStream {
    fn is_open(&mut self) -> bool {
        self.set_read_timeout(Some(Duration::from_millis(1))).is_ok() && is_silent(self.read(&mut [0]))
    }
}

fn is_silent(read: io::Result<usize>) -> bool {
    read.is_err_and(|error| matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut))
}

/// A request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    /// Reads one to its end; none when the other side goes away before.
    pub(crate) fn read(wire: &mut dyn Wire) -> Option<Self> {
        let mut reader = BufReader::new(wire);
        let first = line(&mut reader)?;
        let mut words = first.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pair = |pair: &str| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        };
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
        let mut headers = BTreeMap::new();
        while let Some((name, value)) = line(&mut reader)?.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let path = decoded(path);
        let mut asked = Self { method, path, query, headers, body: Vec::new() };
        if asked.headers.get("transfer-encoding").is_some_and(|value| value == "chunked") {
            chunks(&mut reader, &mut asked.body)?;
        } else if let Some(length) = asked.headers.get("content-length") {
            asked.body = vec![0; length.parse().ok()?];
            reader.read_exact(&mut asked.body).ok()?;
        }
        Some(asked)
    }

    /// Its method and path, as rules and tests write them.
    pub(crate) fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A part of its query; empty when it is not there.
    pub(crate) fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// A header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Its body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

fn line(reader: &mut impl io::BufRead) -> Option<String> {
    let mut line = String::new();
    (reader.read_line(&mut line).ok()? > 0).then(|| line.trim_end().to_owned())
}

fn chunks(reader: &mut impl io::BufRead, body: &mut Vec<u8>) -> Option<()> {
    loop {
        let length = usize::from_str_radix(&line(reader)?, 16).ok()?;
        let start = body.len();
        body.resize(start + length, 0);
        reader.read_exact(&mut body[start..]).ok()?;
        line(reader)?;
        if length == 0 {
            return Some(());
        }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next().unwrap_or(b'0'), rest.next().unwrap_or(b'0')];
                let digits = String::from_utf8_lossy(&digits).into_owned();
                bytes.push(u8::from_str_radix(&digits, 16).unwrap_or(b'?'));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What goes wrong with the body of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weakness {
    /// The connection ends after so many bytes.
    pub(crate) cut: Option<usize>,
    /// Nothing more comes after so many bytes, and the connection stays.
    pub(crate) stall: Option<usize>,
    /// Each byte comes after this time.
    pub(crate) drip: Option<Duration>,
}

/// The answer to a request, to be given once.
pub(crate) struct Answer<'a> {
    wire: &'a mut dyn Wire,
    weakness: Weakness,
    sent: usize,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(wire: &'a mut dyn Wire, weakness: Weakness) -> Self {
        Self { wire, weakness, sent: 0 }
    }

    /// Whether somebody still waits for it.
    pub(crate) fn is_wanted(&mut self) -> bool {
        self.wire.is_open()
    }

    /// Everything at once.
    pub(crate) fn whole(&mut self, status: u16, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
        let length = body.len().to_string();
        let given = headers.iter().any(|(name, _)| *name == "Content-Length");
        let length = [("Content-Length", length.as_str())];
        let length = if given || status == 204 { &[][..] } else { &length[..] };
        self.head(status, &[headers, length].concat())?;
        self.body(body)
    }

    /// Without a body.
    pub(crate) fn empty(&mut self, status: u16) -> io::Result<()> {
        self.whole(status, &[], b"")
    }

    pub(crate) fn json(&mut self, status: u16, value: &Value) -> io::Result<()> {
        self.whole(status, &[("Content-Type", "application/json")], value.to_string().as_bytes())
    }

    /// A refusal, as engines word it.
    pub(crate) fn refuse(&mut self, status: u16, message: &str) -> io::Result<()> {
        self.json(status, &json!({ "message": message }))
    }

    /// The beginning of a stream.
    pub(crate) fn begin(&mut self, kind: &str) -> io::Result<()> {
        self.head(200, &[("Content-Type", kind), ("Transfer-Encoding", "chunked")])
    }

    /// A piece of it.
    pub(crate) fn piece(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.wire.write_all(format!("{:x}\r\n", bytes.len()).as_bytes())?;
        self.body(bytes)?;
        self.wire.write_all(b"\r\n")
    }

    /// A line of a stream of JSON.
    pub(crate) fn line(&mut self, value: &Value) -> io::Result<()> {
        self.piece(format!("{value}\r\n").as_bytes())
    }

    /// Its end.
    pub(crate) fn end(&mut self) -> io::Result<()> {
        self.wire.write_all(b"0\r\n\r\n")
    }

    fn head(&mut self, status: u16, headers: &[(&str, &str)]) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {status} X\r\nConnection: close\r\n");
        for (name, value) in headers {
            head.extend([*name, ": ", *value, "\r\n"]);
        }
        head.push_str("\r\n");
        self.wire.write_all(head.as_bytes())
    }

    fn body(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Weakness { cut, stall, drip } = self.weakness;
        let most = cut.or(stall).unwrap_or(usize::MAX).saturating_sub(self.sent).min(bytes.len());
        self.sent += most;
        match drip {
            Some(pause) => {
                for byte in bytes {
                    self.wire.write_all(&[*byte])?;
                    std::thread::sleep(pause);
                }
            }
            None => self.wire.write_all(&bytes[..most])?,
        }
        if most == bytes.len() {
            return Ok(());
        }
        while stall.is_some() && self.is_wanted() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Err(io::ErrorKind::BrokenPipe.into())
    }
}
