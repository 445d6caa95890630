//! What a scanner knows of a finding: what kind of flaw it is, in what, how bad, and whether a later version is without it.

use serde::{Deserialize, Serialize};

use super::severity::Severity;

/// What kind of flaw it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FlawKind {
    /// A package with a known weakness, or one that nobody looks after.
    Vulnerability,
    /// A key or password that lies open.
    Secret,
    /// A mistake in a Dockerfile or other configuration.
    Misconfiguration,
    /// A waiver that has ended.
    Waiver,
}

/// A flaw that a scanner found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Flaw {
    /// What kind it is.
    pub kind: FlawKind,
    /// How bad it is.
    pub severity: Severity,
    /// The package that has it; none of secrets and mistakes.
    pub package: Option<String>,
    /// The version of the package that is there.
    pub version: Option<String>,
    /// The versions that are without it, as the scanner words them; none when there are none yet.
    pub fixed: Option<String>,
    /// Other ids of the same.
    pub aliases: Vec<String>,
    /// What it was found in: `image app`, `Cargo.lock`.
    pub targets: Vec<String>,
    /// Why it is accepted, by whom and until when; none when it is not.
    pub waived: Option<String>,
}

impl Flaw {
    /// A flaw of which nothing else is known.
    #[must_use]
    pub fn new(kind: FlawKind, severity: Severity, target: &str) -> Self {
        Self {
            kind,
            severity,
            package: None,
            version: None,
            fixed: None,
            aliases: Vec::new(),
            targets: vec![target.to_owned()],
            waived: None,
        }
    }

    /// `itoa 1.0.18`, or the empty text.
    #[must_use]
    pub fn subject(&self) -> String {
        let parts = [self.package.as_deref(), self.version.as_deref()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
