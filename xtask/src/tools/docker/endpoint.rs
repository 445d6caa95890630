//! Where an engine listens: an address as `DOCKER_HOST` and Docker's contexts write it, and the question whether anybody
//! answers there. Needs nothing but the standard library, so that `doctor` can ask in every build of the toolkit.

use std::fmt;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

/// How long an engine may take to answer a ping.
const PATIENCE: Duration = Duration::from_secs(3);

/// An address of an engine that this toolkit can speak to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// Plain HTTP over TCP: `host:port`.
    Tcp(String),
}

/// What an engine says of itself when it is pinged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The newest version of the API that it speaks, such as `1.41`.
    pub api_version: Option<String>,
    /// Its name for itself, such as `Docker/20.10.24 (linux)`.
    pub server: Option<String>,
    /// It is Podman, which has the same API but no BuildKit.
    pub is_podman: bool,
}

impl Endpoint {
    /// Reads an address: `unix:///path`, `tcp://host:port`, `http://host:port`.
    ///
    /// # Errors
    /// A sentence that says why the address cannot be used and what to do instead.
    pub fn parse(address: &str) -> Result<Self, String> {
        let Some((scheme, rest)) = address.split_once("://") else {
            return Err(format!(
                "`{address}` has no scheme; write unix:///path/of/socket or tcp://host:port"
            ));
        };
        match scheme {
            "unix" if rest.starts_with('/') => Ok(Self::Unix(PathBuf::from(rest))),
            "unix" => Err(format!("`{address}` has no absolute path; write unix:///path/of/socket")),
            "tcp" | "http" => authority(address, rest).map(Self::Tcp),
            "npipe" => Err(format!(
                "`{address}` is a named pipe of Windows, which is not supported; let the engine listen on \
                 tcp://127.0.0.1:2375, or run inside WSL"
            )),
            "ssh" => Err(format!(
                "`{address}` goes through SSH, which is not supported; forward the socket with \
                 `ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock {rest}` and set \
                 DOCKER_HOST=unix:///tmp/engine.sock"
            )),
            "https" => Err(format!("`{address}`: {TLS}")),
            other => Err(format!("`{address}`: the scheme `{other}` is not known; use unix:// or tcp://")),
        }
    }

    /// Asks whether an engine answers here, for at most three seconds.
    ///
    /// # Errors
    /// A sentence that says why not, and what to do where that is known.
    pub fn ping(&self) -> Result<Answer, String> {
        match self {
            Self::Unix(path) => ping_unix(path),
            Self::Tcp(authority) => ping_tcp(authority),
        }
    }
}

/// Why an engine behind TLS is not used.
pub(super) const TLS: &str = "an engine behind TLS is not supported; forward its socket through SSH, or use a socket on \
                              this machine";

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(authority) => write!(f, "tcp://{authority}"),
        }
    }
}

fn authority(address: &str, rest: &str) -> Result<String, String> {
    let rest = rest.trim_end_matches('/');
    let bad = || format!("`{address}` is no host and port; write tcp://host:port");
    let (host, port) = match rest.rsplit_once(':') {
        // The last colon of a bare IPv6 address is not before a port.
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (rest, "2375"),
    };
    let is_host =
        !host.is_empty() && !host.contains(['/', '@', '?', '#']) && !host.contains(char::is_whitespace);
    let is_bracketed = !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
    if !is_host || !is_bracketed || port.parse::<u16>().is_err() {
        return Err(bad());
    }
    Ok(format!("{host}:{port}"))
}

#[cfg(unix)]
fn ping_unix(path: &std::path::Path) -> Result<Answer, String> {
    use std::os::unix::net::UnixStream;

    let stream = UnixStream::connect(path).map_err(|error| refused(&path.display(), &error))?;
    let limited =
        stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE)));
    limited.map_err(|error| refused(&path.display(), &error))?;
    ask(stream)
}

#[cfg(not(unix))]
fn ping_unix(_path: &std::path::Path) -> Result<Answer, String> {
    Err("Unix sockets are not supported on this system; let the engine listen on tcp://127.0.0.1:2375"
        .to_owned())
}

