use std::path::Path;
use std::time::Duration;

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::model::flaw::FlawKind;
use crate::model::severity::Severity;
use crate::tools::reading::ReadError;
use crate::tools::reading::tests::{output, workspace};
use crate::tools::scanner::Seen;

/// What the real Trivy 0.76.0 wrote, over a database with invented ids.
fn recorded(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/scanners/trivy");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn seen(text: &str, below: Option<&str>) -> Result<Seen, ReadError> {
    read(text, Looked { target: "image app", below, workspace: &workspace() })
}

/// `ID SEVERITY SUBJECT FIXED PLACE`.
fn shown(seen: &Seen) -> Vec<String> {
    let shown = |finding: &crate::model::finding::Finding| {
        let flaw = finding.flaw.as_ref().unwrap();
        let fixed = flaw.fixed.as_deref().unwrap_or("-");
        format!("{} {} {} {fixed} {}", finding.rule, flaw.severity.word(), flaw.subject(), finding.place())
    };
    seen.findings.iter().map(shown).collect()
}

#[test]
fn an_image_is_seen_with_its_packages() {
    let seen = seen(&recorded("image.json"), None).unwrap();
    assert_eq!(
        (seen.packages, seen.kinds.iter().map(String::as_str).collect::<Vec<_>>()),
        (3, vec!["debian"])
    );
    assert_eq!(
        shown(&seen),
        [
            "CVE-2099-0001 high bash 5.2.15-2+b7 9.9-1 -",
            "CVE-2099-0006 unknown libc6 2.36-9+deb12u9 9.9-1 -",
            "CVE-2099-0002 critical libssl3 3.0.15-1~deb12u1 9.9-1 -",
            "CVE-2099-0003 low libssl3 3.0.15-1~deb12u1 - -",
            "aws-access-key-id critical  - -",
        ]
    );
    let first = &seen.findings[0];
    assert_eq!(first.message, "bash 5.2.15-2+b7: Shell says too much (mended in 9.9-1)");
    assert_eq!(first.url.as_deref(), Some("https://avd.aquasec.com/nvd/cve-2099-0001"));
    assert!(seen.findings[3].message.ends_with("(no version is mended yet)"));
    let secret = &seen.findings[4];
    assert_eq!(secret.message, "AWS Access Key ID lies open in /app/conf, line 1");
    assert!(!format!("{secret:?}").contains("aws_access_key_id"), "the line is not repeated");
}

#[test]
fn a_lock_file_has_places() {
    let seen = seen(&recorded("lock.json"), Some("Cargo.lock")).unwrap();
    assert_eq!((seen.packages, seen.kinds.contains("cargo")), (3, true));
    assert_eq!(
        shown(&seen),
        [
            "CVE-2099-0004 high itoa 1.0.18 99.0.0 Cargo.lock:11:1",
            "CVE-2099-0005 medium serde 1.0.228 - Cargo.lock:17:1",
        ]
    );
}

#[test]
fn a_bill_of_materials_is_seen() {
    let seen = seen(&recorded("sbom.json"), None).unwrap();
    assert_eq!(seen.packages, 2);
    assert_eq!(shown(&seen), ["CVE-2099-0004 high itoa 1.0.18 99.0.0 -"]);
}

#[test]
fn secrets_and_mistakes_have_places() {
    let seen = seen(&recorded("context.json"), Some("deploy")).unwrap();
    let kinds: Vec<FlawKind> =
        seen.findings.iter().map(|finding| finding.flaw.as_ref().unwrap().kind).collect();
    assert!(kinds.contains(&FlawKind::Secret) && kinds.contains(&FlawKind::Misconfiguration));
    let shown = shown(&seen);
    for expected in [
        "DS-0002 high  - deploy/Dockerfile:1:1",
        "DS-0005 low  - deploy/Dockerfile:3:1",
        "github-pat critical  - deploy/settings.txt:1:1",
    ] {
        assert!(shown.iter().any(|line| line == expected), "{expected} is missing in {shown:#?}");
    }
    assert_eq!(seen.packages, 0);
}

