//! What the tools that read RustSec's advisories have in common: how bad an advisory is.

use serde::Deserialize;

use crate::model::cvss;
use crate::model::severity::Severity;

/// An advisory, as `cargo audit` and `cargo deny` print it. Source: <https://github.com/rustsec/advisory-db#advisory-format>.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Advisory {
    /// Its id: `RUSTSEC-2099-0001`.
    pub id: String,
    /// What is wrong, in a few words.
    #[serde(default)]
    pub title: String,
    /// The same at length.
    #[serde(default)]
    pub description: String,
    /// Other ids of the same: `CVE-2099-0001`.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its CVSS vector; most have none.
    #[serde(default)]
    pub cvss: Option<String>,
    /// Set when it is no vulnerability: `unmaintained`, `unsound`, `notice`.
    #[serde(default)]
    pub informational: Option<String>,
}

impl Advisory {
    /// How bad it is. A vulnerability without a vector counts as high: that nobody has computed a score does not make it harmless,
    /// and RustSec's own tools fail on each.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self.informational.as_deref() {
            None => self.cvss.as_deref().and_then(cvss::severity).unwrap_or(Severity::High),
            Some("unsound") => Severity::Medium,
            Some(_) => Severity::Low,
        }
    }

    /// The page about it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://rustsec.org/advisories/{}.html", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advisory_without_a_score_is_not_harmless() {
        let severity = |more: &str| {
            let advisory: Advisory =
                serde_json::from_str(&format!(r#"{{"id": "RUSTSEC-2099-0001"{more}}}"#)).unwrap();
            advisory.severity()
        };
        assert_eq!(severity(""), Severity::High);
        assert_eq!(severity(r#", "cvss": "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N""#), Severity::Low);
        assert_eq!(severity(r#", "cvss": "CVSS:4.0/AV:N""#), Severity::High);
        assert_eq!(severity(r#", "informational": "unsound""#), Severity::Medium);
        assert_eq!(severity(r#", "informational": "unmaintained""#), Severity::Low);
    }
}
