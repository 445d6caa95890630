//! `[scan]` and `[[waivers]]`: what is looked for in images and their dependencies, and what is accepted.

use serde::{Deserialize, Serialize};

use super::time_span::TimeSpan;
use crate::model::gate::Mode;
use crate::model::severity::Severity;

/// What is looked for in images and in what they are made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own in the file")]
pub struct Scan {
    /// Whether findings fail the run; `mode` must say so too.
    pub mode: Mode,
    /// What looks for vulnerabilities.
    pub scanner: Scanner,
    /// The severity from which a vulnerability counts.
    pub severity: Severity,
    /// Leave out vulnerabilities that nobody has mended yet.
    pub ignore_unfixed: bool,
    /// Look for secrets in the build context and in the image.
    pub secrets: bool,
    /// Look for mistakes in Dockerfiles and other configuration.
    pub misconfiguration: bool,
    /// Fetch nothing: the databases that are there have to do.
    pub offline: bool,
    /// Where Trivy gets its vulnerability database from; empty for its own place.
    pub database: String,
    /// From when on a database counts as too old to tell anything.
    pub database_age: TimeSpan,
    /// A file of advisories for `cargo audit`, kept in the repository; empty for its own place.
    pub advisories: String,
    /// How long it may take.
    pub timeout: TimeSpan,
}

/// What looks for vulnerabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scanner {
    /// The first that is installed: `trivy`, `cargo-audit`, `cargo-deny`; otherwise it is skipped, and said so.
    Auto,
    /// `trivy`: the image and the lock file.
    Trivy,
    /// `cargo audit`: the lock file.
    CargoAudit,
    /// `cargo deny check advisories`: the lock file.
    CargoDeny,
    /// None.
    None,
}

/// Something that is known and accepted until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// What: an id such as `CVE-2099-0001`, or a glob such as `CVE-2099-*`.
    pub id: String,
    /// Where: a glob over packages and paths; everywhere when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day that it holds: `2099-12-31`.
    pub until: String,
}
