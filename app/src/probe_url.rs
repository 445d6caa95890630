//! The address a health check asks. Everything that can be wrong with it is found here, before a socket opens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use axum::http::Uri;

use crate::failure::Invalid;

const EXAMPLE: &str = "give a plain http address as --url or APP_HEALTHCHECK_URL, for example http://127.0.0.1:8080/health/ready";

/// An absolute `http` URL with a host, and without a user name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeUrl(Uri);

impl ProbeUrl {
    /// The readiness address of a service that listens on `listen`. A service that listens on every address is
    /// asked on the loopback address of the same family.
    ///
    /// ```
    /// use app::probe_url::ProbeUrl;
    ///
    /// let everywhere = ProbeUrl::of_listener("0.0.0.0:8080".parse()?)?;
    /// assert_eq!(everywhere.to_string(), "http://127.0.0.1:8080/health/ready");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// With port 0, as nobody can know the port in advance.
    pub fn of_listener(listen: SocketAddr) -> Result<Self, Invalid> {
        if listen.port() == 0 {
            return Err(Invalid::new("port 0 stands for any free port", EXAMPLE));
        }
        let host = match listen.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
            other => other,
        };
        format!("http://{}/health/ready", SocketAddr::new(host, listen.port())).parse()
    }

    pub(crate) fn into_uri(self) -> Uri {
        self.0
    }
}

impl FromStr for ProbeUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let uri: Uri = text.parse().map_err(|error| Invalid::new(format!("{error}"), EXAMPLE))?;
        let Some(authority) = uri.authority().filter(|_| uri.scheme_str() == Some("http")) else {
            return Err(Invalid::new("not a plain http URL", EXAMPLE));
        };
        if authority.host().is_empty() {
            return Err(Invalid::new("no host", EXAMPLE));
        }
        if authority.as_str().contains('@') {
            return Err(Invalid::new("a user name is not supported", EXAMPLE));
        }
        Ok(Self(uri))
    }
}

impl std::fmt::Display for ProbeUrl {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe_of(listen: &str) -> Result<String, String> {
        let listen = listen.parse().expect("a socket address");
        ProbeUrl::of_listener(listen).map(|url| url.to_string()).map_err(|invalid| invalid.to_string())
    }

    #[test]
    fn a_listener_is_asked_where_it_listens() {
        assert_eq!(probe_of("10.1.2.3:80").as_deref(), Ok("http://10.1.2.3:80/health/ready"));
        assert_eq!(probe_of("[2001:db8::1]:80").as_deref(), Ok("http://[2001:db8::1]:80/health/ready"));
    }

    #[test]
    fn a_listener_on_every_address_is_asked_on_loopback() {
        assert_eq!(probe_of("0.0.0.0:80").as_deref(), Ok("http://127.0.0.1:80/health/ready"));
        assert_eq!(probe_of("[::]:80").as_deref(), Ok("http://[::1]:80/health/ready"));
    }

    #[test]
    fn any_free_port_cannot_be_asked() {
        assert!(probe_of("127.0.0.1:0").is_err());
    }

    #[test]
    fn only_plain_http_with_a_host_is_an_address() {
        for wrong in
            ["", "localhost", "/health", "https://localhost/", "http://", "http://:80/", "http://me@host/"]
        {
            assert!(wrong.parse::<ProbeUrl>().is_err(), "{wrong}");
        }
        for right in ["http://localhost", "http://[::1]:8080/health/ready?verbose", "HTTP://localhost/"] {
            assert!(right.parse::<ProbeUrl>().is_ok(), "{right}");
        }
    }
}
