//! A project with one image, and runs of the real executable over it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::fake::Fake;
use crate::registry::Registry;

/// What the engine builds the image from. A name alone is looked up when it runs: nobody looks into the program.
pub(crate) const DOCKERFILE: &str = "FROM scratch\nCOPY server /app/server\nUSER 1000:1000\nEXPOSE 8080\n\
     HEALTHCHECK CMD [\"server\", \"healthcheck\"]\nENTRYPOINT [\"server\"]\nCMD [\"serve\"]\n";

/// Runs of an image that is well.
pub(crate) const WELL: &str = "[[smoke]]\nname = 'version'\nargs = ['print', 'server 1']\nstdout = ['^server 1']\n\
     [[smoke]]\nname = 'up'\nargs = ['serve']\nport = 8080\nhttp = [{ path = '/', json = { status = 'ok' } }]\n";

/// A workspace that git knows, and a folder for the temporary files of its runs.
pub(crate) struct Project {
    folder: TempDir,
    env: BTreeMap<String, String>,
}

impl Project {
    /// With these runs. The image is kept in the registry, if there is one.
    pub(crate) fn new(fake: &Fake, registry: Option<&Registry>, smoke: &str) -> Self {
        let folder = TempDir::new().unwrap();
        for place in ["app/src", "app/context", "tmp"] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
        }
        let keep = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "LLVM_PROFILE_FILE"];
        let kept = keep.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?)));
        let temporary = folder.path().join("tmp").display().to_string();
        let ours = [
            ("DOCKER_HOST", fake.host()),
            ("SLIPWAY_IMAGE_BUILDER", "engine".to_owned()),
            ("DOCKER_CONFIG", temporary.clone()),
            ("TMPDIR", temporary),
            ("CARGO_NET_OFFLINE", "true".to_owned()),
        ];
        let ours = ours.into_iter().map(|(name, value)| (name.to_owned(), value));
        let project = Self { env: kept.chain(ours).collect(), folder };
        let repository =
            registry.map_or_else(String::new, |it| format!("repository = '{}'\n", it.repository("team/app")));
        let settings = format!(
            "[run]\ngrace = '1s'\n[image]\npush = 'always'\n[scan]\nscanner = 'none'\n\
             [[images]]\nname = 'app'\n{repository}dockerfile = 'Dockerfile'\ncontext = 'context'\n{smoke}"
        );
        let manifest = "[package]\nname = \"server\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
        let lock = "version = 4\n\n[[package]]\nname = \"server\"\nversion = \"1.0.0\"\n";
        let project = project
            .file("Cargo.toml", manifest)
            .file("Cargo.lock", lock)
            .file(".gitignore", "/target\n/reports\n")
            .file("src/main.rs", "fn main() {}\n")
            .file("context/server", "a program")
            .file("Dockerfile", DOCKERFILE)
            .file("slipway.toml", &settings);
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
        for args in
            [&["init", "--quiet"][..], &["add", "--all"], &["commit", "--quiet", "--message", "first"]]
        {
            let status = Command::new("git").args(identity).args(args).current_dir(project.path()).status();
            assert!(status.unwrap().success());
        }
        project
    }

    /// Writes a file.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Sets a variable for all runs.
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    /// Runs `cargo xtask ARGS` to its end.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Run<'_> {
        self.start(args).end()
    }

    /// Starts `cargo xtask ARGS`.
    pub(crate) fn start(&self, args: &[&str]) -> Started<'_> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).env_clear().envs(&self.env).current_dir(self.path()).stdin(Stdio::null());
        // What it says goes to files: a pipe that nobody reads would stop it.
        let said = |name: &str| File::create(self.folder.path().join(name)).unwrap();
        command.stdout(said("stdout")).stderr(said("stderr")).process_group(0);
        Started { child: command.spawn().unwrap(), project: self }
    }

    /// A step in the record of the last run.
    #[track_caller]
    pub(crate) fn step(&self, id: &str) -> Value {
        let record = self.record();
        let steps = record["steps"].as_array().unwrap();
        steps
            .iter()
            .find(|step| step["id"] == id)
            .unwrap_or_else(|| panic!("no step {id}: {record:#}"))
            .clone()
    }

    /// The record of the last run.
    pub(crate) fn record(&self) -> Value {
        let text = fs::read_to_string(self.path().join("reports/run.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The image in the record of the last run.
    pub(crate) fn image(&self) -> Value {
        self.record()["images"][0].clone()
    }

    fn said(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }
}

/// A run that is still going on.
pub(crate) struct Started<'a> {
    child: Child,
    project: &'a Project,
}

impl<'a> Started<'a> {
    /// Waits until something is so.
    #[track_caller]
    pub(crate) fn until(&mut self, is_so: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !is_so() {
            let ended = self.child.try_wait().unwrap();
            let said = || self.project.said("stderr");
            assert!(ended.is_none() && Instant::now() < deadline, "{ended:?}\n{}", said());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// As Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// As nobody can help.
    pub(crate) fn kill(&self) {
        kill_process(Pid::from_child(&self.child), Signal::KILL).unwrap();
    }

    /// Waits for its end. Nothing may be left in its folder of temporary files.
    #[track_caller]
    pub(crate) fn end(mut self) -> Run<'a> {
        let code = self.child.wait().unwrap().code();
        let run = Run {
            code,
            said: self.project.said("stderr") + &self.project.said("stdout"),
            project: self.project,
        };
        let left = fs::read_dir(self.project.folder.path().join("tmp")).unwrap();
        let left: Vec<_> = left.map(|entry| entry.unwrap().path()).collect();
        // Who is killed cannot tidy up.
        assert!(left.is_empty() || code.is_none(), "{left:?}\n{}", run.said);
        run
    }
}

/// A run that has ended.
pub(crate) struct Run<'a> {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    project: &'a Project,
}

impl Run<'_> {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.said.contains(text), "not said: {text}\n{}", self.said);
        self
    }

    /// The status of a step.
    #[track_caller]
    pub(crate) fn step(self, id: &str, status: &str) -> Self {
        let step = self.project.step(id);
        assert_eq!(step["status"], status, "{step:#}\n{}", self.said);
        self
    }
}
