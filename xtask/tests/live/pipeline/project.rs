//! A project with one program and one image, and runs of the toolkit over it.

use std::collections::BTreeMap;
use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::github::environment::kept;
use crate::peer::Registry;
use crate::support::{SERVICE, dynamic_program, program};

/// The one user of registries. The password has what the alphabets of base64 differ in.
pub(crate) const USER: (&str, &str) = ("alice", "a~?>hunter22");

/// An address at which no engine answers.
pub(crate) const NOWHERE: (&str, &str) = ("DOCKER_HOST", "unix:///no/such/engine.sock");

/// What an engine builds the image from.
pub(crate) const DOCKERFILE: &str = "FROM scratch\nCOPY service /app/service\nUSER 1000:1000\nWORKDIR /app\nEXPOSE PORT\n\
     HEALTHCHECK --interval=1s CMD [\"/app/service\", \"healthcheck\", \"PORT\"]\n\
     ENTRYPOINT [\"/app/service\"]\nCMD [\"serve\", \"PORT\"]\n";

/// The runs of an image that is well.
pub(crate) const WELL: &str = "[[smoke]]\nname = 'version'\nargs = ['--version']\nstdout = ['^service 1']\n\
     [[smoke]]\nname = 'up'\nport = PORT\nhttp = [{ path = '/health', json = { status = 'ok' } }]\n";

/// A run that takes no time.
pub(crate) const BRIEF: &str = "[[smoke]]\nname = 'version'\nargs = ['--version']\n";

/// A workspace that git knows, and a folder for temporary files of its runs.
pub(crate) struct Project {
    folder: TempDir,
    env: BTreeMap<String, String>,
    port: u16,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// With a Dockerfile and these runs. The image is kept in the registry, if there is one.
    pub(crate) fn new(registry: Option<&Registry>, smoke: &str) -> Self {
        let folder = TempDir::new().unwrap();
        for place in ["app/src", "app/context", "tmp"] {
            fs::create_dir_all(folder.path().join(place)).unwrap();
        }
        // Without an engine it is a port of this machine.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let project = Self { env: environment(folder.path()), folder, port };
        let source = fs::read_to_string(SERVICE).unwrap() + "\n#[test]\nfn a_test() {}\n";
        let project = project.file("src/main.rs", &source);
        fs::copy(program(), project.path().join("context/service")).unwrap();
        fs::copy(dynamic_program(), project.path().join("context/dynamic")).unwrap();
        let kept =
            registry.map_or_else(String::new, |it| format!("repository = '{}'\n", it.repository("team/app")));
        let image = format!(
            "[run]\ngrace = '1s'\n[image]\npush = 'always'\nhealthcheck.interval = '1s'\n[scan]\nscanner = 'none'\n\
             [[images]]\nname = 'app'\n{kept}dockerfile = 'Dockerfile'\ncontext = 'context'\nargs = ['serve', 'PORT']\n\
             ports = ['PORT']\nworkdir = '/app'\nhealthcheck = ['/app/service', 'healthcheck', 'PORT']\n"
        );
        let manifest = "[package]\nname = \"service\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
        let lock = "version = 4\n\n[[package]]\nname = \"service\"\nversion = \"1.0.0\"\n";
        let project = project
            .file("Cargo.toml", manifest)
            .file("Cargo.lock", lock)
            .file(".gitignore", "/target\n/reports\n/context\n")
            .file("Dockerfile", DOCKERFILE)
            .file("slipway.toml", &format!("{image}{smoke}"));
        project.git(&["init", "--quiet", "--initial-branch", "main"]).commit();
        project
    }

