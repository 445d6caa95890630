//! An unpacked image with the program of `fixtures/smoke/service.rs`, and what is asked of it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;
use xtask::kit::secret::Redactor;
use xtask::model::smoke::End;
use xtask::model::test::{TestCase, TestOutcome};
use xtask::pipeline::smoke::{Smoked, Subject, Surroundings, smoke_in};
use xtask::settings::{File, Sources, load};
use xtask::tools::interrupt::Interrupt;
use xtask::tools::process::Supervisor;
use xtask::tools::runtime::{Fault, Output, Packaged, RunSpec, Runtime as _, RuntimeError};
use xtask::tools::sandbox::Sandbox;

/// Long enough for everything here on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Names the program, when somebody else has compiled it.
pub(crate) const PROGRAM: &str = "SLIPWAY_TEST_PROGRAM";

/// Names the toolkit's executable, when it is not where cargo has put it.
pub(crate) const EXECUTABLE: &str = "SLIPWAY_TEST_EXECUTABLE";

/// The program, compiled once.
pub(crate) fn program() -> PathBuf {
    static COMPILED: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    if let Some(path) = std::env::var_os(PROGRAM) {
        return path.into();
    }
    let (_, path) = COMPILED.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/smoke/service.rs");
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let status = Command::new(rustc)
            .args(["--edition=2024", "-Ctarget-feature=+crt-static", source, "-o"])
            .arg(&path)
            .status();
        assert!(status.unwrap().success());
        (folder, path)
    });
    path.clone()
}

/// An unpacked image.
pub(crate) struct Image {
    folder: TempDir,
    pub(crate) packaged: Packaged,
    pub(crate) supervisor: Supervisor,
}

impl Image {
    /// With the program as `/app/service`, which runs as 1000:1000 in this mode.
    pub(crate) fn of(mode: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = folder.path().join("app");
        std::fs::create_dir(&app).unwrap();
        std::fs::copy(program(), app.join("service")).unwrap();
        let packaged = Packaged {
            user: "1000:1000".to_owned(),
            entrypoint: vec!["/app/service".to_owned()],
            args: mode.iter().map(|&word| word.to_owned()).collect(),
            ..Packaged::default()
        };
        let supervisor = Supervisor {
            root: folder.path().to_owned(),
            env: std::env::vars().collect(),
            redactor: Redactor::default(),
            interrupt: Interrupt::default(),
            grace: Duration::from_secs(1),
            running: std::sync::Arc::default(),
        };
        Self { folder, packaged, supervisor }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    pub(crate) fn sandbox(&self) -> Sandbox {
        let usual = || env!("CARGO_BIN_EXE_xtask").into();
        let executable = std::env::var_os(EXECUTABLE).unwrap_or_else(usual);
        Sandbox::run_by(&self.supervisor, self.path(), self.packaged.clone(), executable).unwrap()
    }

    /// Runs it to its end.
    pub(crate) fn end(&self, spec: &RunSpec) -> Result<(End, Output), RuntimeError> {
        let sandbox = self.sandbox();
        let running = sandbox.start(spec)?;
        let end = running.wait(PATIENCE)?.expect("it ends");
        let output = running.output()?;
        running.remove()?;
        Ok((end, output))
    }

    /// What comes of running it as the entries of this `slipway.toml` say.
    pub(crate) fn smoke(&self, settings: &str) -> Smoked {
        let sources = Sources {
            file: Some(File { path: "slipway.toml", text: settings }),
            env: &BTreeMap::new(),
            flags: &[],
        };
        let entries = load(&sources).unwrap().settings.smoke;
        let subject = Subject { image: "app", reference: "app@sha256:1", packaged: &self.packaged };
        let Supervisor { redactor, interrupt, .. } = &self.supervisor;
        let log = |line: &str| println!("{line}");
        smoke_in(subject, &entries, &self.sandbox(), &Surroundings { redactor, interrupt, log: &log })
    }

    /// What it prints until it ends, in one piece.
    pub(crate) fn prints(&self) -> String {
        let (_, output) = self.end(&spec()).unwrap();
        format!("{}{}", output.stdout, output.stderr).trim_end().to_owned()
    }
}

/// Limits that nothing here meets.
pub(crate) fn spec() -> RunSpec {
    RunSpec { memory: Some(256 << 20), pids: 64, ..RunSpec::default() }
}

/// A port that nobody listens on at this moment.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap().local_addr().unwrap().port()
}

/// Whether this machine allows a sandbox. Where it does not, that is told, and with `CI=true` it is a failure.
pub(crate) fn is_allowed() -> bool {
    static ALLOWED: OnceLock<bool> = OnceLock::new();
    *ALLOWED.get_or_init(|| match Image::of(&["exit", "0"]).end(&spec()) {
        Err(error) if error.fault == Fault::Machine => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "{error}");
            eprintln!("not looked at: {error}");
            false
        }
        _ => true,
    })
}

/// Each check in a line: its outcome and its name, and why it is not well.
pub(crate) fn checks(smoked: &Smoked) -> Vec<String> {
    let line = |case: &TestCase| match (&case.message, case.outcome) {
        (_, TestOutcome::Passed) | (None, _) => format!("{} {}", case.outcome.word(), case.name),
        (Some(why), outcome) => format!("{} {}: {why}", outcome.word(), case.name),
    };
    smoked.cases.iter().map(line).collect()
}

/// The lines of checks that are not well.
pub(crate) fn faults(smoked: &Smoked) -> Vec<String> {
    checks(smoked).into_iter().filter(|line| !line.starts_with("passed ")).collect()
}
