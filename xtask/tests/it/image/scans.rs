//! Scans by stand-ins, which print what the real scanners were recorded to.

use std::path::Path;

use chrono::{Duration, Utc};
use serde_json::Value;

use super::fixture::{self, APP, image, recorded, set, stand_in, step};
use crate::support::Workspace;

/// Without bills of materials, which take their time.
const SCAN: [&str; 4] = ["image", "scan", "--skip", "image.sbom"];

/// With them.
const ALL_OF_IT: [&str; 2] = ["image", "scan"];

/// A workspace with these settings.
fn shop(settings: &str) -> Workspace {
    fixture::shop(settings).file("src/main.rs", "fn main() {}\n")
}

/// Of each look the fixture that it gives; a look that is not named finds nothing.
#[derive(Default)]
struct Trivy<'a> {
    looks: &'a [(&'a str, &'a str)],
    /// In days; none when there is no database.
    age: Option<i64>,
}

/// Puts a Trivy into the workspace.
fn trivy(workspace: &Workspace, Trivy { looks, age }: &Trivy<'_>) {
    let made = |days: i64| (Utc::now() - Duration::days(days)).to_rfc3339();
    let database =
        age.map(|days| format!(r#","VulnerabilityDB":{{"Version":2,"UpdatedAt":"{}"}}"#, made(days)));
    let version = format!(r#"{{"Version":"0.76.0"{}}}"#, database.unwrap_or_default());
    let case = |(look, fixture): &(&str, &str)| {
        format!("{look}) cat {} > \"$out\";;\n", recorded(fixture).display())
    };
    let cases = looks.iter().map(case).collect::<Vec<_>>().concat();
    let script = format!(
        "for word in \"$@\"; do case $word in --output=*) out=${{word#--output=}};; esac; last=$word; done\n\
         echo \"$@\" >> asked\n\
         case $1-$last in\nversion-*) echo '{version}';;\n{cases}*) cat {} > \"$out\";;\nesac",
        recorded("trivy/nothing.json").display()
    );
    stand_in(workspace, "trivy", &script);
}

const ALL: Trivy<'_> = Trivy {
    looks: &[
        ("image-*", "trivy/image.json"),
        ("sbom-*", "trivy/sbom.json"),
        ("fs-Cargo.lock", "trivy/lock.json"),
        ("fs-.", "trivy/context.json"),
    ],
    age: Some(1),
};

/// What was found: rule, severity, and why it is accepted.
fn findings(workspace: &Workspace) -> Vec<String> {
    let record = workspace.record();
    let line = |finding: &Value| {
        let flaw = &finding["flaw"];
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        format!("{} {} {}", text(&finding["rule"]), text(&flaw["severity"]), text(&flaw["waived"]))
    };
    record["findings"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn findings_from_the_severity_on_fail_the_run_and_all_are_told() {
    let workspace = shop(APP);
    trivy(&workspace, &ALL);
    workspace.run(&ALL_OF_IT).exits(1).says("CVE-2099-0002");
    assert_eq!(step(&workspace, "image.scan").0, "failed");
    let found = findings(&workspace);
    for (id, severity) in [
        ("CVE-2099-0001", "high"),
        ("CVE-2099-0002", "critical"),
        ("CVE-2099-0003", "low"),
        ("CVE-2099-0004", "high"),
        ("DS-0002", "high"),
        ("aws-access-key-id", "critical"),
    ] {
        assert!(found.iter().any(|line| line.starts_with(&format!("{id} {severity}"))), "{id}: {found:#?}");
    }
    let scan = &image(&workspace)["scan"];
    assert_eq!(scan["scanner"], "trivy 0.76.0");
    assert!(scan["packages"].as_u64().unwrap() > 0 && scan["database"].is_string(), "{scan:#}");
    assert_eq!(scan["targets"].as_array().unwrap().len(), 4, "{scan:#}");
    for report in ["scan/app.image.json", "scan/app.sbom.json", "scan/Cargo.lock.json", "scan/sources.json"] {
        assert!(!workspace.report(report).is_empty(), "{report}");
    }
    // What would make it keep something back does not reach it.
    let asked = std::fs::read_to_string(workspace.path().join("asked")).unwrap();
    assert!(asked.lines().filter(|line| line.contains("--ignorefile=/dev/null")).count() == 4, "{asked}");
    assert!(workspace.report("sarif/image.scan.sarif").contains("CVE-2099-0002"));
}

#[test]
fn findings_below_the_severity_fail_nothing() {
    let workspace =
        shop(&format!("scan = {{secrets = false, misconfiguration = false, severity = 'critical'}}\n{APP}"));
    let looks = [("sbom-*", "trivy/sbom.json"), ("fs-Cargo.lock", "trivy/lock.json")];
    trivy(&workspace, &Trivy { looks: &looks, age: Some(1) });
    workspace.run(&ALL_OF_IT).exits(0);
    assert!(findings(&workspace).iter().any(|line| line.starts_with("CVE-2099-0004 high")));
    set(
        &workspace,
        &format!("scan = {{secrets = false, misconfiguration = false, severity = 'medium'}}\n{APP}"),
    );
    workspace.run(&ALL_OF_IT).exits(1);
    let reported =
        format!("scan = {{secrets = false, misconfiguration = false, mode = 'report-only'}}\n{APP}");
    set(&workspace, &reported);
    workspace.run(&ALL_OF_IT).exits(0).says("CVE-2099-0004");
}

/// Settings that accept all that the image was recorded to have, until a day.
fn waived(until: &str) -> String {
    let waiver = |id: &str| {
        format!("[[waivers]]\nid = '{id}'\nreason = 'not reachable'\nowner = 'ada'\nuntil = '{until}'\n")
    };
    let less = "scan = {secrets = false, misconfiguration = false}\n";
    [less, APP, &waiver("CVE-2099-*"), &waiver("aws-*")].concat()
}

const IMAGE: [(&str, &str); 2] = [("image-*", "trivy/image.json"), ("fs-Cargo.lock", "trivy/lock.json")];

#[test]
fn a_waiver_holds_until_its_day_and_is_a_finding_from_then_on() {
    let workspace = shop(&waived("2999-12-31"));
    trivy(&workspace, &Trivy { looks: &IMAGE, age: Some(1) });
    workspace.run(&SCAN).exits(0);
    let found = findings(&workspace);
    assert!(
        found.contains(&"CVE-2099-0002 critical not reachable (ada, until 2999-12-31)".to_owned()),
        "{found:#?}"
    );
    let waived = image(&workspace)["scan"]["waived"].to_string();
    assert!(waived.contains("CVE-2099-0002"), "{waived}");

    set(&workspace, &self::waived("2020-01-01"));
    workspace.run(&SCAN).exits(1).says("the waiver of CVE-2099-* ended on 2020-01-01");
    let found = findings(&workspace);
    assert!(found.contains(&"CVE-2099-0002 critical -".to_owned()), "{found:#?}");
}

#[test]
fn an_old_database_no_database_and_nothing_seen_tell_nothing() {
    let workspace = shop(&waived("2999-12-31"));
    let reason = |looks: &[(&str, &str)], age: Option<i64>| {
        trivy(&workspace, &Trivy { looks, age });
        let code = workspace.run(&SCAN).code;
        let (status, reason) = step(&workspace, "image.scan");
        assert_eq!(status, "inconclusive", "{reason}");
        (code, reason)
    };
    let (code, why) = reason(&IMAGE[1..], Some(1));
    assert!(code == 1 && why.starts_with("nothing was seen in the image app"), "{code}: {why}");
    let (code, why) = reason(&IMAGE[..1], Some(1));
    assert!(code == 1 && why.starts_with("nothing was seen in the lock file"), "{code}: {why}");
    let (code, why) = reason(&IMAGE, None);
    assert!(code == 1 && why.contains("trivy does not say how old its database is"), "{code}: {why}");
    let (code, why) = reason(&IMAGE, Some(30));
    assert!(code == 3, "{why}");
    assert!(why.contains("trivy's database is 30 days old; at most 7 days tell anything"), "{why}");
    let notes = workspace.record()["notes"].to_string();
    assert!(notes.contains("raise scan.database-age"), "{notes}");
    // What is found in an old database is still found.
    set(&workspace, APP);
    workspace.run(&SCAN).exits(1);
    assert_eq!(step(&workspace, "image.scan").0, "failed");
}

/// A scanner that says this to standard error and ends with this code.
fn says(fixture: &str, code: u8) -> String {
    format!("cat {} >&2; exit {code}", recorded(fixture).display())
}

#[test]
fn a_scanner_that_does_not_work_is_no_good_news() {
    let workspace = shop(APP);
    let reason = |script: &str| {
        stand_in(&workspace, "trivy", script);
        let code = workspace.run(&SCAN).code;
        let (status, reason) = step(&workspace, "image.scan");
        assert_eq!(status, "inconclusive", "{reason}");
        (code, reason, workspace.record()["notes"].to_string())
    };
    let broken = |fixture: &str| {
        format!("[ $1 = version ] && echo '{{\"Version\":\"0.76.0\"}}' && exit; {}", says(fixture, 1))
    };
    let (code, why, notes) = reason(&broken("trivy/no-database.stderr"));
    assert!(why.contains("trivy wrote no report on image app: ") && why.contains("first run"), "{why}");
    assert!(notes.contains("trivy image --download-db-only"), "{notes}");
    assert_eq!(code, 3, "nothing is wrong with the image: {why}");
    let (_, _, notes) = reason(&broken("trivy/no-network.stderr"));
    assert!(notes.contains("name a mirror in scan.database"), "{notes}");
    let (_, why, _) = reason("kill -9 $$");
    assert!(why.contains("trivy: ") && why.contains('9'), "{why}");
    let rubbish = "for word in \"$@\"; do case $word in --output=*) echo '{\"Results\": 7' > \"${word#--output=}\";; esac; done";
    let (code, why, _) = reason(rubbish);
    assert_eq!(code, 1, "{why}");
    assert!(why.starts_with("image app: "), "{why}");
}

#[test]
fn files_that_would_hide_findings_are_not_read_and_that_is_told() {
    let workspace = shop(&format!("scan = {{offline = true, database = 'mirror.example/db:2'}}\n{APP}"))
        .file(".trivyignore", "CVE-2099-0004\n")
        .file("trivy.yaml", "exit-code: 0\n");
    trivy(&workspace, &ALL);
    workspace.run(&SCAN).exits(1);
    let notes = workspace.record()["notes"].to_string();
    assert!(
        notes.contains(".trivyignore is not read") && notes.contains("trivy.yaml is not read"),
        "{notes}"
    );
    let asked = std::fs::read_to_string(workspace.path().join("asked")).unwrap();
    let first = asked.lines().next().unwrap();
    for flag in ["--offline-scan", "--skip-db-update", "--db-repository=mirror.example/db:2"] {
        assert!(first.contains(flag), "{flag}: {first}");
    }
}

/// Settings for a scanner of crates alone.
fn by(scanner: &str) -> String {
    format!("scan.scanner = '{scanner}'\n{APP}")
}

fn prints(fixture: &Path) -> String {
    format!("echo \"$@\" >> asked; cat {}; exit 1", fixture.display())
}

#[test]
fn where_there_is_no_trivy_the_crates_are_looked_up_by_cargo_audit() {
    let workspace = shop(APP);
    stand_in(&workspace, "cargo-audit", &prints(&recorded("cargo-audit/findings.json")));
    workspace.run(&SCAN).exits(1).says("RUSTSEC-2099-0001");
    assert_eq!(step(&workspace, "image.scan").0, "failed");
    assert_eq!(image(&workspace)["scan"]["scanner"], "cargo-audit");
    let notes = workspace.record()["notes"].to_string();
    assert!(notes.contains("nobody at system packages, secrets and configuration"), "{notes}");
    let asked = std::fs::read_to_string(workspace.path().join("asked")).unwrap();
    assert!(asked.starts_with("audit --json --color=never --file Cargo.lock"), "{asked}");

    stand_in(&workspace, "cargo-audit", &prints(&recorded("cargo-audit/clean.json")));
    workspace.run(&SCAN).exits(0);

    let old = r#"{"database":{"advisory-count":3,"last-updated":"2020-01-01T00:00:00Z"},"lockfile":{"dependency-count":1},"settings":{"ignore":["RUSTSEC-1"]},"vulnerabilities":{"list":[]}}"#;
    stand_in(&workspace, "cargo-audit", &format!("echo '{old}'"));
    workspace.run(&SCAN).exits(3).says("cargo-audit's database is ");
    assert!(
        workspace.record()["notes"].to_string().contains("leaves 1 id out by its own settings: RUSTSEC-1")
    );

    for (script, why) in [
        (says("cargo-audit/no-database.stderr", 1), "cargo-audit printed no report: "),
        ("echo '{'".to_owned(), "cargo-audit's report cannot be read"),
        (
            old.replace("\"advisory-count\":3", "\"advisory-count\":0").replacen('{', "echo '{", 1) + "'",
            "holds no advisory",
        ),
        ("kill -9 $$".to_owned(), "cargo-audit: "),
    ] {
        stand_in(&workspace, "cargo-audit", &script);
        workspace.run(&SCAN).exits(3).says(why);
        assert_eq!(step(&workspace, "image.scan").0, "inconclusive", "{why}");
    }
}

#[test]
fn cargo_deny_is_asked_where_the_settings_say_so() {
    let workspace = shop(&by("cargo-deny"));
    workspace.run(&SCAN).exits(3).says("cargo-deny is not installed (cargo install cargo-deny --locked)");
    let advisory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/linters/deny/advisory.stderr");
    stand_in(
        &workspace,
        "cargo-deny",
        &format!("echo \"$@\" > asked; cat {} >&2; exit 1", advisory.display()),
    );
    workspace.run(&SCAN).exits(1);
    assert_eq!(step(&workspace, "image.scan").0, "failed");
    assert!(findings(&workspace).iter().any(|line| line.contains("RUSTSEC-")), "{:?}", findings(&workspace));
    let asked = std::fs::read_to_string(workspace.path().join("asked")).unwrap();
    assert!(asked.trim_end().ends_with("check advisories"), "{asked}");
    stand_in(&workspace, "cargo-deny", "echo rubbish >&2; exit 2");
    workspace.run(&SCAN).exits(3);
    assert_eq!(step(&workspace, "image.scan").0, "inconclusive");
}

#[test]
fn without_any_scanner_the_scan_is_skipped_or_missed() {
    let workspace = shop(APP);
    workspace.run(&SCAN);
    let (status, reason) = step(&workspace, "image.scan");
    assert_eq!(status, "skipped");
    assert!(reason.starts_with("trivy is not installed"), "{reason}");
    set(&workspace, &by("trivy"));
    workspace.run(&SCAN).exits(3).says("trivy is not installed (see https://trivy.dev/");
    set(&workspace, &by("none"));
    workspace.run(&SCAN);
    assert_eq!(step(&workspace, "image.scan").0, "skipped");
}
