//! Repositories: of packages that others wrote, or of some files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::github::environment::kept;

/// Small packages that bring their tests and need no others for them.
const PACKAGES: [(&str, &str); 2] = [("itoa", "1.0.15"), ("semver", "1.0.27")];

/// A git repository in a temporary folder.
pub(crate) struct Repository {
    folder: TempDir,
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Repository {
    /// With these files, on the branch `trunk`.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            repository.write(path, text);
        }
        repository.commit()
    }

    /// A package of crates.io as its authors published it; none where it cannot be had.
    pub(crate) fn of_package(name: &str) -> Option<Self> {
        let sources = SOURCES.as_ref()?;
        let (_, version) = PACKAGES.iter().find(|(known, _)| *known == name).unwrap();
        let repository = Self { folder: tempfile::tempdir().unwrap() };
        copy(&sources.join(format!("{name}-{version}")), repository.path());
        Some(repository.commit())
    }

    fn commit(self) -> Self {
        self.git(&["init", "--quiet", "--initial-branch=trunk"]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=A first state"]);
        self
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// What git prints.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        let output = command.args(identity).args(args).current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Files that git does not know, or that were changed.
    pub(crate) fn changed(&self) -> Vec<String> {
        let status = self.git(&["status", "--porcelain", "--untracked-files=all"]);
        status.lines().map(|line| line.trim_start().to_owned()).collect()
    }

    /// Runs `cargo xtask ARGS` here.
    pub(crate) fn xtask(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).current_dir(self.path()).env_clear().envs(environment()).stdin(Stdio::null());
        command.output().unwrap().into()
    }
}

/// No CI service, no settings, no flags of whoever runs the tests.
pub(crate) fn environment() -> BTreeMap<String, String> {
    let own = [("LC_ALL", "C.UTF-8"), ("CARGO_TERM_COLOR", "never"), ("GIT_CONFIG_NOSYSTEM", "1")];
    kept(&["SSL_CERT_FILE"]).chain(own.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// Whether a CI service runs the tests: nothing may be missing there.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Where cargo unpacks packages; none without a network.
static SOURCES: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let mut manifest =
        "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n"
            .to_owned();
    for (name, version) in PACKAGES {
        manifest = manifest + name + " = \"=" + version + "\"\n";
    }
    std::fs::create_dir(folder.path().join("src")).unwrap();
    std::fs::write(folder.path().join("src/lib.rs"), "").unwrap();
    std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    let mut cargo = Command::new("cargo");
    let output = cargo.args(["metadata", "--format-version=1"]).current_dir(folder.path()).output().unwrap();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!in_ci(), "CI must reach crates.io: {said}");
        println!("skipped: the packages cannot be fetched: {said}");
        return None;
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let one = packages.iter().find(|package| package["name"] == PACKAGES[0].0).unwrap();
    Path::new(one["manifest_path"].as_str().unwrap()).ancestors().nth(2).map(Path::to_owned)
});

/// Without what cargo and git put there; the registry's own copy is never written to.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        let left_out = [".cargo-ok", ".cargo_vcs_info.json", ".github", ".gitignore"];
        if left_out.contains(&entry.file_name().to_str().unwrap()) {
            continue;
        }
        if path.is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&path, &to);
        } else {
            std::fs::copy(path, to).unwrap();
        }
    }
}
