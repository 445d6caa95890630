//! Trivy's command lines. Source: <https://trivy.dev/docs/latest/references/configuration/cli/trivy/>; each flag is known from
//! 0.59 on.

use crate::model::command::CommandLine;

use super::PROGRAM;

/// What all scans share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Nothing may be fetched.
    pub offline: bool,
    /// Where the vulnerability database is fetched from: a repository of a registry; none for Trivy's own place.
    pub database: Option<String>,
    /// How long one scan may take, in seconds.
    pub timeout: u64,
}

/// Where an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// An OCI layout with this image alone, or an archive as `docker save` writes it.
    Path(String),
    /// In a registry, by its digest.
    Registry(String),
    /// In the container engine, by its name or id.
    Engine(String),
}

/// Looks for vulnerabilities and, when told so, for secrets in an image.
#[must_use]
pub fn image(options: &Options, source: &Source, secrets: bool, report: &str) -> CommandLine {
    let line = scan("image", options, report)
        .arg(scanners(true, secrets, false))
        .args(secrets.then_some(ALL_SECRETS));
    let line = if options.offline { line.arg("--skip-check-update") } else { line };
    match source {
        Source::Path(path) => line.args(["--input", path]),
        Source::Registry(reference) => line.args(["--image-src=remote", reference]),
        Source::Engine(name) => line.args(["--image-src=docker", name]),
    }
}

/// Looks for vulnerabilities of what a bill of materials lists.
#[must_use]
pub fn sbom(options: &Options, path: &str, report: &str) -> CommandLine {
    scan("sbom", options, report).arg(path)
}

/// What is looked for in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Vulnerabilities of what lock files list.
    pub vulnerabilities: bool,
    /// Keys and passwords.
    pub secrets: bool,
    /// Mistakes in Dockerfiles and other configuration.
    pub misconfiguration: bool,
}

/// Looks into files: a lock file, or a folder without the folders that are named in `skip`.
#[must_use]
pub fn fs(options: &Options, wanted: Wanted, path: &str, skip: &[&str], report: &str) -> CommandLine {
    let scanners = scanners(wanted.vulnerabilities, wanted.secrets, wanted.misconfiguration);
    let line = scan("fs", options, report).arg(scanners).args(wanted.secrets.then_some(ALL_SECRETS));
    let line = if options.offline { line.arg("--skip-check-update") } else { line };
    line.args(skip.iter().map(|folder| format!("--skip-dirs={folder}"))).arg(path)
}

/// Asks for the versions of the program and of its database.
#[must_use]
pub fn version() -> CommandLine {
    quiet(CommandLine::new(PROGRAM).args(["version", "--format=json"]))
}

/// All findings, whatever a `trivy.yaml`, a `.trivyignore` or a variable says: what counts and what is waived is decided here,
/// in one place and in sight.
fn scan(what: &str, options: &Options, report: &str) -> CommandLine {
    let line = CommandLine::new(PROGRAM).args([
        what,
        "--format=json",
        "--list-all-pkgs",
        "--severity=UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL",
        "--ignore-unfixed=false",
        "--exit-code=0",
        "--config=/dev/null",
        "--ignorefile=/dev/null",
        "--no-progress",
    ]);
    let line = line.arg(format!("--timeout={}s", options.timeout)).arg(format!("--output={report}"));
    let line = if options.offline { line.args(["--skip-db-update", "--offline-scan"]) } else { line };
    quiet(match &options.database {
        Some(database) => line.arg(format!("--db-repository={database}")),
        None => line,
    })
}

/// Variables by which findings are left out without a word; an empty one is none.
const HIDING: [&str; 5] =
    ["TRIVY_IGNORE_POLICY", "TRIVY_IGNORE_STATUS", "TRIVY_SKIP_DIRS", "TRIVY_SKIP_FILES", "TRIVY_VEX"];

/// Every rule for secrets, whatever a `trivy-secret.yaml` says. An empty file would be an error.
const ALL_SECRETS: &str = "--secret-config=";

/// As variables, which older versions pass over.
fn quiet(line: CommandLine) -> CommandLine {
    let line = line.env("TRIVY_SKIP_VERSION_CHECK", "true").env("TRIVY_DISABLE_TELEMETRY", "true");
    HIDING.iter().fold(line, |line, name| line.env(*name, ""))
}

fn scanners(vulnerabilities: bool, secrets: bool, misconfiguration: bool) -> String {
    let all = [(vulnerabilities, "vuln"), (secrets, "secret"), (misconfiguration, "misconfig")];
    let on: Vec<&str> = all.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect();
    format!("--scanners={}", on.join(","))
}
