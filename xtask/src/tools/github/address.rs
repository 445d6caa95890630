//! Where the API is: GitHub itself, or an Enterprise server, whose API lies below a path.

use std::fmt;

use crate::tools::variables::Variables;

const PUBLIC: &str = "https://api.github.com";

/// The address of an API: scheme, host, perhaps a port and a path, and nothing else. It ends without a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

/// A text that is no address of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAddress {
    text: String,
    reason: &'static str,
}

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GITHUB_API_URL is {:?}, and {}", self.text, self.reason)
    }
}

impl std::error::Error for BadAddress {}

impl BadAddress {
    /// What is wrong with it.
    pub(super) fn reason(&self) -> &'static str {
        self.reason
    }
}

impl Address {
    /// What `GITHUB_API_URL` says, else GitHub itself.
    ///
    /// # Errors
    /// When it is no address of the web.
    pub fn of(env: &Variables) -> Result<Self, BadAddress> {
        let set = env.get("GITHUB_API_URL").map(String::as_str).filter(|value| !value.is_empty());
        Self::parse(set.unwrap_or(PUBLIC))
    }

    /// Another place, given as scheme and host.
    pub(super) fn origin(text: &str) -> Result<Self, BadAddress> {
        Self::parse(text)
    }

    fn parse(text: &str) -> Result<Self, BadAddress> {
        let bad = |reason| Err(BadAddress { text: text.chars().take(200).collect(), reason });
        let Some((scheme @ ("https" | "http"), rest)) = text.split_once("://") else {
            return bad("an address begins with https://");
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.contains('@') {
            return bad("a user or password does not belong there");
        }
        let in_host = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
        if authority.is_empty() || !authority.chars().all(in_host) {
            return bad("it names no host");
        }
        let path = path.trim_end_matches('/');
        let in_path = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if !path.chars().all(in_path) {
            return bad("its path has a character that does not belong there");
        }
        if scheme == "http" && !is_loopback(authority) {
            return bad("the token would travel in the clear: use https://");
        }
        let slash = if path.is_empty() { "" } else { "/" };
        Ok(Self(format!("{scheme}://{authority}{slash}{path}")))
    }

    /// The host that people log in to, as GitHub's program takes it: without a port, in small letters, and not that of the API
    /// where the API has one of its own.
    pub(super) fn host(&self) -> String {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest).to_ascii_lowercase();
        let authority = rest.split('/').next().unwrap_or_default();
        let host = match authority.find(']') {
            Some(end) => authority.get(..=end).unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        let of_api =
            host.strip_prefix("api.").filter(|rest| *rest == "github.com" || rest.ends_with(".ghe.com"));
        of_api.unwrap_or(host).to_owned()
    }

    /// The whole address of a route, which begins with a slash.
    pub(super) fn of_route(&self, route: &str) -> String {
        format!("{}{route}", self.0)
    }

    /// The route of an address on this API; none for other places.
    pub(super) fn route_of<'a>(&self, address: &'a str) -> Option<&'a str> {
        address.strip_prefix(&self.0).filter(|route| route.starts_with('/'))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a host with its port is this machine.
pub(super) fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_enterprise_server_has_a_path() {
        let address = Address::parse("https://github.acme.example/api/v3/").unwrap();
        assert_eq!(address.of_route("/user"), "https://github.acme.example/api/v3/user");
        let next = "https://github.acme.example/api/v3/repositories/1/issues/2/comments?page=2";
        assert_eq!(address.route_of(next), Some("/repositories/1/issues/2/comments?page=2"));
        assert_eq!(address.route_of("https://github.acme.example/api/v33/user"), None);
        assert_eq!(address.route_of("https://evil.example/api/v3/user"), None);
    }

    #[test]
    fn people_log_in_at_the_host_without_its_port_and_not_at_that_of_the_api() {
        for (address, host) in [
            ("https://api.github.com", "github.com"),
            ("https://API.GitHub.com", "github.com"),
            ("https://api.octocorp.ghe.com", "octocorp.ghe.com"),
            ("https://github.acme.example:8443/api/v3", "github.acme.example"),
            ("https://api.acme.example/api/v3", "api.acme.example"),
            ("http://[::1]:80/api/v3", "[::1]"),
        ] {
            assert_eq!(Address::parse(address).unwrap().host(), host, "{address}");
        }
    }

    #[test]
    fn the_public_one_is_the_default() {
        let empty = Variables::from([("GITHUB_API_URL".to_owned(), String::new())]);
        assert_eq!(Address::of(&empty).unwrap().to_string(), PUBLIC);
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        for (wrong, reason) in [
            ("github.com", "begins with https://"),
            ("ftp://a", "begins with https://"),
            ("https://", "no host"),
            ("https://me:secret@a", "password does not belong"),
            ("https://a b", "no host"),
            ("https://a/b?c", "a character"),
            ("http://github.acme.example", "in the clear"),
            ("http://127.0.0.1.evil.example", "in the clear"),
        ] {
            let error = Address::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        for right in ["http://127.0.0.1:80", "http://[::1]:80/api/v3", "http://localhost"] {
            assert!(Address::parse(right).is_ok(), "{right}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_refused(text in "(https?://)?\\PC{0,40}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert!(!address.to_string().contains(['@', ' ', '?', '#']));
            }
        }
    }
}
