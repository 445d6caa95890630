//! Trivy.

use std::path::Path;

use slipway_image::sbom::{Bom, Component, Files, Kind, Made, Purl, Subject, System, debian};
use xtask::tools::scanner::Seen;
use xtask::tools::trivy::{self, Looked, Source, Wanted};

use crate::Test;
use crate::support::{database, folder, options, run, shown, workspace, write};

pub(crate) const TESTS: &[Test] = &[
    ("a_lock_file_is_scanned_with_places", "trivy", a_lock_file_is_scanned_with_places),
    ("what_would_hide_findings_does_not", "trivy", what_would_hide_findings_does_not),
    ("a_bill_of_ours_is_understood_with_crates_and_system_packages", "trivy", a_bill_of_ours_is_understood),
    ("an_image_shows_what_its_system_lists", "trivy", an_image_shows_what_its_system_lists),
    ("a_program_alone_shows_nothing", "trivy", a_program_alone_shows_nothing),
    ("secrets_and_mistakes_are_found_without_a_database", "trivy", secrets_and_mistakes_are_found),
    ("a_missing_database_is_told_with_its_remedy", "trivy", a_missing_database_is_told),
    ("the_age_of_the_database_is_known", "trivy", the_age_of_the_database_is_known),
];

const LOCK: Wanted = Wanted { vulnerabilities: true, secrets: false, misconfiguration: false };

fn read(folder: &Path, target: &str, below: Option<&str>) -> Seen {
    let report = std::fs::read_to_string(folder.join("report.json")).unwrap();
    trivy::read(&report, Looked { target, below, workspace: &workspace(folder) }).unwrap()
}

fn a_lock_file_is_scanned_with_places() {
    let folder = folder();
    database(folder.path(), "2026-01-01");
    run(folder.path(), &trivy::fs(&options(), LOCK, "Cargo.lock", &[], "report.json"));
    let seen = read(folder.path(), "Cargo.lock", Some("Cargo.lock"));
    assert_eq!(seen.packages, 3);
    assert_eq!(shown(&seen.findings), ["CVE-2099-0004 high itoa 1.0.18 Cargo.lock:8:1"]);
}

fn what_would_hide_findings_does_not() {
    let folder = folder();
    database(folder.path(), "2026-01-01");
    write(folder.path(), ".trivyignore", "CVE-2099-0004\n");
    write(folder.path(), "trivy.yaml", "exit-code: 7\nseverity: LOW\nformat: table\nignore-unfixed: true\n");
    let output = run(folder.path(), &trivy::fs(&options(), LOCK, "Cargo.lock", &[], "report.json"));
    assert!(output.success(), "{output:?}");
    assert_eq!(read(folder.path(), "Cargo.lock", Some("Cargo.lock")).findings.len(), 1);
}

/// Debian 12 with two packages.
struct Debian;

const STATUS: &str = "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc\nVersion: 2.36-9+deb12u9\n\nPackage: libssl3\nStatus: install ok installed\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.15-1~deb12u1\n";

impl Files for Debian {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        let text = match path {
            "/etc/os-release" => "ID=debian\nVERSION_ID=\"12\"\n",
            "/var/lib/dpkg/status" => STATUS,
            _ => return None,
        };
        Some(text.as_bytes().to_vec())
    }

    fn names(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

fn a_bill_of_ours_is_understood() {
    let folder = folder();
    database(folder.path(), "2026-01-01");
    let made =
        Made { at: chrono::DateTime::UNIX_EPOCH, tool: "slipway".into(), tool_version: "0.1.0".into() };
    let mut bom = Bom::new(Subject { name: "app".to_owned(), ..Subject::default() }, made);
    let system = System::read(&Debian).unwrap();
    bom.extend(debian::components(&Debian, &system));
    bom.system = Some(system);
    let purl = Purl::new("cargo", "itoa").version("1.0.18");
    bom.add(Component { purl: Some(purl), ..Component::new(Kind::Cargo, "itoa", "1.0.18") });
    write(folder.path(), "app.cdx.json", bom.cyclonedx());
    let output = run(folder.path(), &trivy::sbom(&options(), "app.cdx.json", "report.json"));
    assert!(output.success(), "{output:?}");
    let seen = read(folder.path(), "SBOM of app", None);
    assert_eq!(seen.packages, 3);
    assert_eq!(
        shown(&seen.findings),
        [
            "CVE-2099-0003 low libssl3 3.0.15-1~deb12u1 -",
            "CVE-2099-0004 high itoa 1.0.18 -",
            "CVE-2099-0006 critical libc6 2.36-9+deb12u9 -",
        ]
    );
}

/// An archive as `docker load` takes it, with one layer of these files.
fn archive(folder: &Path, files: &[(&str, &[u8])]) {
    let tar = |files: &[(&str, &[u8])]| {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o755);
            archive.append_data(&mut header, path, *bytes).unwrap();
        }
        archive.into_inner().unwrap()
    };
    let layer = tar(files);
    let digest = slipway_image::Digest::of(&layer);
    let config = format!(
        r#"{{"architecture":"amd64","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":["{digest}"]}}}}"#
    );
    let manifest = br#"[{"Config":"config.json","RepoTags":[],"Layers":["layer.tar"]}]"#;
    let all = tar(&[("config.json", config.as_bytes()), ("layer.tar", &layer), ("manifest.json", manifest)]);
    write(folder, "image.tar", all);
}