    /// Writes a file; `PORT` is where the service listens.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        fs::write(self.path().join(path), text.replace("PORT", &self.port.to_string())).unwrap();
        self
    }

    /// Adds lines to the settings, behind this one.
    pub(crate) fn set(self, behind: &str, lines: &str) -> Self {
        let settings = fs::read_to_string(self.path().join("slipway.toml")).unwrap();
        assert!(settings.contains(behind), "{settings}");
        self.file("slipway.toml", &settings.replace(behind, &format!("{behind}\n{lines}")))
    }

    /// Sets a variable for all runs.
    pub(crate) fn env(mut self, (name, value): (&str, &str)) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Makes runs those of a workflow: its event, its reference, and what GitHub says of the event.
    pub(crate) fn on(self, event: &str, git_ref: &str, payload: &str) -> Self {
        let payload = format!("{}/tests/fixtures/github/{payload}.json", env!("CARGO_MANIFEST_DIR"));
        let commit = self.commit_id();
        [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", event),
            ("GITHUB_EVENT_PATH", &payload),
            ("GITHUB_REF", git_ref),
            ("GITHUB_SHA", &commit),
            ("GITHUB_REPOSITORY", "Codertocat/Hello-World"),
        ]
        .into_iter()
        .fold(self, Self::env)
    }

    /// The same project in another folder.
    pub(crate) fn cloned(&self) -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        let to = folder.path().join("app").display().to_string();
        self.git(&["clone", "--quiet", ".", &to]);
        Self { env: environment(folder.path()), folder, port: self.port }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    /// Where the service listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn git(&self, args: &[&str]) -> &Self {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@t"];
        run("git", &[&identity, args].concat(), &self.path());
        self
    }

    /// Commits everything.
    pub(crate) fn commit(&self) -> &Self {
        self.git(&["add", "--all"]).git(&["commit", "--quiet", "--allow-empty", "--message", "change"])
    }

    pub(crate) fn commit_id(&self) -> String {
        run("git", &["rev-parse", "HEAD"], &self.path()).trim().to_owned()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).env_clear().envs(&self.env).current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// Runs `cargo xtask ARGS` to its end, and looks at what it leaves behind.
    #[track_caller]
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.start(args).end()
    }

    /// Starts `cargo xtask ARGS`.
    pub(crate) fn start(&self, args: &[&str]) -> Started<'_> {
        let mut command = self.command(args);
        // What it says goes to files: a pipe that nobody reads would stop it.
        let said = |name: &str| fs::File::create(self.folder.path().join(name)).unwrap();
        command.stdout(said("stdout")).stderr(said("stderr")).process_group(0);
        Started { child: command.spawn().unwrap(), project: self }
    }

    /// The record of the last run.
    pub(crate) fn record(&self) -> Value {
        let path = self.path().join("reports/run.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    /// The image in the record of the last run.
    pub(crate) fn image(&self) -> Value {
        self.record()["images"][0].clone()
    }

    /// A step in the record of the last run.
    #[track_caller]
    pub(crate) fn step(&self, id: &str) -> Value {
        let record = self.record();
        let steps = record["steps"].as_array().unwrap();
        steps.iter().find(|step| step["id"] == id).unwrap_or_else(|| panic!("no step {id}")).clone()
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

impl Started<'_> {
    /// The number of its process, by which its containers are known.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said so far.
    pub(crate) fn said(&self) -> String {
        self.project.said("stderr")
    }

    /// Waits until something is so.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_mins(1);
        while !is_so(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < deadline,
                "{what}: never; {ended:?}\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Presses Ctrl-C.
    pub(crate) fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// Waits for its end, and looks at what it leaves behind: no container of its own, no temporary file.
    #[track_caller]
    pub(crate) fn end(mut self) -> Run {
        let status = self.child.wait().unwrap();
        let (stdout, stderr) = (self.project.said("stdout"), self.project.said("stderr"));
        let temporary: Vec<_> = fs::read_dir(self.project.folder.path().join("tmp")).unwrap().collect();
        assert!(temporary.is_empty(), "temporary files: {temporary:?}\n{stderr}");
        assert_eq!(containers(self.id()), "", "{stderr}");
        Run { code: status.code().unwrap_or(-1), stdout, stderr }
    }
}

impl Run {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "not said: {text}\nstderr:\n{}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn never_says(self, text: &str) -> Self {
        assert!(!self.stderr.contains(text) && !self.stdout.contains(text), "said: {text}\n{}", self.stderr);
        self
    }
}

/// The containers of a run, one a line.
pub(crate) fn containers(id: u32) -> String {
    let label = format!("label=slipway.run={id}");
    docker(&["ps", "--all", "--quiet", "--filter", &label])
}

/// What docker prints.
#[track_caller]
pub(crate) fn docker(args: &[&str]) -> String {
    run("docker", args, Path::new("/"))
}

/// What a reference is to skopeo: its digest, or its complaint.
pub(crate) fn digest_by_skopeo(reference: &str) -> Result<String, String> {
    let (user, password) = USER;
    let credentials = format!("--creds={user}:{password}");
    let image = format!("docker://{reference}");
    let args = ["inspect", "--tls-verify=false", &credentials, "--format={{.Digest}}", &image];
    let output = Command::new("skopeo").args(args).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// What a program prints that has to end well.
#[track_caller]
fn run(program: &str, args: &[&str], folder: &Path) -> String {
    let Output { status, stdout, stderr } =
        Command::new(program).args(args).current_dir(folder).output().unwrap();
    assert!(status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8_lossy(&stdout).into_owned()
}

/// The toolchain and the tools of this machine, without its CI service, settings and logins.
fn environment(folder: &Path) -> BTreeMap<String, String> {
    let place = |name: &str| folder.join(name).display().to_string();
    let (user, password) = USER;
    let own = [
        ("TMPDIR", place("tmp")),
        ("DOCKER_CONFIG", place("docker")),
        ("LC_ALL", "C.UTF-8".to_owned()),
        ("CARGO_TERM_COLOR", "never".to_owned()),
        ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
        ("SLIPWAY_REGISTRY_USERNAME", user.to_owned()),
        ("SLIPWAY_REGISTRY_PASSWORD", password.to_owned()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    kept(&["DOCKER_HOST", "XDG_RUNTIME_DIR"]).chain(own).collect()
}
