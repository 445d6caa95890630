//! An engine that is none: it answers each connection as a test says, and the faults are in the answers.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc;
use std::time::Instant;

use tempfile::TempDir;

use super::*;
use crate::kit::secret::Secret;
use crate::tools::docker::{BuildSpec, Builder, ContainerSpec, Credentials, Event, Owner};

/// What the false engine does with a connection whose request it has read.
type Answer = fn(&str, &mut UnixStream);

struct Fake {
    engine: Engine,
    /// The heads of the requests.
    requests: mpsc::Receiver<String>,
    folder: TempDir,
}

fn fake(answer: Answer) -> Fake {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let (heads, requests) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, heads) = (stream.unwrap(), heads.clone());
            std::thread::spawn(move || {
                let head = head(&mut stream);
                if head.contains("transfer-encoding: chunked") {
                    body(&mut stream);
                }
                let _ = heads.send(head.clone());
                answer(&head, &mut stream);
            });
        }
    });
    let found = Found { endpoint: Endpoint::Unix(socket), answer: super::Answer::default() };
    Fake { engine: Engine::connect(found).unwrap(), requests, folder }
}

fn head(stream: &mut UnixStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// An engine that answers before it has read everything would break the connection.
fn body(stream: &mut UnixStream) {
    let mut end = Vec::new();
    let mut bytes = [0; 4096];
    while !end.ends_with(b"\r\n0\r\n\r\n") {
        match stream.read(&mut bytes) {
            Ok(read) if read > 0 => end.extend_from_slice(&bytes[..read]),
            _ => return,
        }
    }
}

fn send(stream: &mut UnixStream, text: &str) {
    let _ = stream.write_all(text.as_bytes());
}

fn json(stream: &mut UnixStream, status: &str, body: &str) {
    let length = body.len();
    send(
        stream,
        &format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    );
}

/// The beginning of an answer that has no end yet.
fn begin(stream: &mut UnixStream, body: &str) {
    send(
        stream,
        &format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len()),
    );
}

fn spec(folder: &Path) -> BuildSpec {
    std::fs::write(folder.join("Dockerfile"), "FROM scratch\nRUN make\n").unwrap();
    BuildSpec { builder: Builder::Classic, ..BuildSpec::new(folder) }
}

fn build(fake: &Fake, spec: &BuildSpec) -> (String, Vec<Event>) {
    let mut events = Vec::new();
    let error = fake.engine.build(spec, &mut |event| events.push(event)).unwrap_err();
    (error.to_string(), events)
}