fn an_image_shows_what_its_system_lists() {
    let folder = folder();
    database(folder.path(), "2026-01-01");
    let files = [
        ("etc/os-release", Debian.read("/etc/os-release").unwrap()),
        ("etc/debian_version", b"12.9\n".to_vec()),
        ("var/lib/dpkg/status", STATUS.as_bytes().to_vec()),
    ];
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    archive(folder.path(), &files);
    let source = Source::Path("image.tar".to_owned());
    let output = run(folder.path(), &trivy::image(&options(), &source, true, "report.json"));
    assert!(output.success(), "{output:?}");
    let seen = read(folder.path(), "image app", None);
    assert_eq!((seen.packages, seen.kinds.contains("debian")), (2, true));
    assert_eq!(
        shown(&seen.findings),
        ["CVE-2099-0003 low libssl3 3.0.15-1~deb12u1 -", "CVE-2099-0006 critical libc6 2.36-9+deb12u9 -"]
    );
}

fn a_program_alone_shows_nothing() {
    let folder = folder();
    database(folder.path(), "2026-01-01");
    let program = std::fs::read("/bin/true").unwrap();
    archive(folder.path(), &[("app/app", &program)]);
    let source = Source::Path("image.tar".to_owned());
    run(folder.path(), &trivy::image(&options(), &source, true, "report.json"));
    assert_eq!(read(folder.path(), "image app", None), Seen::default());
}

fn secrets_and_mistakes_are_found() {
    let folder = folder();
    // In two parts, so that nobody takes the test itself for a leak.
    write(folder.path(), "deploy/settings.txt", format!("key = \"{}{}\"\n", "AKIA", "Z3MGRTQ5XK7LWBDA"));
    write(folder.path(), "Dockerfile", "FROM debian:latest\n");
    // What is looked at does not decide how.
    write(folder.path(), "trivy-secret.yaml", "disable-rules:\n- aws-access-key-id\n");
    write(folder.path(), "target/Dockerfile", "FROM debian:latest\n");
    let wanted = Wanted { vulnerabilities: false, secrets: true, misconfiguration: true };
    let output = run(folder.path(), &trivy::fs(&options(), wanted, ".", &["target"], "report.json"));
    assert!(output.success(), "{output:?}");
    let lines = shown(&read(folder.path(), "sources", Some(".")).findings);
    assert!(
        lines.iter().any(|line| line.starts_with("aws-access-key-id critical")
            && line.ends_with("deploy/settings.txt:1:1")),
        "{lines:#?}"
    );
    assert!(
        lines.iter().any(|line| line.starts_with("DS-0002 high") && line.ends_with("Dockerfile:1:1")),
        "{lines:#?}"
    );
    assert!(!lines.iter().any(|line| line.contains("target/")), "{lines:#?}");
}

fn a_missing_database_is_told() {
    let folder = folder();
    let output = run(folder.path(), &trivy::fs(&options(), LOCK, "Cargo.lock", &[], "report.json"));
    assert!(!folder.path().join("report.json").exists() && !output.success());
    let (reason, remedy) = trivy::trouble(&output);
    assert!(
        reason.contains("first run") && remedy.is_some_and(|remedy| remedy.contains("--download-db-only")),
        "{reason}"
    );
}

fn the_age_of_the_database_is_known() {
    let folder = folder();
    let version = || trivy::read_version(&run(folder.path(), &trivy::version()).stdout).unwrap();
    assert_eq!(version().database, None);
    database(folder.path(), "2026-01-01");
    assert_eq!(version().database.unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
}
