//! A runner of GitHub Actions for the steps of `action.yml`: expressions, environment, files for outputs and paths, the same shell.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::expression::{Contexts, filled, holds};
use crate::repository::{Ran, Repository, environment};

/// Where the action lies.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// One job that uses the action.
pub(crate) struct Job<'a> {
    repository: &'a Repository,
    temp: TempDir,
    contexts: Contexts,
    env: BTreeMap<String, String>,
    /// Programs that come before those of the system.
    pub(crate) programs: Vec<(&'static str, String)>,
    /// What the cache has: any key is found, and holds this program.
    pub(crate) cached: Option<PathBuf>,
    /// The program that was put into the cache.
    saved: Option<Vec<u8>>,
}

/// What became of the job.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) failed: bool,
    /// The steps that ran, by name, with what they printed.
    pub(crate) steps: Vec<(String, Ran)>,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) summary: String,
    /// The program that was put into the cache.
    pub(crate) saved: Option<Vec<u8>>,
}

impl Done {
    pub(crate) fn names(&self) -> Vec<&str> {
        self.steps.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// All that was printed.
    pub(crate) fn log(&self) -> String {
        let mut log = String::new();
        for (name, ran) in &self.steps {
            let _ = writeln!(log, "## {name}: {}\n{}{}", ran.code, ran.stdout, ran.stderr);
        }
        log
    }
}

impl<'a> Job<'a> {
    /// On a push to a repository, by the action at `v0`, with the toolkit built already.
    pub(crate) fn new(repository: &'a Repository) -> Self {
        let head = repository.git(&["rev-parse", "HEAD"]);
        let mut job = Self {
            repository,
            temp: tempfile::tempdir().unwrap(),
            contexts: Contexts::new(),
            env: environment(),
            programs: Vec::new(),
            cached: Some(PathBuf::from(env!("CARGO_BIN_EXE_xtask"))),
            saved: None,
        };
        let root = root();
        for (name, value) in [
            ("github.action_path", root.to_str().unwrap()),
            ("github.action_repository", "ada/slipway"),
            ("github.action_ref", "0123456789abcdef0123456789abcdef01234567"),
            ("github.server_url", "https://github.com"),
            ("github.token", "ghs_bot"),
            ("github.repository", "ada/parcels"),
        ] {
            job.contexts.insert(name.to_owned(), value.to_owned());
        }
        for (name, value) in [("RUNNER_OS", "Linux"), ("RUNNER_ARCH", "X64"), ("GITHUB_ACTIONS", "true")] {
            job = job.env(name, value);
        }
        let push = serde_json::json!({ "ref": "refs/heads/trunk", "repository": { "full_name": "ada/parcels", "default_branch": "trunk" } });
        job.env("GITHUB_REPOSITORY", "ada/parcels").on("push", "refs/heads/trunk", &head, &push)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// This event instead.
    pub(crate) fn on(mut self, event: &str, reference: &str, sha: &str, payload: &Value) -> Self {
        let file = self.temp.path().join("event.json");
        std::fs::write(&file, payload.to_string()).unwrap();
        self.contexts.insert("github.event_name".to_owned(), event.to_owned());
        self.env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_REF", reference)
            .env("GITHUB_SHA", sha)
            .env("GITHUB_EVENT_PATH", file.to_str().unwrap())
    }

    /// Used at this tag or commit.
    pub(crate) fn at(mut self, reference: &str) -> Self {
        self.contexts.insert("github.action_ref".to_owned(), reference.to_owned());
        self
    }

    /// Runs the action with these inputs.
    pub(crate) fn run(mut self, inputs: &[(&str, &str)]) -> Done {
        let action: Value =
            serde_saphyr::from_str(&std::fs::read_to_string(root().join("action.yml")).unwrap()).unwrap();
        self.take_inputs(&action, inputs);
        let programs = self.temp.path().join("programs");
        std::fs::create_dir(&programs).unwrap();
        for (name, text) in &self.programs {
            write_program(&programs.join(name), text);
        }
        let path = format!("{}:{}", programs.display(), self.env["PATH"]);
        self.env.insert("PATH".to_owned(), path);
        for (name, file) in [("RUNNER_TEMP", "temp"), ("GITHUB_STEP_SUMMARY", "summary.md")] {
            let place = self.temp.path().join(file);
            self.env.insert(name.to_owned(), place.display().to_string());
        }
        std::fs::create_dir(self.temp.path().join("temp")).unwrap();
        self.env.insert("GITHUB_WORKSPACE".to_owned(), self.repository.path().display().to_string());
        let mut done = Done::default();
        for (number, step) in action["runs"]["steps"].as_array().unwrap().iter().enumerate() {
            if !holds(step["if"].as_str(), &self.contexts, done.failed) {
                continue;
            }
            let name = step["name"].as_str().unwrap().to_owned();
            let ran = if step["uses"].is_null() { self.shell(step, number) } else { self.cache(step) };
            done.failed |= ran.code != 0;
            done.steps.push((name, ran));
        }
        for (name, output) in action["outputs"].as_object().unwrap() {
            done.outputs.insert(name.clone(), filled(output["value"].as_str().unwrap(), &self.contexts));
        }
        done.saved = self.saved;
        done.summary = std::fs::read_to_string(self.temp.path().join("summary.md")).unwrap_or_default();
        done
    }

    fn take_inputs(&mut self, action: &Value, inputs: &[(&str, &str)]) {
        let known = action["inputs"].as_object().unwrap();
        for (name, _) in inputs {
            assert!(known.contains_key(*name), "there is no input {name}");
        }
        for (name, input) in known {
            let given = inputs.iter().find(|(given, _)| given == name).map(|(_, value)| (*value).to_owned());
            let value = given.unwrap_or_else(|| filled(input["default"].as_str().unwrap(), &self.contexts));
            self.contexts.insert(format!("inputs.{name}"), value);
        }
    }

    /// Source: GitHub's documentation, "Workflow syntax", `shell: bash`.
    fn shell(&mut self, step: &Value, number: usize) -> Ran {
        assert_eq!(step["shell"].as_str(), Some("bash"));
        let text = step["run"].as_str().unwrap();
        assert!(!text.contains("${{"), "a value becomes code: {text}");
        let script = self.temp.path().join(format!("{number}.sh"));
        std::fs::write(&script, text).unwrap();
        let outputs = self.temp.path().join(format!("{number}.outputs"));
        std::fs::write(&outputs, "").unwrap();
        let folder = filled(step["working-directory"].as_str().unwrap_or("."), &self.contexts);
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
            .arg(&script)
            .env_clear()
            .envs(&self.env);
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            command.env(name, filled(value.as_str().unwrap(), &self.contexts));
        }
        command
            .env("GITHUB_OUTPUT", &outputs)
            .current_dir(self.repository.path().join(folder))
            .stdin(Stdio::null());
        let ran = Ran::from(command.output().unwrap());
        if let Some(id) = step["id"].as_str() {
            for (name, value) in read_outputs(&std::fs::read_to_string(&outputs).unwrap()) {
                self.contexts.insert(format!("steps.{id}.outputs.{name}"), value);
            }
        }
        ran
    }

