//! Asking a service that is under test: one GET, no redirects followed, no proxy, and an answer of bounded size.

use std::time::Duration;

use ureq::Agent;

use crate::model::smoke::Answer;

/// The most of a body that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Asks for a path of a service.
///
/// # Errors
/// A sentence when nobody answers within the time, or what comes is no HTTP or too large.
pub fn get(host: &str, port: u16, path: &str, limit: Duration) -> Result<Answer, String> {
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(limit))
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // The service is here, whatever the environment says about elsewhere.
        .proxy(None)
        .user_agent(concat!("slipway/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let slash = if path.starts_with('/') { "" } else { "/" };
    let url = format!("http://{host}:{port}{slash}{path}");
    let mut response = agent.get(&url).call().map_err(|error| words(&error))?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(LARGEST).lossy_utf8(true).read_to_string();
    match body {
        Ok(body) => Ok(Answer { status, body }),
        Err(ureq::Error::BodyExceedsLimit(_)) => Err(format!("it answered {status} with more than 1 MiB")),
        Err(error) => Err(format!("it answered {status}, and then: {}", words(&error))),
    }
}

fn words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            "the connection was refused".to_owned()
        }
        ureq::Error::Io(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
            "the connection was reset".to_owned()
        }
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        error => error.to_string(),
    }
}

/// Whether a port is open: something accepts a connection and keeps it. The proxies of engines accept in place of a
/// service that does not listen, and hang up then.
///
/// # Errors
/// A sentence when it is not.
pub fn knock(host: &str, port: u16, limit: Duration) -> Result<(), String> {
    use std::io::{ErrorKind, Read as _};
    use std::net::{TcpStream, ToSocketAddrs as _};

    /// A proxy hangs up at once.
    const PAUSE: Duration = Duration::from_millis(200);

    let addresses = (host, port).to_socket_addrs().map_err(|error| error.to_string())?;
    let mut last = Err(format!("{host} has no address"));
    for address in addresses {
        let kept = TcpStream::connect_timeout(&address, limit).and_then(|mut stream| {
            stream.set_read_timeout(Some(PAUSE))?;
            stream.read(&mut [0])
        });
        last = match kept {
            Ok(0) => Err("the connection was closed at once".to_owned()),
            Ok(_) => return Ok(()),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(());
            }
            Err(error) => Err(words(&ureq::Error::Io(error))),
        };
    }
    last
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request with these bytes.
    fn answering(bytes: Vec<u8>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(&bytes);
        });
        port
    }

    fn ask(bytes: impl Into<Vec<u8>>) -> Result<Answer, String> {
        get("127.0.0.1", answering(bytes.into()), "/health?full=1", Duration::from_secs(10))
    }

    #[test]
    fn any_status_is_an_answer_and_redirects_are_not_followed() {
        let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\nhi";
        assert_eq!(ask(moved), Ok(Answer { status: 302, body: "hi".to_owned() }));
        let chunked = "HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
        assert_eq!(ask(chunked), Ok(Answer { status: 500, body: "hi".to_owned() }));
    }

    #[test]
    fn what_is_no_answer_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let slow = get("127.0.0.1", port, "/", Duration::from_millis(50));
        assert_eq!(slow.unwrap_err(), "no answer in time");
        drop(listener);
        let refused = get("127.0.0.1", port, "/", Duration::from_secs(5));
        assert_eq!(refused.unwrap_err(), "the connection was refused");
        assert!(ask("SSH-2.0-OpenSSH\r\n").is_err());
        assert!(
            ask("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort")
                .unwrap_err()
                .starts_with("it answered 200, and then")
        );
        let large = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 2 << 20]].concat();
        assert_eq!(ask(large).unwrap_err(), "it answered 200 with more than 1 MiB");
    }

    #[test]
    fn an_open_port_keeps_its_visitors() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        assert_eq!(knock("127.0.0.1", port, Duration::from_secs(5)), Ok(()));
        drop(listener);
        assert!(knock("127.0.0.1", port, Duration::from_secs(5)).is_err());
    }
}
