//! Where the toolkit is kept, as cargo reads it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::template::{Values, escaped};

/// Where cargo gets the toolkit from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A git repository.
    Git(Address),
    /// A folder of this machine, which no other one has.
    Folder(PathBuf),
}

/// A git repository, and the commit in it; none for the newest, which the lock file then keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: String,
    revision: Option<String>,
}

/// Why it is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAnAddress {
    /// Cargo would not know how to ask there.
    Kind,
    /// It has characters that no address has.
    Characters,
    /// What stands behind `#` is no commit or tag.
    Revision,
}

impl fmt::Display for NotAnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "an address begins with https://, ssh:// or file://",
            Self::Characters => "an address has no blanks, quotes or control characters",
            Self::Revision => "behind `#` stands a commit or a tag",
        })
    }
}

impl std::error::Error for NotAnAddress {}

impl FromStr for Address {
    type Err = NotAnAddress;

    /// Reads `URL` or `URL#COMMIT`. A remote of git is written as runners can ask for it, without a login: a token would be
    /// told to everybody who reads the manifest.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\'' | '\\' | '`' | '<' | '>');
        if text.is_empty() || !text.chars().all(is_plain) {
            return Err(NotAnAddress::Characters);
        }
        let (url, revision) =
            text.split_once('#').map_or((text, None), |(url, revision)| (url, Some(revision)));
        let is_name = |name: &str| {
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
            name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_part)
        };
        if revision.is_some_and(|revision| !is_name(revision)) {
            return Err(NotAnAddress::Revision);
        }
        Ok(Self { url: public(url).ok_or(NotAnAddress::Kind)?, revision: revision.map(ToOwned::to_owned) })
    }
}

impl Address {
    /// At this commit.
    #[must_use]
    pub fn at(self, commit: &str) -> Self {
        Self { revision: Some(commit.to_owned()), ..self }
    }
}

/// `git@host:owner/name` and `ssh://git@host/owner/name` are asked for by https, as a runner has no key.
fn public(url: &str) -> Option<String> {
    if let Some((scheme, rest)) = url.split_once("://") {
        let (host, path) = rest.split_once('/')?;
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        return match scheme {
            "https" | "http" | "ssh" if host.is_empty() => None,
            "https" | "http" => Some(format!("{scheme}://{host}/{path}")),
            "ssh" => Some(format!("https://{}/{path}", host.split(':').next().unwrap_or(host))),
            "file" => Some(format!("file://{host}/{path}")),
            _ => None,
        };
    }
    let (host, path) = url.split_once(':')?;
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let is_host = !host.is_empty() && !host.contains('/') && !path.starts_with(['/', ':']);
    is_host.then(|| format!("https://{host}/{path}"))
}

impl Source {
    /// With what a manifest says of it.
    pub(super) fn add_to(&self, values: Values) -> Values {
        match self {
            Self::Git(Address { url, revision }) => {
                let values = values.with("git", &escaped(url));
                match revision {
                    Some(revision) => values.with("rev", &escaped(revision)),
                    None => values,
                }
            }
            Self::Folder(folder) => values.with("path", &escaped(&folder.to_string_lossy())),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::template::render;
    use super::*;

    const PLACES: &str = "git = \"@git@\" #? git\nrev = \"@rev@\" #? rev\npath = \"@path@\" #? path\n";

    fn manifest(source: &Source) -> String {
        render(PLACES, &source.add_to(Values::default()))
    }

    fn written(text: &str) -> String {
        manifest(&Source::Git(text.parse().unwrap()))
    }

    #[test]
    fn remotes_are_written_as_runners_ask_for_them() {
        let expected = "git = \"https://github.com/ada/slipway.git\"\n";
        for remote in [
            "https://github.com/ada/slipway.git",
            "git@github.com:ada/slipway.git",
            "ssh://git@github.com/ada/slipway.git",
            "ssh://git@github.com:22/ada/slipway.git",
        ] {
            assert_eq!(written(remote), expected, "{remote}");
        }
        assert_eq!(written("file:///srv/slipway"), "git = \"file:///srv/slipway\"\n");
        assert_eq!(written("https://h/s#v1.2.3"), "git = \"https://h/s\"\nrev = \"v1.2.3\"\n");
    }

    #[test]
    fn a_login_is_not_written() {
        for remote in ["https://ada:geheim@h/s", "https://geheim@h/s", "http://x@geheim@h/s"] {
            assert!(!written(remote).contains("geheim"), "{remote}");
        }
    }

    #[test]
    fn what_is_no_address_is_told() {
        for (text, error) in [
            ("", NotAnAddress::Characters),
            ("https://h/a b", NotAnAddress::Characters),
            ("https://h/a\"\nx = 1", NotAnAddress::Characters),
            ("https://h/s#", NotAnAddress::Revision),
            ("https://h/s#--upload-pack", NotAnAddress::Revision),
            ("ftp://h/s", NotAnAddress::Kind),
            ("ext::sh", NotAnAddress::Kind),
            ("/srv/slipway", NotAnAddress::Kind),
            ("https:///s", NotAnAddress::Kind),
        ] {
            assert_eq!(text.parse::<Address>(), Err(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_address_is_one_value_of_toml(text in ".*") {
            if let Ok(address) = text.parse::<Address>() {
                let table: toml::Table = manifest(&Source::Git(address)).parse().unwrap();
                prop_assert!(table.keys().all(|key| key == "git" || key == "rev"));
            }
        }

        #[test]
        fn any_folder_is_one_value_of_toml(path in "[^@]*") {
            let table: toml::Table = manifest(&Source::Folder(path.clone().into())).parse().unwrap();
            prop_assert_eq!(table["path"].as_str(), Some(path.as_str()));
        }
    }
}