    /// Source: the READMEs of `actions/cache/restore` and `actions/cache/save`. `actions/cache` itself saves when the job is over, which is
    /// too late.
    fn cache(&mut self, step: &Value) -> Ran {
        let value = |name: &str| filled(step["with"][name].as_str().unwrap(), &self.contexts);
        let key = value("key");
        let (system, sources) = key.strip_prefix("slipway-Linux-X64-").unwrap().rsplit_once('-').unwrap();
        assert_eq!((system, sources.len()), (self::system().as_str(), 32), "{key}");
        let program = PathBuf::from(value("path")).join("bin/xtask");
        assert!(program.starts_with(self.temp.path()), "{}", program.display());
        match step["uses"].as_str().unwrap().split_once('@').unwrap().0 {
            "actions/cache/restore" => {
                if let Some(cached) = &self.cached {
                    std::fs::copy(cached, &program).unwrap();
                }
                let id = step["id"].as_str().unwrap();
                // A key that is not there at all is no `false` but nothing.
                let hit = if self.cached.is_some() { "true" } else { "" };
                self.contexts.insert(format!("steps.{id}.outputs.cache-hit"), hit.to_owned());
            }
            "actions/cache/save" => self.saved = Some(std::fs::read(&program).unwrap()),
            other => panic!("{other} is not known here"),
        }
        Ran { code: 0, stdout: String::new(), stderr: String::new() }
    }
}

/// What tells this system from others. Source: os-release(5).
fn system() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap();
    let value = |name: &str| {
        let mut values = text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        values.next().map(|value| value.trim_matches('"').to_owned())
    };
    format!("{}-{}", value("ID").unwrap(), value("VERSION_ID").unwrap_or_else(|| "rolling".to_owned()))
}

fn write_program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
}

/// `NAME=VALUE`, or `NAME<<END`, lines, `END`. Source: GitHub's documentation, "Workflow commands", multiline strings.
fn read_outputs(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines();
    let mut outputs = Vec::new();
    while let Some(line) = lines.next() {
        if let Some((name, end)) = line.split_once("<<") {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.push((name.to_owned(), value.join("\n")));
        } else {
            let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("`{line}` is no output"));
            outputs.push((name.to_owned(), value.to_owned()));
        }
    }
    outputs
}
