//! Addresses on a registry, and what a `Location` means there. Source: RFC 3986, as far as registries use it.

use std::fmt;
use std::net::IpAddr;

/// An `http` or `https` address without user name, password and fragment. Shown without its query, which may hold
/// signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    /// Scheme and authority, lower-case, without the port that the scheme has anyway.
    origin: String,
    /// Path and query, from the first `/` on.
    rest: String,
}

impl Url {
    /// Reads an absolute address; the error is the reason, for a sentence about it.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or("it has no scheme")?;
        let scheme = scheme.to_ascii_lowercase();
        let port = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return Err("its scheme is neither http nor https"),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let authority = authority.to_ascii_lowercase();
        let authority = authority.strip_suffix(port).unwrap_or(&authority);
        if authority.is_empty() {
            return Err("it has no host");
        }
        if authority.contains('@') {
            return Err("it holds a user name");
        }
        let rest = rest.split('#').next().unwrap_or_default();
        let is_printable = |byte: u8| byte.is_ascii_graphic();
        if !rest.bytes().all(is_printable) || !authority.bytes().all(is_printable) {
            return Err("it has characters that an address must encode");
        }
        let slash = if rest.starts_with('/') { "" } else { "/" };
        Ok(Self { origin: format!("{scheme}://{authority}"), rest: format!("{slash}{rest}") })
    }

    /// What a `Location` or `Link` that was answered here points to.
    pub(super) fn join(&self, location: &str) -> Result<Self, &'static str> {
        if location.contains("://") && !location.starts_with(['/', '?']) {
            return Self::parse(location);
        }
        let scheme = self.origin.split_once(':').map_or("https", |(scheme, _)| scheme);
        if location.starts_with("//") {
            return Self::parse(&format!("{scheme}:{location}"));
        }
        if location.starts_with('/') {
            return Self::parse(&format!("{}{location}", self.origin));
        }
        let path = self.path();
        let folder = if location.starts_with('?') { path } else { &path[..=path.rfind('/').unwrap_or(0)] };
        Self::parse(&format!("{}{folder}{location}", self.origin))
    }

    /// The same address with one more pair in its query. Neither part is encoded here.
    pub(super) fn with(&self, name: &str, value: &str) -> Self {
        let join = if self.rest.contains('?') { '&' } else { '?' };
        Self { origin: self.origin.clone(), rest: format!("{}{join}{name}={value}", self.rest) }
    }

    /// All of it, for the wire.
    pub(super) fn full(&self) -> String {
        format!("{}{}", self.origin, self.rest)
    }

    /// Scheme and authority: what credentials are good for.
    pub(super) fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether what goes there can be read on the way.
    pub(super) fn is_exposed(&self) -> bool {
        match self.origin.strip_prefix("http://") {
            Some(authority) => !is_loopback(authority),
            None => false,
        }
    }

    fn path(&self) -> &str {
        self.rest.split('?').next().unwrap_or("/")
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = if self.rest.contains('?') { "?…" } else { "" };
        write!(f, "{}{}{hidden}", self.origin, self.path())
    }
}

/// Whether a host with or without a port is this machine: `localhost`, 127.0.0.0/8, `::1`. What engines take as a registry
/// that may speak plain HTTP.
pub(super) fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Encodes all but unreserved characters (RFC 3986, section 2.3).
pub(super) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |encoded, byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            encoded + &char::from(byte).to_string()
        }
        other => encoded + &format!("%{other:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn locations_are_resolved_as_rfc_3986_says() {
        let base = Url::parse("https://Registry.example:443/v2/a/blobs/uploads/?x=1").unwrap();
        let of = |location: &str| base.join(location).unwrap().full();
        assert_eq!(of("/v2/b?_state=z"), "https://registry.example/v2/b?_state=z");
        assert_eq!(of("https://other/p#f"), "https://other/p");
        assert_eq!(of("//other:81/p"), "https://other:81/p");
        assert_eq!(of("uuid"), "https://registry.example/v2/a/blobs/uploads/uuid");
        assert_eq!(of("?n=2"), "https://registry.example/v2/a/blobs/uploads/?n=2");
        assert_eq!(of("/r?next=https://x"), "https://registry.example/r?next=https://x");
        for wrong in ["ftp://a/b", "https://user:word@a/b", "https:///x", "/a b"] {
            assert!(base.join(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_is_added_and_never_shown() {
        let url =
            Url::parse("http://127.0.0.1:5000/v2/a").unwrap().with("digest", "sha256%3Aab").with("n", "2");
        assert_eq!(url.full(), "http://127.0.0.1:5000/v2/a?digest=sha256%3Aab&n=2");
        assert_eq!(url.to_string(), "http://127.0.0.1:5000/v2/a?…");
    }

    #[test]
    fn this_machine_is_known() {
        for host in ["127.0.0.1:5000", "127.9.9.9", "localhost", "localhost:1", "[::1]:5000", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in
            ["ghcr.io", "128.0.0.1:1", "localhost.evil.example", "[::2]:5000", "127.0.0.1.evil.example"]
        {
            assert!(!is_loopback(host), "{host}");
        }
        assert!(Url::parse("http://a/").unwrap().is_exposed());
        assert!(!Url::parse("http://[::1]:80/").unwrap().is_exposed());
    }

    #[test]
    fn what_a_query_does_not_take_is_encoded() {
        assert_eq!(encode("repository:a/b:pull,push é~"), "repository%3Aa%2Fb%3Apull%2Cpush%20%C3%A9~");
    }

    proptest! {
        #[test]
        fn any_location_is_resolved_or_refused(location in "\\PC{0,40}") {
            let base = Url::parse("https://a/b/c?d").unwrap();
            if let Ok(url) = base.join(&location) {
                prop_assert_eq!(Url::parse(&url.full()).unwrap(), url);
            }
        }
    }
}
