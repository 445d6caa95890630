//! Raw connections to BuildKit inside an engine: `POST /session` and `POST /grpc`, upgraded to HTTP/2. The library opens
//! them too, but only together with its own session, which cannot give secrets.

use std::fmt::Write as _;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tonic::codegen::{Service, http::Uri};
use tonic::transport::server::Connected;

use crate::tools::docker::endpoint::Endpoint;

/// The most bytes of an answer's head.
const HEAD: usize = 16 * 1024;

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum NoWire {
    /// The engine answered, and does not know BuildKit.
    Missing(String),
    /// The engine did not answer.
    Broken(io::Error),
}

impl From<io::Error> for NoWire {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send {}

impl<T: AsyncRead + AsyncWrite + Send> Duplex for T {}

/// A connection, whatever it runs over.
pub(super) struct Wire(Pin<Box<dyn Duplex>>);

impl Wire {
    /// Opens a connection and upgrades it.
    pub(super) async fn open(
        endpoint: &Endpoint,
        path: &str,
        headers: &[(&str, String)],
    ) -> Result<Self, NoWire> {
        let mut wire = Self::connect(endpoint).await?;
        let mut request = format!(
            "POST {path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 0\r\n"
        );
        for (name, value) in headers {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        request.push_str("\r\n");
        wire.write_all(request.as_bytes()).await?;
        let head = wire.head().await?;
        let status = head.lines().next().unwrap_or_default().trim();
        if status.split(' ').nth(1) == Some("101") {
            Ok(wire)
        } else {
            Err(NoWire::Missing(format!("POST {path}: {status}")))
        }
    }

    #[cfg(unix)]
    async fn connect(endpoint: &Endpoint) -> io::Result<Self> {
        match endpoint {
            Endpoint::Unix(path) => Ok(Self(Box::pin(tokio::net::UnixStream::connect(path).await?))),
            Endpoint::Tcp(authority) => Self::connect_tcp(authority).await,
        }
    }

    #[cfg(not(unix))]
    async fn connect(endpoint: &Endpoint) -> io::Result<Self> {
        match endpoint {
            Endpoint::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
            Endpoint::Tcp(authority) => Self::connect_tcp(authority).await,
        }
    }

    async fn connect_tcp(authority: &str) -> io::Result<Self> {
        Ok(Self(Box::pin(tokio::net::TcpStream::connect(authority).await?)))
    }

    /// Reads an answer's head, and not a byte of what follows: that belongs to HTTP/2.
    async fn head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            if head.len() == HEAD {
                return Err(io::Error::other("the head of the answer has no end"));
            }
            head.push(self.read_u8().await?);
        }
        Ok(String::from_utf8_lossy(&head).into_owned())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.0.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.as_mut().poll_shutdown(cx)
    }
}

impl Connected for Wire {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

/// Hands one connection to a client of gRPC, which cannot have a second one.
pub(super) struct Once(pub(super) Option<Wire>);

impl Service<Uri> for Once {
    type Response = TokioIo<Wire>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<Wire>>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _to: Uri) -> Self::Future {
        ready(self.0.take().map(TokioIo::new).ok_or_else(|| io::Error::other("the connection broke")))
    }
}