#[test]
fn the_engine_s_words_are_told() {
    let fake = fake(|_, stream| {
        json(stream, "500 Internal Server Error", r#"{"message":"no space left on device"}"#);
    });
    let error = fake.engine.inspect("a").unwrap_err();
    assert_eq!(error.to_string(), "cannot inspect image a: no space left on device");
    assert!(error.hint().unwrap().contains("docker system prune"));
    let error = fake.engine.create(&ContainerSpec::new("a"), &Owner::new("r")).unwrap_err();
    assert_eq!(error.to_string(), "cannot create a container of a: no space left on device");
}

#[test]
fn an_answer_that_nobody_understands_is_told() {
    let fake = fake(|_, stream| json(stream, "200 OK", r#"{"Id": 7}"#));
    let error = fake.engine.inspect("a").unwrap_err().to_string();
    assert!(error.starts_with("cannot inspect image a: the engine's answer is not understood ("), "{error}");
}

#[test]
fn an_engine_that_ends_in_the_midst_of_a_build_is_gone() {
    let fake = fake(|head, stream| {
        if head.starts_with("POST /build") {
            begin(stream, "{\"stream\":\"Step 2/2 : RUN make\\n\"}\n{\"stream\":\"cc\\n\"}\n");
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    let (error, events) = build(&fake, &spec(fake.folder.path()));
    assert!(error.contains("Dockerfile:2: RUN make: the engine went away ("), "{error}");
    assert!(error.ends_with("\n  | cc"), "{error}");
    assert_eq!(events, [Event::Started(1, "RUN make".to_owned()), Event::Log(1, "cc".to_owned())]);
}

#[test]
fn an_error_after_a_good_status_is_an_error() {
    let fake = fake(|head, stream| {
        let body = r#"{"errorDetail":{"message":"write /x: no space left on device"},"error":"write"}"#;
        let body = if head.contains("/push") { body.replace("write /x", "blob") } else { body.to_owned() };
        json(stream, "200 OK", &body);
    });
    let spec = spec(fake.folder.path());
    let (error, _) = build(&fake, &spec);
    assert_eq!(error, "cannot build the image: write /x: no space left on device");
    let archive = fake.folder.path().join("Dockerfile");
    let error = fake.engine.load(&archive, &Limits::within(PATIENCE)).unwrap_err();
    assert!(error.to_string().ends_with(": write /x: no space left on device"), "{error}");
    let name = ("r.example/a".parse().unwrap(), "1".parse().unwrap());
    let error =
        fake.engine.push((&name.0, &name.1), None, &Limits::within(PATIENCE), &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "cannot push image r.example/a:1: blob: no space left on device");
}

#[test]
fn a_slow_engine_does_not_hold_us_up() {
    let fake = fake(|_, stream| {
        begin(stream, "{\"stream\":\"Step 1/2 : FROM scratch\\n\"}\n");
        std::thread::sleep(Duration::from_secs(20));
    });
    let limits = Limits::within(Duration::from_millis(300));
    let begun = Instant::now();
    let (error, _) = build(&fake, &BuildSpec { limits: limits.clone(), ..spec(fake.folder.path()) });
    assert!(error.contains("FROM scratch: not done within "), "{error}");
    let interrupt = Interrupt::default();
    interrupt.raise();
    let limits = Limits { interrupt, ..Limits::within(PATIENCE) };
    let error = fake.engine.load(&fake.folder.path().join("Dockerfile"), &limits).unwrap_err();
    assert!(error.is_interrupt(), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_engine_without_buildkit_builds_classically_and_says_so() {
    let fake = fake(|head, stream| {
        if head.starts_with("POST /build") {
            begin(stream, "{\"aux\":{\"ID\":\"sha256:ab\"}}\n");
            send(stream, "0\r\n\r\n");
        } else {
            json(stream, "404 Not Found", r#"{"message":"page not found"}"#);
        }
    });
    let spec = BuildSpec { builder: Builder::Auto, ..spec(fake.folder.path()) };
    let mut events = Vec::new();
    let built = fake.engine.build(&spec, &mut |event| events.push(event)).unwrap();
    assert_eq!(built.id, "sha256:ab");
    let words =
        "the engine has no BuildKit (POST /grpc: HTTP/1.1 404 Not Found): the classic builder is used";
    assert_eq!(events, [Event::Notice(words.to_owned())]);
}

#[test]
fn buildkit_that_goes_away_is_told() {
    let fake = fake(|_, stream| send(stream, "HTTP/1.1 101 UPGRADED\r\nUpgrade: h2c\r\n\r\n"));
    let spec = BuildSpec { builder: Builder::Auto, ..spec(fake.folder.path()) };
    let (error, events) = build(&fake, &spec);
    assert!(error.starts_with("cannot build the image: the engine went away ("), "{error}");
    assert_eq!(events, []);
}

#[test]
fn credentials_are_written_as_engines_read_them() {
    let fake = fake(|_, stream| json(stream, "500 Error", r#"{"message":"no"}"#));
    let (repository, tag) = ("r.example/a".parse().unwrap(), "1".parse().unwrap());
    for password in ["a~", "aa~", "aaa~", "???", ">>>"] {
        let who = Credentials::Password { user: "me".to_owned(), password: Secret::new(password) };
        let pushed =
            fake.engine.push((&repository, &tag), Some(&who), &Limits::within(PATIENCE), &mut |_| {});
        assert!(pushed.is_err());
        let head = fake.requests.recv().unwrap();
        let value = head.lines().find_map(|line| line.strip_prefix("x-registry-auth: ")).unwrap();
        assert!(!value.contains(['+', '/']), "{value}");
        let decoded = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE, value).unwrap();
        let decoded: serde_json::Value = serde_json::from_slice(&decoded).unwrap();
        assert_eq!(decoded["password"], password);
    }
}

#[test]
fn an_engine_that_ended_is_gone() {
    let Fake { engine, folder, .. } = fake(|_, _| {});
    let error = engine.inspect("a").unwrap_err();
    assert!(error.to_string().contains("the engine went away ("), "{error}");
    drop(folder);
    let error = engine.inspect("a").unwrap_err();
    assert!(error.to_string().contains("the engine went away ("), "{error}");
    assert!(error.hint().unwrap().contains("still running"));
}
