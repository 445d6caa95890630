//! A token service as the specification of Docker's registry has it: JSON web tokens, signed by `openssl`, with the
//! certificate that the registry trusts.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

use super::peer::{PASSWORD, USER};

/// A running service. It ends with the test program.
pub(crate) struct Issuer {
    pub(crate) host: String,
    /// The scopes that were asked for.
    pub(crate) scopes: Arc<Mutex<Vec<String>>>,
    listener: TcpListener,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        Self { host, scopes: Arc::default(), listener }
    }

    /// Answers with the key and the certificate in this folder.
    pub(crate) fn serve(&self, folder: &Path) {
        let listener = self.listener.try_clone().unwrap();
        let (folder, scopes) = (folder.to_owned(), Arc::clone(&self.scopes));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(&stream, &folder, &scopes);
            }
        });
    }
}

fn answer(mut stream: &TcpStream, folder: &Path, scopes: &Mutex<Vec<String>>) {
    let lines: Vec<String> =
        BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
    let Some(target) = lines.first().and_then(|line| line.split(' ').nth(1)) else { return };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let asked: Vec<String> = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("scope="))
        .map(|scope| scope.replace("%3A", ":").replace("%2F", "/").replace("%2C", ","))
        .collect();
    let wanted = format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}")));
    let is_known = lines.iter().any(|line| {
        line.split_once(": ")
            .is_some_and(|(name, value)| name.eq_ignore_ascii_case("authorization") && value == wanted)
    });
    let (status, body) = if is_known {
        (200, json!({"token": token(folder, &asked), "expires_in": 300}).to_string())
    } else {
        (401, r#"{"details":"incorrect username or password"}"#.to_owned())
    };
    scopes.lock().unwrap().extend(asked);
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes());
}

fn token(folder: &Path, scopes: &[String]) -> String {
    let access: Vec<_> = scopes
        .iter()
        .filter_map(|scope| {
            let (kind, rest) = scope.split_once(':')?;
            let (name, actions) = rest.rsplit_once(':')?;
            Some(json!({"type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>()}))
        })
        .collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let pem = fs::read_to_string(folder.join("cert.pem")).unwrap();
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let header = json!({"typ": "JWT", "alg": "RS256", "x5c": [der]});
    let claims = json!({
        "iss": "test-issuer", "sub": USER, "aud": "test-registry", "jti": "1",
        "iat": now, "nbf": now - 60, "exp": now + 300, "access": access,
    });
    let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", encode(&header), encode(&claims));
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-sign", "key.pem"]).current_dir(folder);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let signature = child.wait_with_output().unwrap().stdout;
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}
