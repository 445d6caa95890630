//! What all black-box tests share: workspaces in temporary folders, and runs of the real executable.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::Value;
use tempfile::TempDir;

/// A workspace in a temporary folder.
pub(crate) struct Workspace {
    folder: TempDir,
    env: BTreeMap<String, String>,
}

/// A finished run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Which programs a run can find.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tools {
    /// The Rust toolchain, a linker and git: what README asks for.
    Bare,
    /// All that this machine has.
    All,
}

impl Workspace {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), env: environment(Tools::Bare) }
    }

    /// A library package `demo` with this `src/lib.rs`.
    pub(crate) fn library(source: &str) -> Self {
        Self::empty().file("Cargo.toml", &manifest("demo")).file("src/lib.rs", source)
    }

    /// Adds a file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
        self
    }

    /// Sets a variable for all runs.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs find these programs.
    pub(crate) fn tools(mut self, tools: Tools) -> Self {
        self.env.extend(environment(tools));
        self
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The variables of all runs.
    pub(crate) fn variables(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// The command `cargo xtask ARGS`, to be run inside the workspace.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).env_clear().envs(&self.env).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs `cargo xtask ARGS` to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args).output().unwrap())
    }

    /// Starts `cargo xtask ARGS` in a process group of its own and waits until a file shows up in the workspace.
    pub(crate) fn start_until(&self, file: &str, args: &[&str]) -> Started {
        let mut command = self.command(args);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut started = Started(command.spawn().unwrap());
        let deadline = Instant::now() + Duration::from_mins(1);
        while !self.path().join(file).exists() {
            let ended = started.0.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "{file} never showed up: {:?}",
                started.end()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        started
    }

    /// Runs git inside the workspace.
    pub(crate) fn git(&self, args: &[&str]) -> &Self {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
        let output = Command::new("git").args(identity).args(args).current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        self
    }

    /// A report file.
    pub(crate) fn report(&self, name: &str) -> String {
        let path = self.path().join("reports").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// The run record.
    pub(crate) fn record(&self) -> Value {
        serde_json::from_str(&self.report("run.json")).unwrap()
    }
}

/// A run that is still going on.
#[derive(Debug)]
pub(crate) struct Started(Child);

impl Started {
    /// Sends a signal to the executable alone.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).unwrap();
    }

    /// Sends a signal to the executable's whole group, as a terminal does.
    pub(crate) fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).unwrap();
    }

    /// Waits for its end.
    pub(crate) fn end(self) -> Run {
        Run::of(self.0.wait_with_output().unwrap())
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The same, after the exit code was checked.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// The same, after standard error was found to hold this.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "not said: {text}\nstderr:\n{}", self.stderr);
        self
    }
}

/// Whether a CI service runs the tests: nothing may be missing there.
pub(crate) fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Ends a test that makes use of a program which is not there: it would fail for a reason that is hard to see, or
/// hold although nothing was tried.
#[track_caller]
pub(crate) fn needs(program: &str, package: &str) {
    assert!(
        on_path(program).is_some(),
        "this test needs `{program}` (package {package}), which is not on PATH"
    );
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|place| place.join(program)).find(|place| place.is_file())
}

/// A manifest of a package without dependencies.
pub(crate) fn manifest(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
}

/// A clean environment: no CI service, no settings, no flags of whoever runs the tests.
fn environment(tools: Tools) -> BTreeMap<String, String> {
    // The last one lets a run of these tests be measured.
    let keep = [
        "HOME",
        "CARGO_HOME",
        "RUSTUP_HOME",
        "RUSTUP_TOOLCHAIN",
        "TMPDIR",
        "SSL_CERT_FILE",
        "LLVM_PROFILE_FILE",
    ];
    let mut env: BTreeMap<String, String> =
        keep.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
    let path = match tools {
        Tools::All => std::env::var("PATH").unwrap(),
        Tools::Bare => bare_path().display().to_string(),
    };
    env.insert("PATH".to_owned(), path);
    env.insert("LC_ALL".to_owned(), "C.UTF-8".to_owned());
    env.insert("CARGO_TERM_COLOR".to_owned(), "never".to_owned());
    if tools == Tools::Bare {
        // Cargo looks for subcommands in its own `bin` folder too.
        env.insert("CARGO_HOME".to_owned(), bare_home().display().to_string());
    }
    env
}

/// A folder with links to the toolchain, a linker, git and a shell, and nothing else.
fn bare_path() -> PathBuf {
    static FOLDER: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(|| {
        let folder = shared("bare-path");
        let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
        let sysroot = PathBuf::from(String::from_utf8(sysroot.stdout).unwrap().trim());
        for program in ["cargo", "rustc", "rustdoc", "rustfmt", "cargo-fmt", "cargo-clippy", "clippy-driver"]
        {
            link(&sysroot.join("bin").join(program), &folder.join(program));
        }
        for program in ["git", "cc", "ld", "as", "ar", "sh", "sleep", "pgrep", "cat", "seq", "mkdir", "rm"] {
            if let Some(found) = on_path(program) {
                link(&found, &folder.join(program));
            }
        }
        folder
    });
    FOLDER.clone()
}

fn bare_home() -> PathBuf {
    static FOLDER: std::sync::LazyLock<PathBuf> = std::sync::LazyLock::new(|| shared("bare-cargo-home"));
    FOLDER.clone()
}

/// A folder below the target directory that all tests share.
fn shared(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Test processes make the same links at the same time; the first one wins.
fn link(original: &Path, link: &Path) {
    let _ = std::os::unix::fs::symlink(original, link);
}
