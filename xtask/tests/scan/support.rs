//! Folders with what scanners look at, and running one there as the pipeline does.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use xtask::model::command::{CommandLine, CommandOutput, End};
use xtask::model::finding::Finding;
use xtask::model::workspace::Workspace;
use xtask::tools::programs;
use xtask::tools::trivy::Options;

use crate::bolt::Bucket;

/// A lock file with two crates that the databases know.
pub(crate) const LOCK: &str = r#"version = 4

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["itoa", "serde"]

[[package]]
name = "itoa"
version = "1.0.18"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "8f42a60cbdf9a97f5d2305f08a87dc4e09308d1276d28c869c684d7777685682"

[[package]]
name = "serde"
version = "1.0.228"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "9a8e94ea7f378bd32cbbd37198a4a91436180c5bb472411e48b5ec2e2124ae9e"
"#;

pub(crate) fn is_there(program: &str) -> bool {
    programs::find_cargo_or_plain(&std::env::vars().collect(), program).is_some()
}

/// A folder with `Cargo.lock`.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "Cargo.lock", LOCK);
    folder
}

pub(crate) fn write(folder: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

pub(crate) fn workspace(folder: &Path) -> Workspace {
    Workspace {
        root: folder.to_owned(),
        target_directory: folder.join("target"),
        packages: Vec::new(),
        files: Vec::new(),
    }
}

/// A vulnerability database below `cache`, made on this day.
pub(crate) fn database(folder: &Path, made: &str) {
    let bug = |title: &str, severity: &str| json!({ "Title": title, "Severity": severity });
    let root = Bucket::default()
        .holding(
            "data-source",
            Bucket::default()
                .with(
                    "debian 12",
                    &json!({ "ID": "debian", "Name": "Debian", "URL": "https://debian.example" }),
                )
                .with(
                    "cargo::Test Advisories",
                    &json!({ "ID": "test", "Name": "Test", "URL": "https://a.example" }),
                ),
        )
        .holding(
            "debian 12",
            Bucket::default()
                .holding(
                    "glibc",
                    Bucket::default().with("CVE-2099-0006", &json!({ "FixedVersion": "9.9-1" })),
                )
                .holding("openssl", Bucket::default().with("CVE-2099-0003", &json!({}))),
        )
        .holding(
            "cargo::Test Advisories",
            Bucket::default().holding(
                "itoa",
                Bucket::default().with(
                    "CVE-2099-0004",
                    &json!({ "PatchedVersions": ["99.0.0"], "VulnerableVersions": ["<99.0.0"] }),
                ),
            ),
        )
        .holding(
            "vulnerability",
            Bucket::default()
                .with("CVE-2099-0003", &bug("Slow numbers", "LOW"))
                .with("CVE-2099-0004", &bug("Numbers may come out backwards", "HIGH"))
                .with("CVE-2099-0006", &bug("The loader loads", "CRITICAL")),
        );
    write(folder, "cache/db/trivy.db", root.file());
    let metadata = json!({
        "Version": 2,
        "NextUpdate": "2099-01-01T00:00:00Z",
        "UpdatedAt": format!("{made}T00:00:00Z"),
        "DownloadedAt": format!("{made}T00:00:00Z"),
    });
    write(folder, "cache/db/metadata.json", metadata.to_string());
}

pub(crate) fn options() -> Options {
    Options { offline: true, database: None, timeout: 120 }
}

/// Runs a command in a folder, with the database there.
pub(crate) fn run(folder: &Path, line: &CommandLine) -> CommandOutput {
    let output = Command::new(line.program())
        .args(line.arguments())
        .envs(line.variables())
        .env("TRIVY_CACHE_DIR", folder.join("cache"))
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    CommandOutput {
        end: End::Exited(output.status.code().unwrap()),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
        duration: Duration::ZERO,
    }
}

/// `ID SEVERITY SUBJECT PLACE`, sorted.
pub(crate) fn shown(findings: &[Finding]) -> Vec<String> {
    let shown = |finding: &Finding| {
        let flaw = finding.flaw.as_ref().unwrap();
        format!("{} {} {} {}", finding.rule, flaw.severity.word(), flaw.subject(), finding.place())
    };
    let mut lines: Vec<String> = findings.iter().map(shown).collect();
    lines.sort();
    lines
}
