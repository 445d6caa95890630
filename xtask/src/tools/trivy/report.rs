//! Trivy's report. Source: <https://github.com/aquasecurity/trivy/blob/main/pkg/types/report.go>, schema version 2.

use serde::Deserialize;

use crate::kit::text::shorten;
use crate::model::finding::{Finding, Location};
use crate::model::flaw::{Flaw, FlawKind};
use crate::model::severity::Severity;
use crate::model::workspace::Workspace;
use crate::tools::reading::{ReadError, ordinal, place};
use crate::tools::scanner::{STEP, Seen};

/// What was looked at.
#[derive(Clone, Copy, Debug)]
pub struct Looked<'a> {
    /// As reports name it: `image app`, `Cargo.lock`.
    pub target: &'a str,
    /// The folder or file of the workspace that paths in the report are below, relative to its root; none for an image, whose
    /// files are not the workspace's.
    pub below: Option<&'a str>,
    /// The workspace.
    pub workspace: &'a Workspace,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    schema_version: u32,
    #[serde(default)]
    results: Option<Vec<ResultOf>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ResultOf {
    target: String,
    #[serde(default, rename = "Type")]
    kind: String,
    #[serde(default)]
    packages: Vec<Package>,
    #[serde(default)]
    vulnerabilities: Vec<Vulnerability>,
    #[serde(default)]
    secrets: Vec<Secret>,
    #[serde(default)]
    misconfigurations: Vec<Misconfiguration>,
}

#[derive(Deserialize)]
struct Package {
    #[serde(default, rename = "ID")]
    id: String,
    #[serde(default, rename = "Locations")]
    locations: Vec<Lines>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Lines {
    start_line: Option<i64>,
    end_line: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vulnerability {
    #[serde(rename = "VulnerabilityID")]
    id: String,
    #[serde(default, rename = "VendorIDs")]
    aliases: Vec<String>,
    #[serde(default, rename = "PkgID")]
    package_id: String,
    #[serde(rename = "PkgName")]
    package: String,
    installed_version: Option<String>,
    fixed_version: Option<String>,
    severity: Option<String>,
    title: Option<String>,
    description: Option<String>,
    #[serde(rename = "PrimaryURL")]
    url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Secret {
    #[serde(rename = "RuleID")]
    rule: String,
    severity: Option<String>,
    title: Option<String>,
    #[serde(flatten)]
    lines: Lines,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Misconfiguration {
    #[serde(rename = "ID")]
    id: String,
    #[serde(default, rename = "AVDID")]
    alias: Option<String>,
    title: Option<String>,
    message: Option<String>,
    resolution: Option<String>,
    severity: Option<String>,
    status: Option<String>,
    #[serde(rename = "PrimaryURL")]
    url: Option<String>,
    #[serde(default)]
    cause_metadata: Lines,
}

/// Reads a report.
///
/// # Errors
/// When it is empty, cut off, no JSON, or of another schema.
pub fn read(text: &str, looked: Looked<'_>) -> Result<Seen, ReadError> {
    if text.trim().is_empty() {
        return Err(ReadError::new("trivy wrote no report"));
    }
    let report: Report = serde_json::from_str(text)
        .map_err(|error| ReadError::new(format!("trivy's report cannot be read: {error}")))?;
    if report.schema_version != 2 {
        let version = report.schema_version;
        return Err(ReadError::new(format!(
            "trivy's report is of schema {version}; 2 is what is known here"
        )));
    }
    let mut seen = Seen::default();
    for result in report.results.into_iter().flatten() {
        seen.packages += result.packages.len() as u64;
        if !result.packages.is_empty() {
            seen.kinds.insert(result.kind.clone());
        }
        seen.findings
            .extend(result.vulnerabilities.iter().map(|found| vulnerability(found, &result, looked)));
        seen.findings.extend(result.secrets.iter().map(|found| secret(found, &result, looked)));
        // The checks that passed are listed too when a setting asks for them.
        let failed =
            |found: &&Misconfiguration| found.status.as_deref().is_none_or(|status| status == "FAIL");
        let failed = result.misconfigurations.iter().filter(failed);
        seen.findings.extend(failed.map(|found| misconfiguration(found, &result, looked)));
    }
    Ok(seen)
}

/// What the scanner has no word for, or another one, is not taken for harmless words.
fn severity(word: Option<&str>) -> Severity {
    word.and_then(Severity::of).unwrap_or(Severity::Unknown)
}

/// The place in a file of the workspace.
fn location(lines: &Lines, result: &ResultOf, looked: Looked<'_>) -> Option<Location> {
    let below = looked.below?;
    // Of a single file the report gives the name alone.
    let is_file = below.rsplit('/').next() == Some(result.target.as_str());
    let path = if is_file { below.to_owned() } else { format!("{below}/{}", result.target) };
    let path = place(looked.workspace, path.trim_start_matches("./"));
    Some(Location::at(path, ordinal(lines.start_line), 1).until(ordinal(lines.end_line), 1))
}

fn vulnerability(found: &Vulnerability, result: &ResultOf, looked: Looked<'_>) -> Finding {
    let severity = severity(found.severity.as_deref());
    let fixed = found.fixed_version.clone().filter(|version| !version.is_empty());
    let subject = match &found.installed_version {
        Some(version) => format!("{} {version}", found.package),
        None => found.package.clone(),
    };
    let what = found.title.clone().or_else(|| found.description.clone()).unwrap_or_default();
    let mended = match &fixed {
        Some(version) => format!("mended in {version}"),
        None => "no version is mended yet".to_owned(),
    };
    let message = format!("{subject}: {} ({mended})", shorten(what.trim(), 200));
    let lines = result.packages.iter().find(|package| package.id == found.package_id);
    let lines = lines.and_then(|package| package.locations.first());
    let flaw = Flaw {
        package: Some(found.package.clone()),
        version: found.installed_version.clone(),
        fixed,
        aliases: found.aliases.clone(),
        ..Flaw::new(FlawKind::Vulnerability, severity, looked.target)
    };
    Finding {
        location: location(lines.unwrap_or(&Lines::default()), result, looked),
        url: found.url.clone(),
        rendered: found.description.clone(),
        flaw: Some(flaw),
        ..Finding::new(STEP, &found.id, severity.level(), message)
    }
}

/// The secret itself is not repeated, not even masked as Trivy does it.
fn secret(found: &Secret, result: &ResultOf, looked: Looked<'_>) -> Finding {
    let severity = severity(found.severity.as_deref());
    let what = found.title.as_deref().unwrap_or(&found.rule);
    let line = ordinal(found.lines.start_line);
    let message = format!("{what} lies open in {}, line {line}", result.target);
    Finding {
        location: location(&found.lines, result, looked),
        flaw: Some(Flaw::new(FlawKind::Secret, severity, looked.target)),
        ..Finding::new(STEP, &found.rule, severity.level(), message)
    }
}

fn misconfiguration(found: &Misconfiguration, result: &ResultOf, looked: Looked<'_>) -> Finding {
    let severity = severity(found.severity.as_deref());
    let what = found.message.as_deref().or(found.title.as_deref()).unwrap_or(&found.id);
    let flaw = Flaw {
        aliases: found.alias.iter().cloned().collect(),
        ..Flaw::new(FlawKind::Misconfiguration, severity, looked.target)
    };
    Finding {
        location: location(&found.cause_metadata, result, looked),
        url: found.url.clone(),
        rendered: found.resolution.clone(),
        flaw: Some(flaw),
        ..Finding::new(STEP, &found.id, severity.level(), format!("{}: {what}", result.target))
    }
}