fn ping_tcp(authority: &str) -> Result<Answer, String> {
    use std::net::{TcpStream, ToSocketAddrs as _};

    let addresses = authority.to_socket_addrs().map_err(|error| refused(&authority, &error))?;
    let mut last = format!("{authority} has no address");
    for address in addresses {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).and_then(|stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_write_timeout(Some(PATIENCE))?;
            Ok(stream)
        });
        match stream {
            Ok(stream) => return ask(stream),
            Err(error) => last = refused(&authority, &error),
        }
    }
    Err(last)
}

fn refused(place: &dyn fmt::Display, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("{place} does not exist"),
        std::io::ErrorKind::ConnectionRefused => format!("nobody listens on {place}"),
        std::io::ErrorKind::PermissionDenied => format!(
            "permission denied on {place}; add your user to its group (`sudo usermod -aG docker $USER`, then log in \
             again), or use a rootless engine"
        ),
        _ => format!("cannot connect to {place}: {error}"),
    }
}

/// Source: <https://docs.docker.com/reference/api/engine/version/v1.41/#tag/System/operation/SystemPing>.
fn ask(mut stream: impl Read + Write) -> Result<Answer, String> {
    let silent = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut => {
            format!("connected, but no answer within {} s", PATIENCE.as_secs())
        }
        _ => format!("connected, but no answer: {error}"),
    };
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n").map_err(silent)?;
    // An engine's answer is a few hundred bytes; whatever else listens there may go on forever.
    let mut lines = BufReader::new(stream.take(16 * 1024)).lines();
    let status = lines.next().transpose().map_err(silent)?.unwrap_or_default();
    if !status.starts_with("HTTP/1.") || status.split(' ').nth(1) != Some("200") {
        let status = if status.is_empty() { "nothing" } else { status.trim() };
        return Err(format!("answers the ping with `{}`", status.chars().take(80).collect::<String>()));
    }
    let mut answer = Answer::default();
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim().to_owned();
        match name.to_ascii_lowercase().as_str() {
            "api-version" => answer.api_version = Some(value),
            "libpod-api-version" => answer.is_podman = true,
            "server" => {
                answer.is_podman |= value.starts_with("Libpod/");
                answer.server = Some(value);
            }
            _ => {}
        }
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read() {
        let unix = |path: &str| Ok(Endpoint::Unix(PathBuf::from(path)));
        let tcp = |authority: &str| Ok(Endpoint::Tcp(authority.to_owned()));
        assert_eq!(Endpoint::parse("unix:///run/user/1000/docker.sock"), unix("/run/user/1000/docker.sock"));
        assert_eq!(Endpoint::parse("tcp://127.0.0.1:2375"), tcp("127.0.0.1:2375"));
        assert_eq!(Endpoint::parse("http://docker:2375/"), tcp("docker:2375"));
        assert_eq!(Endpoint::parse("tcp://docker"), tcp("docker:2375"));
        assert_eq!(Endpoint::parse("tcp://[::1]:2375"), tcp("[::1]:2375"));
        assert_eq!(Endpoint::parse("tcp://[::1]"), tcp("[::1]:2375"));
    }

    #[test]
    fn other_addresses_are_refused_with_what_to_do() {
        for (address, words) in [
            ("/var/run/docker.sock", "has no scheme"),
            ("unix://docker.sock", "no absolute path"),
            ("npipe:////./pipe/docker_engine", "named pipe"),
            ("ssh://me@host", "ssh -nNT -L"),
            ("https://host:2376", "TLS"),
            ("fd://", "`fd` is not known"),
            ("tcp://", "no host and port"),
            ("tcp://host:port", "no host and port"),
            ("tcp://::1:2375", "no host and port"),
            ("tcp://user@host:2375", "no host and port"),
        ] {
            let error = Endpoint::parse(address).unwrap_err();
            assert!(error.contains(words), "{address}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            if let Ok(endpoint) = Endpoint::parse(&text) {
                proptest::prop_assert_eq!(Endpoint::parse(&endpoint.to_string()), Ok(endpoint));
            }
        }
    }
}
