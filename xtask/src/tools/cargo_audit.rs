//! cargo-audit: the crates of a lock file against RustSec's advisories, where there is no Trivy.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reading::ReadError;
use super::rustsec::Advisory;
use super::scanner::{STEP, Seen};
use crate::kit::text::plural;
use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Location};
use crate::model::flaw::{Flaw, FlawKind};

/// The program; cargo starts it as `cargo audit`.
pub const PROGRAM: &str = "cargo-audit";

/// What is run over a lock file. `advisories` is a database that is there: a folder with `crates/NAME/ID.md`. `offline` fetches
/// nothing; then the database may be of any age, and how old it is stands in the report.
#[must_use]
pub fn command(lock: &str, advisories: Option<&str>, offline: bool) -> CommandLine {
    let line = CommandLine::new("cargo").args(["audit", "--json", "--color=never", "--file", lock]);
    let line = match advisories {
        Some(folder) => line.args(["--db", folder]),
        None => line,
    };
    if offline || advisories.is_some() { line.args(["--no-fetch", "--stale"]) } else { line }
}

#[derive(Deserialize)]
struct Report {
    database: Database,
    lockfile: LockFile,
    #[serde(default)]
    settings: Settings,
    vulnerabilities: Vulnerabilities,
    #[serde(default)]
    warnings: BTreeMap<String, Vec<Found>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Database {
    advisory_count: u64,
    last_updated: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct LockFile {
    dependency_count: u64,
}

#[derive(Default, Deserialize)]
struct Settings {
    #[serde(default)]
    ignore: Vec<String>,
}

#[derive(Deserialize)]
struct Vulnerabilities {
    list: Vec<Found>,
}

#[derive(Deserialize)]
struct Found {
    /// None for what is only yanked.
    advisory: Option<Advisory>,
    #[serde(default)]
    versions: Option<Versions>,
    package: Package,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// Reads what it prints. How it ended says nothing: it ends with 1 when it found something, and when it broke.
///
/// # Errors
/// When it printed no report, a broken one, or looked the crates up in a database without advisories.
pub fn read(text: &str, lock: &str) -> Result<Seen, ReadError> {
    if text.trim().is_empty() {
        return Err(ReadError::new("cargo-audit printed no report"));
    }
    let report: Report = serde_json::from_str(text)
        .map_err(|error| ReadError::new(format!("cargo-audit's report cannot be read: {error}")))?;
    if report.database.advisory_count == 0 {
        return Err(ReadError::new("cargo-audit's database holds no advisory"));
    }
    let ignored = report.settings.ignore;
    let note = (!ignored.is_empty()).then(|| {
        format!(
            "cargo-audit leaves {} out by its own settings: {}",
            plural(ignored.len(), "id"),
            ignored.join(", ")
        )
    });
    let warnings = report
        .warnings
        .iter()
        .flat_map(|(kind, found)| found.iter().map(move |found| (kind.as_str(), found)));
    let vulnerabilities = report.vulnerabilities.list.iter().map(|found| ("vulnerability", found));
    Ok(Seen {
        findings: vulnerabilities.chain(warnings).map(|(kind, found)| finding(kind, found, lock)).collect(),
        packages: report.lockfile.dependency_count,
        kinds: ["cargo".to_owned()].into(),
        notes: note.into_iter().collect(),
        database: report.database.last_updated,
    })
}

fn finding(kind: &str, found: &Found, lock: &str) -> Finding {
    use crate::model::severity::Severity;

    let Package { name, version } = &found.package;
    let severity = found.advisory.as_ref().map_or(Severity::Low, Advisory::severity);
    let patched = found.versions.as_ref().map(|versions| versions.patched.join(" or "));
    let flaw = Flaw {
        package: Some(name.clone()),
        version: Some(version.clone()),
        fixed: patched.filter(|versions| !versions.is_empty()),
        aliases: found.advisory.iter().flat_map(|advisory| advisory.aliases.clone()).collect(),
        ..Flaw::new(FlawKind::Vulnerability, severity, lock)
    };
    let message = match &found.advisory {
        Some(advisory) => format!("{name} {version}: {}", advisory.title),
        None => format!("{name} {version}: {kind}"),
    };
    let rule = found.advisory.as_ref().map_or(kind, |advisory| advisory.id.as_str());
    Finding {
        url: found.advisory.as_ref().map(Advisory::url),
        rendered: found.advisory.as_ref().map(|advisory| advisory.description.clone()),
        flaw: Some(flaw),
        ..Finding::new(STEP, rule, severity.level(), message)
    }
    .at(Location::at(lock, 1, 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FINDINGS: &str = include_str!("../../tests/fixtures/scanners/cargo-audit/findings.json");
    const CLEAN: &str = include_str!("../../tests/fixtures/scanners/cargo-audit/clean.json");

    #[test]
    fn advisories_are_findings_with_severity_and_remedy() {
        let seen = read(FINDINGS, "Cargo.lock").unwrap();
        let shown = |finding: &Finding| {
            let flaw = finding.flaw.as_ref().unwrap();
            let fixed = flaw.fixed.as_deref().unwrap_or("-");
            format!("{} {} {} {fixed}", finding.rule, flaw.severity.word(), flaw.subject())
        };
        assert_eq!(
            seen.findings.iter().map(shown).collect::<Vec<_>>(),
            ["RUSTSEC-2099-0001 critical itoa 1.0.18 >=99.0.0", "RUSTSEC-2099-0002 high serde 1.0.228 -"]
        );
        assert_eq!(seen.findings[0].flaw.as_ref().unwrap().aliases, ["CVE-2099-0004"]);
        assert_eq!((seen.packages, seen.findings[0].place().as_str()), (3, "Cargo.lock:1:1"));
    }

    #[test]
    fn crates_that_nobody_looks_after_are_no_vulnerability() {
        let warned = CLEAN.replace(
            r#""warnings":{}"#,
            r#""warnings":{"unmaintained":[{"kind":"unmaintained","package":{"name":"a","version":"1.0.0"},"advisory":{"id":"RUSTSEC-2099-0003","title":"alone","informational":"unmaintained"}}],"yanked":[{"kind":"yanked","package":{"name":"b","version":"2.0.0"},"advisory":null,"versions":null}]}"#,
        );
        let seen = read(&warned, "Cargo.lock").unwrap();
        let shown: Vec<&str> = seen.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(shown, ["a 1.0.0: alone", "b 2.0.0: yanked"]);
        assert!(seen.findings.iter().all(|finding| finding.level == crate::model::finding::Level::Note));
    }

    #[test]
    fn a_clean_lock_file_has_no_findings_and_its_own_settings_are_told() {
        let seen = read(CLEAN, "Cargo.lock").unwrap();
        assert_eq!((seen.findings.len(), seen.packages, seen.notes.len()), (0, 1, 0));
        let ignoring = CLEAN.replace(r#""ignore":[]"#, r#""ignore":["RUSTSEC-2099-0001"]"#);
        assert_eq!(
            read(&ignoring, "Cargo.lock").unwrap().notes,
            ["cargo-audit leaves 1 id out by its own settings: RUSTSEC-2099-0001"]
        );
    }

    #[test]
    fn what_is_no_report_is_refused() {
        let empty = CLEAN.replace(r#""advisory-count":3"#, r#""advisory-count":0"#);
        for (text, reason) in [
            ("", "cargo-audit printed no report"),
            (&FINDINGS[..200], "cargo-audit's report cannot be read: EOF"),
            ("{}", "cargo-audit's report cannot be read: missing field"),
            (&empty, "cargo-audit's database holds no advisory"),
        ] {
            assert!(read(text, "Cargo.lock").unwrap_err().reason.starts_with(reason));
        }
    }

    #[test]
    fn a_database_of_ones_own_is_never_fetched() {
        assert_eq!(
            command("Cargo.lock", None, false).to_string(),
            "cargo audit --json --color=never --file Cargo.lock"
        );
        assert!(
            command("Cargo.lock", Some("advisories"), false)
                .to_string()
                .ends_with("--db advisories --no-fetch --stale")
        );
        assert!(command("Cargo.lock", None, true).to_string().ends_with("--no-fetch --stale"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), cut in 0_usize..1700) {
            let _ = read(&text, "Cargo.lock");
            let _ = read(FINDINGS.get(..cut).unwrap_or_default(), "Cargo.lock");
        }
    }
}
