//! A package and the record of a run of it, where the real executable runs against the fake.

use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use xtask::model::context::{Checkout, Context, Event, PullRequest};
use xtask::model::gate::{Decision, Mode};
use xtask::model::record::{
    Host, PlanUsed, Run, RunRecord, SettingsUsed, StepRecord, TestsRecord, Tool, VERSION,
};
use xtask::model::step::Status;
use xtask::model::verdict::Verdict;

use crate::environment::kept;
use crate::fake::{Fake, REPOSITORY, zip};

pub(crate) const BOT: &str = "github-actions[bot]";

pub(crate) fn head() -> String {
    "c0ffee00".repeat(5)
}

/// A record of a run for pull request 1.
pub(crate) fn record(run: u64) -> RunRecord {
    let pull_request = PullRequest {
        number: 1,
        action: "synchronize".to_owned(),
        head_sha: head(),
        head_branch: "fix/a b".to_owned(),
        head_repository: Some(REPOSITORY.to_owned()),
        merge_sha: None,
        base_branch: "main".to_owned(),
        base_sha: "0".repeat(40),
        fork: false,
    };
    let host = Host { os: "linux".to_owned(), arch: "x86_64".to_owned(), cpus: 2, rustc: None, cargo: None };
    RunRecord {
        version: VERSION,
        tool: Tool { name: "slipway".to_owned(), version: "0.1.0".to_owned() },
        run: Run {
            id: run.to_string(),
            attempt: 1,
            url: Some(format!("https://github.com/{REPOSITORY}/actions/runs/{run}")),
            started: "2026-01-02T03:04:05Z".to_owned(),
            duration_ms: 1234,
            host,
        },
        settings: SettingsUsed { digest: "0".repeat(64), layers: Vec::new() },
        plan: PlanUsed { digest: "1".repeat(64) },
        context: Context {
            event: Event::PullRequest(pull_request),
            repository: Some(REPOSITORY.to_owned()),
            actor: Some("ada".to_owned()),
            head_sha: Some(head()),
            checkout: Checkout::default(),
        },
        steps: Vec::new(),
        tests: TestsRecord::default(),
        coverage: None,
        images: Vec::new(),
        findings: Vec::new(),
        notes: vec!["@ada should look <!-- slipway:comment v1 -->".to_owned()],
        gates: Vec::new(),
        verdict: Verdict {
            decision: Decision::Pass,
            mode: Mode::Block,
            exit_code: 0,
            reasons: Vec::new(),
            advisories: Vec::new(),
        },
    }
}

/// A step of a run that has ended.
pub(crate) fn step(id: &str, status: Status) -> StepRecord {
    StepRecord {
        id: id.to_owned(),
        title: String::new(),
        needs: Vec::new(),
        status,
        cached: false,
        reason: None,
        excerpt: None,
        commands: Vec::new(),
        started_ms: Some(0),
        duration_ms: 1,
        log: None,
        artifacts: Vec::new(),
    }
}

pub(crate) struct Workspace {
    folder: TempDir,
    env: Vec<(String, String)>,
}

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workspace {
    /// A package, where GitHub is the fake.
    pub(crate) fn new(fake: &Fake) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        std::fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        std::fs::create_dir_all(folder.path().join("src")).unwrap();
        std::fs::write(folder.path().join("src/lib.rs"), "").unwrap();
        let env = kept(&[]).collect();
        Self { folder, env }.env("GITHUB_API_URL", &fake.address()).env("GITHUB_REPOSITORY", REPOSITORY)
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn with(self, record: &RunRecord) -> Self {
        std::fs::create_dir_all(self.path("reports")).unwrap();
        std::fs::write(self.path("reports/run.json"), serde_json::to_string(record).unwrap()).unwrap();
        self
    }

    /// In a workflow, on this event.
    pub(crate) fn on(self, event: &str, payload: &serde_json::Value) -> Self {
        let file = self.path("event.json");
        std::fs::write(&file, payload.to_string()).unwrap();
        let summary = self.path("summary.md");
        self.env("GITHUB_ACTIONS", "true")
            .env("GITHUB_EVENT_NAME", event)
            .env("GITHUB_EVENT_PATH", file.to_str().unwrap())
            .env("GITHUB_SHA", &"f".repeat(40))
            .env("GITHUB_REF", "refs/heads/main")
            .env("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())
    }

    /// A verb, to be started.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.args(args).current_dir(self.folder.path()).env_clear().envs(self.env.clone());
        command
    }

    /// Runs a verb.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let output = self.command(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ran {
            code: output.status.code().unwrap(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }
}

/// What the bot has written.
pub(crate) fn bodies(fake: &Fake) -> Vec<String> {
    fake.state(|state| {
        state.comments.values().filter(|one| one.author == BOT).map(|one| one.body.clone()).collect()
    })
}

/// Run 7 of eve's fork has ended, for this commit.
pub(crate) fn fork_ended(sha: &str, conclusion: &str) -> serde_json::Value {
    json!({
        "action": "completed", "repository": { "full_name": REPOSITORY },
        "workflow_run": {
            "id": 7, "run_attempt": 1, "event": "pull_request", "conclusion": conclusion, "pull_requests": [],
            "head_branch": "fix/a b", "head_sha": sha, "head_repository": { "full_name": "eve/parcels" },
        },
    })
}

/// The archive that a run leaves for its record.
pub(crate) fn packed(record: &RunRecord) -> Vec<u8> {
    zip(&[("run.json", 0o100_644, serde_json::to_string(record).unwrap().as_bytes())])
}
