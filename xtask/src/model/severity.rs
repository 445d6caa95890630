//! How bad a vulnerability is, in the words of CVSS and of the scanners.

use serde::{Deserialize, Serialize};

use super::level::Level;

/// How bad a vulnerability is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nobody has said yet.
    Unknown,
    /// CVSS 0.1 to 3.9.
    Low,
    /// CVSS 4.0 to 6.9.
    Medium,
    /// CVSS 7.0 to 8.9.
    High,
    /// CVSS 9.0 and more.
    Critical,
}

impl Severity {
    /// The word that people and files read.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The severity of a word in any case; none when it is no such word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Unknown, Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|severity| severity.word().eq_ignore_ascii_case(word))
    }

    /// The level of a finding of this severity.
    #[must_use]
    pub fn level(self) -> Level {
        match self {
            Self::Unknown | Self::Low => Level::Note,
            Self::Medium => Level::Warning,
            Self::High | Self::Critical => Level::Error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scanners_shout() {
        assert_eq!(Severity::of("CRITICAL"), Some(Severity::Critical));
        assert_eq!(Severity::of("bad"), None);
        assert!(Severity::High < Severity::Critical && Severity::Medium.level() < Severity::High.level());
    }
}
