//! One request and its answer over HTTP: the only part that knows the HTTP library. Follows the redirects that registries use
//! to point at their storage, and never shows that storage who asks.

use std::io::{self, Read};
use std::sync::Mutex;

use ureq::http::{HeaderMap, Method, Request as HttpRequest};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, BodyReader, SendBody};

use super::error::{Cause, Failed, RegistryError, Request};
use super::options::Options;
use super::secret::Secret;
use super::url::Url;

/// Registries point to their storage once, and that perhaps once more.
const REDIRECTS: usize = 5;

/// What is asked.
#[derive(Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body<'a>,
    /// Whether redirects are followed; those of uploads never are.
    follows: bool,
}

/// What is sent along.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Empty,
    Bytes(&'a [u8]),
    /// So many bytes of what this opens; it is opened anew each time that the request is sent.
    Stream(&'a dyn Opens, u64),
}

/// What a body is read from.
pub(super) trait Opens {
    fn open(&self) -> io::Result<Box<dyn Read + Send + '_>>;
}

/// What came back. Its body is read as it comes, by the call, which knows when it shall end.
pub(super) struct Answer {
    pub(super) request: Request,
    /// Where it came from in the end.
    pub(super) url: Url,
    pub(super) status: u16,
    headers: HeaderMap,
    pub(super) body: BodyReader<'static>,
}

/// Connections to registries.
#[derive(Debug)]
pub(super) struct Wire {
    agent: Agent,
}

impl<'a> Ask<'a> {
    pub(super) fn new(method: Method, url: Url) -> Self {
        let follows = method == Method::GET || method == Method::HEAD;
        Self { method, url, headers: Vec::new(), body: Body::Empty, follows }
    }

    pub(super) fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// A redirect is the answer.
    pub(super) fn unfollowed(mut self) -> Self {
        self.follows = false;
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, body: Body<'a>) -> Self {
        self.body = body;
        self
    }

    /// How it is told.
    pub(super) fn told(&self) -> Request {
        Request { method: self.method.to_string(), url: self.url.to_string() }
    }

    pub(super) fn unexpected(&self, reason: impl Into<String>) -> RegistryError {
        RegistryError::Unexpected { request: self.told(), reason: reason.into() }
    }
}

impl Answer {
    /// A header, when there is one and it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers of a name that are text.
    pub(super) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// A header that is a number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }

    pub(super) fn unexpected(&self, reason: impl Into<String>) -> RegistryError {
        RegistryError::Unexpected { request: self.request.clone(), reason: reason.into() }
    }
}

impl Wire {
    pub(super) fn new(options: &Options, uses_tls: bool, is_local: bool) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(options.user_agent.as_str())
            .timeout_connect(Some(options.connect))
            .timeout_per_read(Some(options.idle))
            .timeout_per_write(Some(options.idle))
            .max_idle_connections_per_host(options.parallel.max(1));
        if is_local {
            // No proxy is on the way to this machine, whatever the environment says.
            config = config.proxy(None);
        }
        if uses_tls {
            config = config.tls_config(TlsConfig::builder().root_certs(system_roots()).build());
        }
        Self { agent: config.build().new_agent() }
    }

    /// Asks once. What breaks while the body of the request is read from this machine is given back as it was.
    pub(super) fn exchange(
        &self,
        ask: &Ask<'_>,
        authorization: Option<&Secret>,
    ) -> Result<Answer, RegistryError> {
        let mut url = ask.url.clone();
        for _ in 0..=REDIRECTS {
            let authorization = authorization.filter(|_| url.origin() == ask.url.origin());
            let answer = self.once(ask, &url, authorization)?;
            if !ask.follows || !matches!(answer.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(answer);
            }
            let location =
                answer.header("location").ok_or_else(|| answer.unexpected("a redirect to nowhere"))?;
            let next = url
                .join(location)
                .map_err(|why| answer.unexpected(format!("a redirect to an address that is none: {why}")))?;
            if next.is_exposed() && !url.is_exposed() {
                return Err(answer.unexpected(format!("a redirect from TLS to plain HTTP ({next})")));
            }
            url = next;
        }
        Err(ask.unexpected(format!("more than {REDIRECTS} redirects")))
    }

    fn once(
        &self,
        ask: &Ask<'_>,
        url: &Url,
        authorization: Option<&Secret>,
    ) -> Result<Answer, RegistryError> {
        let request = Request { method: ask.method.to_string(), url: url.to_string() };
        let local = Mutex::new(None);
        let outcome = self.send(ask, url, authorization, &local);
        if let Some(error) = local.into_inner().unwrap_or_default() {
            return Err(error);
        }
        let (head, body) = outcome.map_err(|error| failed(&request, &error))?.into_parts();
        Ok(Answer {
            request,
            url: url.clone(),
            status: head.status.as_u16(),
            headers: head.headers,
            body: body.into_reader(),
        })
    }

    fn send(
        &self,
        ask: &Ask<'_>,
        url: &Url,
        authorization: Option<&Secret>,
        local: &Mutex<Option<RegistryError>>,
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let mut builder = HttpRequest::builder().method(&ask.method).uri(url.full());
        for (name, value) in &ask.headers {
            builder = builder.header(*name, value);
        }
        if let Some(authorization) = authorization {
            builder = builder.header("authorization", authorization.expose());
        }
        match ask.body {
            Body::Empty => {
                let writes = ask.method != Method::GET && ask.method != Method::HEAD;
                let builder = if writes { builder.header("content-length", "0") } else { builder };
                if writes {
                    self.agent.run(builder.body(&[][..])?)
                } else {
                    self.agent.run(builder.body(())?)
                }
            }
            Body::Bytes(bytes) => self.agent.run(builder.header("content-length", bytes.len()).body(bytes)?),
            Body::Stream(source, size) => {
                let mut reader = Noting { source, reader: None, local };
                let body = SendBody::from_reader(&mut reader);
                self.agent.run(builder.header("content-length", size).body(body)?)
            }
        }
    }
}