#[test]
fn a_program_alone_has_nothing_to_see() {
    let seen = seen(&recorded("nothing.json"), None).unwrap();
    assert_eq!((seen.packages, seen.findings.len()), (0, 0));
}

#[test]
fn what_is_no_report_is_refused() {
    let whole = recorded("image.json");
    for (text, reason) in [
        ("", "trivy wrote no report"),
        ("\n", "trivy wrote no report"),
        (&whole[..whole.len() / 2], "trivy's report cannot be read: EOF"),
        ("{}", "trivy's report cannot be read: missing field `SchemaVersion`"),
        ("FATAL", "trivy's report cannot be read: expected value"),
        (r#"{"SchemaVersion": 3}"#, "trivy's report is of schema 3"),
    ] {
        let error = seen(text, None).unwrap_err();
        assert!(error.reason.starts_with(reason), "{error}");
    }
}

#[test]
fn a_severity_without_a_word_is_unknown() {
    let text = r#"{"SchemaVersion":2,"Results":[{"Target":"t","Vulnerabilities":[{"VulnerabilityID":"CVE-2099-1","PkgName":"p","Severity":"TERRIBLE"}]}]}"#;
    let seen = seen(text, None).unwrap();
    assert_eq!(seen.findings[0].flaw.as_ref().unwrap().severity, Severity::Unknown);
}

#[test]
fn a_missing_database_has_a_remedy() {
    let (reason, remedy) = trouble(&output(1, "", &recorded("no-database.stderr")));
    assert!(reason.ends_with("--skip-db-update cannot be specified on the first run"), "{reason}");
    assert!(remedy.unwrap().contains("--download-db-only"));
    let (reason, remedy) = trouble(&output(1, "", &recorded("no-network.stderr")));
    assert!(reason.contains("failed to download"), "{reason}");
    assert!(remedy.unwrap().contains("scan.database"));
    assert_eq!(trouble(&output(7, "", "")), ("exit code 7".to_owned(), None));
    assert_eq!(trouble(&output(7, "", "no such flag")), ("no such flag".to_owned(), None));
}

#[test]
fn the_database_has_an_age() {
    let version = read_version(&recorded("version.json")).unwrap();
    assert_eq!(version.program, "0.76.0");
    let now = DateTime::parse_from_rfc3339("2026-11-21T06:00:00Z").unwrap().to_utc();
    assert_eq!(age(version.database.unwrap(), now), Duration::from_hours(24));
    assert_eq!(age(now, version.database.unwrap()), Duration::ZERO);
    assert_eq!(read_version(r#"{"Version":"0.76.0"}"#).unwrap().database, None);
    assert_eq!(read_version("Version: 0.76.0"), None);
}

#[test]
fn nothing_keeps_findings_back() {
    let options =
        Options { offline: true, database: Some("127.0.0.1:5000/trivy-db:2".to_owned()), timeout: 60 };
    let line = image(&options, &Source::Path("reports/a b".to_owned()), true, "o.json").to_string();
    for part in [
        "--severity=UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
        "--exit-code=0",
        "--ignorefile=/dev/null",
        "--config=/dev/null",
        "--skip-db-update --offline-scan",
        "--db-repository=127.0.0.1:5000/trivy-db:2",
        "--scanners=vuln,secret",
        "--input 'reports/a b'",
    ] {
        assert!(line.contains(part), "{part} is missing in {line}");
    }
    let online = Options { offline: false, ..options };
    assert!(!sbom(&online, "a.cdx.json", "o.json").to_string().contains("--skip-db-update"));
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), cut in 0_usize..4000, word in "[A-Z]{0,8}") {
        let _ = seen(&text, Some(&text));
        let _ = read_version(&text);
        let _ = trouble(&output(1, "", &text));
        let whole = recorded("lock.json").replace("HIGH", &word);
        let _ = seen(whole.get(..cut).unwrap_or(&whole), None);
    }
}
