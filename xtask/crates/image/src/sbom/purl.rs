//! Package URLs: one name for a package in all tools. Source: ECMA-427, and the purl-spec's "Rules for each purl component".

use std::collections::BTreeMap;
use std::fmt;

/// A package URL, such as `pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Purl {
    kind: &'static str,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<&'static str, String>,
}

impl Purl {
    /// A purl of a type and a name.
    #[must_use]
    pub fn new(kind: &'static str, name: impl Into<String>) -> Self {
        let (namespace, version, qualifiers) = (None, None, BTreeMap::new());
        Self { kind, namespace, name: name.into(), version, qualifiers }
    }

    /// The same in a namespace, such as `debian`.
    #[must_use]
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// The same with a version.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The same with a qualifier; an empty value is none.
    #[must_use]
    pub fn qualifier(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.qualifiers.insert(key, value.into());
        self
    }
}

impl fmt::Display for Purl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}/", self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{}/", Encoded(namespace))?;
        }
        write!(f, "{}", Encoded(&self.name))?;
        if let Some(version) = &self.version {
            write!(f, "@{}", Encoded(version))?;
        }
        let mut mark = '?';
        for (key, value) in self.qualifiers.iter().filter(|(_, value)| !value.is_empty()) {
            write!(f, "{mark}{key}={}", Encoded(value))?;
            mark = '&';
        }
        Ok(())
    }
}

/// Percent-encoded but for letters, digits, `-._~` and `:`.
struct Encoded<'a>(&'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                    write!(f, "{}", char::from(byte))?;
                }
                _ => write!(f, "%{byte:02X}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_as_the_specification_shows() {
        assert_eq!(Purl::new("cargo", "serde").version("1.0.0").to_string(), "pkg:cargo/serde@1.0.0");
        let deb = Purl::new("deb", "attr").namespace("debian").version("1:2.4.47-2+b1");
        let deb = deb.qualifier("distro", "debian-12").qualifier("arch", "amd64").qualifier("epoch", "");
        assert_eq!(deb.to_string(), "pkg:deb/debian/attr@1:2.4.47-2%2Bb1?arch=amd64&distro=debian-12");
        let oci = Purl::new("oci", "app").version("sha256:ab").qualifier("repository_url", "ghcr.io/o/app");
        assert_eq!(oci.to_string(), "pkg:oci/app@sha256:ab?repository_url=ghcr.io%2Fo%2Fapp");
    }

    proptest! {
        #[test]
        fn nothing_in_a_name_ends_it(name in any::<String>(), version in any::<String>()) {
            let purl = Purl::new("cargo", name).version(version).to_string();
            prop_assert_eq!(purl.matches(['@', '?', '#', ' ', '&']).count(), 1);
            prop_assert_eq!(purl.matches('/').count(), 1);
        }
    }
}