/// Keeps the error of a local reader, which is no fault of the network.
struct Noting<'a, 'b> {
    source: &'a dyn Opens,
    reader: Option<Box<dyn Read + Send + 'a>>,
    local: &'b Mutex<Option<RegistryError>>,
}

impl Read for Noting<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let outcome = match &mut self.reader {
            Some(reader) => reader.read(buffer),
            None => self.source.open().and_then(|reader| self.reader.insert(reader).read(buffer)),
        };
        outcome.map_err(|error| {
            let kept = error
                .downcast::<RegistryError>()
                .unwrap_or_else(|error| RegistryError::Invalid(error.to_string()));
            if let Ok(mut local) = self.local.lock() {
                *local = Some(kept);
            }
            io::Error::other("the local side of the upload failed")
        })
    }
}

/// The certificates of the system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`; where there are none, such as in an empty
/// container, those of Mozilla that are built in.
fn system_roots() -> RootCerts {
    let found = rustls_native_certs::load_native_certs().certs;
    if found.is_empty() {
        return RootCerts::WebPki;
    }
    found.iter().map(|certificate| Certificate::from_der(certificate).to_owned()).into()
}

/// What the HTTP library says, in our words.
pub(super) fn failed(request: &Request, error: &ureq::Error) -> RegistryError {
    let (cause, reason) = match error {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => {
            (Cause::Connection, "no connection in time".to_owned())
        }
        ureq::Error::Timeout(_) => (Cause::Silence, "the registry was silent for too long".to_owned()),
        ureq::Error::HostNotFound => (Cause::Name, "the host is not known".to_owned()),
        ureq::Error::Io(error) => return broken(request, error),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_) | ureq::Error::TlsRequired => {
            (Cause::Tls, error.to_string())
        }
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::ConnectionFailed => {
            (Cause::Connection, error.to_string())
        }
        other => return RegistryError::Unexpected { request: request.clone(), reason: other.to_string() },
    };
    RegistryError::Failed(Box::new(Failed { request: request.clone(), cause, reason, attempts: 1 }))
}

/// What a connection says that breaks.
pub(super) fn broken(request: &Request, error: &io::Error) -> RegistryError {
    let inner = error.get_ref();
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<ureq::Error>()) {
        return failed(request, error);
    }
    // TLS failures come as I/O errors of a kind that other broken streams have too.
    let is_tls = error.kind() == io::ErrorKind::InvalidData;
    let (cause, reason) = match error.kind() {
        _ if is_tls => (Cause::Tls, error.to_string()),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => {
            (Cause::Silence, "the registry was silent for too long".to_owned())
        }
        io::ErrorKind::UnexpectedEof => {
            (Cause::Connection, "the registry closed the connection too early".to_owned())
        }
        io::ErrorKind::ConnectionRefused => {
            (Cause::Connection, "nothing listens there (connection refused)".to_owned())
        }
        _ => (Cause::Connection, error.to_string()),
    };
    RegistryError::Failed(Box::new(Failed { request: request.clone(), cause, reason, attempts: 1 }))
}
