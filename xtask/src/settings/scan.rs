//! `[scan]`: what is looked for in images and in what they are made of.

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

#[cfg(test)]
mod tests {
    use crate::settings::load::tests::try_load;

    /// A waiver with one line that is different, and what is said of it.
    fn refused(key: &str, line: &str) -> String {
        let whole = ["id = 'CVE-2099-0001'", "reason = 'r'", "owner = 'o'", "until = '2099-06-30'"];
        let lines: Vec<&str> =
            whole.into_iter().filter(|other| !other.starts_with(key)).chain([line]).collect();
        try_load(&format!("[[waivers]]\n{}\n", lines.join("\n")), &[], &[]).unwrap_err().to_string()
    }

    #[test]
    fn a_waiver_says_what_why_who_and_until_when() {
        for (key, line, said) in [
            ("id", "id = '*'", "this matches everything"),
            ("id", "", "has no `id`"),
            ("reason", "reason = ' '", "this says nothing"),
            ("reason", "", "has no `reason`"),
            ("owner", "owner = ''", "this says nothing"),
            ("until", "until = '2099-06-31'", "there is no such day"),
            ("until", "until = 'soon'", "a day is written as year, month and day"),
            ("until", "until = 2099-06-30T12:00:00Z", "expected a day as text"),
            ("until", "", "has no `until`"),
        ] {
            let failure = refused(key, line);
            assert!(failure.contains(said), "{line}: {failure}");
            assert!(failure.contains("slipway.toml:"), "it has a place: {failure}");
        }
    }
}
