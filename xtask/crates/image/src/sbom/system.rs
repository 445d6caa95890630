//! The system that an image is made of. Source: os-release(5).

use super::Files;

/// Where systems say what they are, the first that is there.
const PLACES: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];

/// A system, such as Debian 12.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    /// Its short name: `debian`, `ubuntu`, `alpine`.
    pub id: String,
    /// Its version: `12`, `24.04`, `3.19.1`; empty for one that has none, such as Debian's unstable.
    pub version: String,
    /// Its name for people; the short one where it says no other.
    pub name: String,
}

impl System {
    /// The system that these files belong to; none when none is told, as in an image of a program alone.
    #[must_use]
    pub fn read(files: &dyn Files) -> Option<Self> {
        let text = PLACES.iter().find_map(|place| files.read(place))?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let value = |key: &str| {
            let of_key = |line: &str| line.strip_prefix(key)?.strip_prefix('=').map(unquoted);
            text.lines().map(str::trim).find_map(of_key)
        };
        let id = value("ID").filter(|id| !id.is_empty())?;
        let name = value("PRETTY_NAME").unwrap_or_else(|| id.clone());
        Some(Self { version: value("VERSION_ID").unwrap_or_default(), name, id })
    }

    /// As purls name it: `debian-12`.
    #[must_use]
    pub fn distro(&self) -> String {
        let separator = if self.version.is_empty() { "" } else { "-" };
        format!("{}{separator}{}", self.id, self.version)
    }
}

fn unquoted(value: &str) -> String {
    value.trim().trim_matches(['"', '\'']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::tests::Tree;

    #[test]
    fn says_what_it_is() {
        let debian = Tree::of(&[(
            "/usr/lib/os-release",
            "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID='12'\nID=debian\n",
        )]);
        let system = System::read(&debian).unwrap();
        assert_eq!(
            (system.distro().as_str(), system.name.as_str()),
            ("debian-12", "Debian GNU/Linux 12 (bookworm)")
        );
        let sid = System::read(&Tree::of(&[("/etc/os-release", "ID=debian")])).unwrap();
        assert_eq!((sid.distro().as_str(), sid.name.as_str()), ("debian", "debian"));
        assert_eq!(System::read(&Tree::of(&[("/etc/os-release", "VERSION_ID=3")])), None);
        assert_eq!(System::read(&Tree::default()), None);
    }
}
