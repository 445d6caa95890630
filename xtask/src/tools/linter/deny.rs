//! cargo-deny: licences, advisories, banned crates and sources of dependencies.
//! Its JSON comes on standard error, one object a line; a check that ran to its end ends with a summary.
//!
//! Its labels carry a line but no file, and the line is sometimes that of a file made up in memory. So a line is
//! taken only for rules that are known to point into a real file.

use serde::Deserialize;

use crate::kit::text::{shorten, terminal};
use crate::model::command::CommandLine;
use crate::model::finding::{Finding, Level, Location};
use crate::model::flaw::{Flaw, FlawKind};
use crate::model::step::Resource;
use crate::model::workspace::Workspace;
use crate::tools::linter::descriptor::{Linter, Options};
use crate::tools::reading::{ReadError, Reading, ordinal};
use crate::tools::rustsec::Advisory;

pub(super) const LINTER: Linter = Linter {
    id: "deny",
    title: "check licences, sources and advisories of dependencies",
    program: "cargo-deny",
    install: "cargo install cargo-deny --locked",
    optional: true,
    resource: Resource::Shared,
    // One bit for each of its four checks.
    found: 1..=15,
    explained_by: Level::Error,
    applies,
    command,
    read,
};

/// Where cargo-deny looks for its settings.
const SETTINGS: [&str; 3] = ["deny.toml", ".deny.toml", ".cargo/deny.toml"];

/// Rules whose first label is a line of the settings.
const IN_SETTINGS: [&str; 12] = [
    "advisory-not-detected",
    "banned",
    "custom",
    "license-exception-not-encountered",
    "license-not-encountered",
    "unknown-advisory",
    "unmatched-organization",
    "unmatched-skip",
    "unmatched-skip-root",
    "unmatched-source",
    "unnecessary-skip",
    "unused-wrapper",
];

/// Rules whose first label is a line of the manifest of the crate that is named.
const IN_MANIFEST: [&str; 1] = ["wildcard"];

fn settings(workspace: &Workspace) -> Option<&'static str> {
    SETTINGS.into_iter().find(|file| workspace.has_file(file))
}

fn applies(workspace: &Workspace) -> Result<(), String> {
    settings(workspace).map_or_else(|| Err("no deny.toml".to_owned()), |_| Ok(()))
}

fn command(_: &Workspace, options: &Options) -> Vec<CommandLine> {
    let line = CommandLine::new("cargo")
        .args(["deny", "--format", "json", "--color", "never", "--workspace"])
        .args(options.cargo.clone())
        .arg("check");
    vec![line.args(options.args.clone())]
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Line {
    Diagnostic {
        fields: Box<Diagnostic>,
    },
    Log {
        fields: Log,
    },
    Summary,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Log {
    level: String,
    message: String,
}

#[derive(Deserialize)]
struct Diagnostic {
    severity: String,
    message: String,
    code: Option<String>,
    #[serde(default)]
    labels: Vec<Label>,
    #[serde(default)]
    graphs: Vec<Graph>,
    #[serde(default)]
    notes: Vec<String>,
    advisory: Option<Advisory>,
}

#[derive(Deserialize)]
struct Label {
    line: Option<i64>,
    column: Option<i64>,
}

#[derive(Deserialize)]
struct Graph {
    #[serde(rename = "Krate")]
    krate: Krate,
}

#[derive(Deserialize)]
struct Krate {
    name: String,
    version: String,
}

fn read(reading: &Reading<'_>) -> Result<Vec<Finding>, ReadError> {
    let mut findings = Vec::new();
    let mut failure = None;
    let mut finished = false;
    for line in reading.output.stderr.lines().filter(|line| line.starts_with('{')) {
        match serde_json::from_str(line) {
            Ok(Line::Diagnostic { fields }) => findings.push(finding(reading, *fields)),
            Ok(Line::Summary) => finished = true,
            Ok(Line::Log { fields }) if fields.level == "ERROR" => {
                failure.get_or_insert(fields.message);
            }
            Ok(Line::Log { .. } | Line::Other) => {}
            Err(error) => {
                let reason = format!("cargo-deny printed a line that cannot be read: {error}");
                return Err(reading.error(reason).with_findings(findings));
            }
        }
    }
    if finished {
        return Ok(findings);
    }
    let reason = match failure {
        Some(message) => {
            let message = terminal(&message);
            format!("cargo-deny did not finish: {}", shorten(message.lines().next().unwrap_or_default(), 300))
        }
        None => "cargo-deny did not say that it has finished".to_owned(),
    };
    Err(reading.error(reason).with_findings(findings))
}

fn finding(reading: &Reading<'_>, diagnostic: Diagnostic) -> Finding {
    let level = match diagnostic.severity.as_str() {
        "note" | "help" => Level::Note,
        "warning" => Level::Warning,
        _ => Level::Error,
    };
    let location = location(reading, &diagnostic);
    let code = diagnostic.code.unwrap_or_else(|| "cargo-deny".to_owned());
    let krate = diagnostic.graphs.first().map(|graph| &graph.krate);
    // Half of the messages do not say which crate they are about.
    let message = match krate {
        Some(krate) if !diagnostic.message.contains(&krate.name) => {
            format!("{} {}: {}", krate.name, krate.version, diagnostic.message)
        }
        _ => diagnostic.message,
    };
    let rule = diagnostic.advisory.as_ref().map_or(code, |advisory| advisory.id.clone());
    let flaw = diagnostic.advisory.as_ref().map(|advisory| flaw(advisory, krate, &diagnostic.notes));
    let url = diagnostic.advisory.as_ref().map(Advisory::url);
    let rendered = (!diagnostic.notes.is_empty()).then(|| diagnostic.notes.join("\n"));
    Finding { location, rendered, url, flaw, ..reading.finding(rule, level, message) }
}

/// What a scanner would say of the same. Which versions are mended stands in a note alone.
fn flaw(advisory: &Advisory, krate: Option<&Krate>, notes: &[String]) -> Flaw {
    let upgrade = notes.iter().find_map(|note| note.strip_prefix("Solution: Upgrade to "));
    let fixed = upgrade.map(|versions| versions.split(" (").next().unwrap_or(versions).to_owned());
    Flaw {
        package: krate.map(|krate| krate.name.clone()),
        version: krate.map(|krate| krate.version.clone()),
        fixed,
        aliases: advisory.aliases.clone(),
        ..Flaw::new(FlawKind::Vulnerability, advisory.severity(), "Cargo.lock")
    }
}

/// The line in the settings or in a member's manifest; the member's manifest or `Cargo.lock` when only the crate is
/// known; nothing when not even that.
fn location(reading: &Reading<'_>, diagnostic: &Diagnostic) -> Option<Location> {
    let code = diagnostic.code.as_deref().unwrap_or_default();
    let label = diagnostic.labels.first();
    let at = |path: &str| {
        let (line, column) = label.map_or((None, None), |label| (label.line, label.column));
        Location::at(path, ordinal(line), ordinal(column))
    };
    if IN_SETTINGS.contains(&code) {
        return settings(reading.workspace).map(at);
    }
    let krate = &diagnostic.graphs.first()?.krate;
    let Some(member) = reading.workspace.packages.iter().find(|package| package.name == krate.name) else {
        return Some(Location::at("Cargo.lock", 1, 1));
    };
    let manifest = reading.workspace.relative(&member.folder.join("Cargo.toml"));
    Some(if IN_MANIFEST.contains(&code) { at(&manifest) } else { Location::at(manifest, 1, 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::reading::tests::{output, places, recorded, workspace, workspace_with};

    fn found(name: &str, code: i32) -> Result<Vec<Finding>, ReadError> {
        LINTER.findings(&workspace_with(&["deny.toml"]), &recorded(name, code))
    }

    #[test]
    fn each_check_finds_what_it_is_for() {
        let findings = found("deny/findings", 14).unwrap();
        let places = places(&findings);
        for expected in [
            "Cargo.lock:1:1 source-not-allowed",
            "deny.toml:7:19 banned",
            "deny.toml:8:19 unmatched-skip",
            "deny.toml:3:18 license-not-encountered",
            "crates/one/Cargo.toml:6:11 wildcard",
            "crates/one/Cargo.toml:1:1 unlicensed",
        ] {
            assert!(places.iter().any(|place| place == expected), "{expected} is missing in {places:#?}");
        }
        assert!(findings.iter().any(|finding| finding.message.starts_with("bitflags 1.3.2: detected")));
    }

    #[test]
    fn an_advisory_is_known_by_its_id() {
        let findings = found("deny/advisory", 1).unwrap();
        assert_eq!(places(&findings), ["Cargo.lock:1:1 RUSTSEC-2099-0001"]);
        assert_eq!(findings[0].message, "itoa 1.0.18: Numbers may come out backwards");
        assert!(findings[0].rendered.as_ref().unwrap().contains("Upgrade to >=99.0.0"));
        let flaw = findings[0].flaw.as_ref().unwrap();
        assert_eq!((flaw.subject().as_str(), flaw.fixed.as_deref()), ("itoa 1.0.18", Some(">=99.0.0")));
        assert_eq!(flaw.severity.word(), "high", "no score does not make it harmless");
    }

    #[test]
    fn a_database_that_cannot_be_fetched_is_named() {
        let error = found("deny/no-database", 1).unwrap_err();
        assert!(error.reason.contains("https://github.com/RustSec/advisory-db"), "{error}");
    }

    #[test]
    fn wrong_settings_are_a_finding_and_no_verdict() {
        let error = found("deny/bad-settings", 1).unwrap_err();
        assert!(error.reason.contains("failed to deserialize config"), "{error}");
        assert_eq!(places(&error.findings), ["deny.toml:2:9 custom"]);
    }

    #[test]
    fn success_needs_a_summary() {
        assert_eq!(found("deny/clean", 0), Ok(Vec::new()));
        assert!(LINTER.findings(&workspace(), &output(0, "", "")).is_err());
        assert!(LINTER.findings(&workspace(), &output(0, "", "{\"type\":\"summ")).is_err());
    }

    #[test]
    fn it_applies_where_it_has_settings() {
        assert_eq!(applies(&workspace_with(&["sub/deny.toml"])), Err("no deny.toml".to_owned()));
        assert_eq!(applies(&workspace_with(&[".cargo/deny.toml"])), Ok(()));
    }
}
