//! Ctrl-C and SIGTERM in the middle of everything: what was known is reported, and nothing is left behind.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, Started, Tools, Workspace, needs};

const PATIENCE: &str = "[run]\ngrace = '1s'\n";

/// One test that passes and one that hangs, which says so.
const HANGS: &str = "#[test]\nfn a_passes() {}\n\n#[test]\nfn b_hangs() {\n    \
                     std::fs::write(\"hanging\", \"\").unwrap();\n    \
                     std::thread::sleep(std::time::Duration::from_secs(600));\n}\n";

/// A workspace whose processes can be told from all others, and whose temporary files are all in one place.
struct Rough {
    workspace: Workspace,
    temporary: TempDir,
}

impl Rough {
    fn new(source: &str, settings: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let place = temporary.path().to_str().unwrap().to_owned();
        let workspace = Workspace::library(source)
            .file("slipway.toml", &format!("{PATIENCE}{settings}"))
            .env("TMPDIR", &place)
            .env("ROUGH_MARKER", &place);
        Self { workspace, temporary }
    }

    /// Checks all that holds for every interrupted run.
    #[track_caller]
    fn ended(&self, started: Started, since: Instant) -> Value {
        let run: Run = started.end();
        assert!(since.elapsed() < Duration::from_secs(8), "it took {:?}", since.elapsed());
        let run = run.exits(130).says("Inconclusive: ");
        assert_eq!(processes_with(self.temporary.path()), Vec::<String>::new());
        let left: Vec<_> =
            std::fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "left behind: {left:?}\n{}", run.stderr);
        let record = self.workspace.record();
        assert_eq!(record["verdict"]["exit_code"], 130);
        assert_eq!(record["verdict"]["decision"], "inconclusive");
        assert!(record["verdict"]["reasons"].to_string().contains("the run was interrupted"));
        record
    }
}

/// Running processes whose environment holds a text.
fn processes_with(marker: &Path) -> Vec<String> {
    let marker = marker.to_str().unwrap().as_bytes();
    let holds = |path: &Path| {
        std::fs::read(path).is_ok_and(|bytes| bytes.windows(marker.len()).any(|window| window == marker))
    };
    let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let ours = processes.filter(|path| holds(&path.join("environ")));
    ours.map(|path| std::fs::read_to_string(path.join("cmdline")).unwrap_or_default().replace('\0', " "))
        .collect()
}

#[track_caller]
fn status(record: &Value, step: &str) -> String {
    let steps = record["steps"].as_array().unwrap();
    let found = steps.iter().find(|candidate| candidate["id"] == step);
    found.unwrap_or_else(|| panic!("no step {step}"))["status"].as_str().unwrap().to_owned()
}

#[test]
fn a_hanging_test_under_cargo() {
    let rough = Rough::new(
        HANGS,
        "[[steps]]\nname = 'early'\nrun = 'true'\n[[steps]]\nname = 'late'\nneeds = ['test']\nrun = 'true'\n",
    );
    let started = rough.workspace.start_until("hanging", &["ci", "--skip", "lint"]);
    let since = Instant::now();
    started.signal(Signal::INT);
    let record = rough.ended(started, since);
    let statuses =
        ["step.early", "test.suite", "test.doctest", "step.late"].map(|step| status(&record, step));
    assert_eq!(statuses, ["passed", "cancelled", "cancelled", "cancelled"]);
    assert!(rough.workspace.report("junit.xml").contains("a_passes"));
    assert_eq!(record["tests"]["tests"]["passed"], 1);
}

#[test]
fn a_hanging_test_under_nextest() {
    if std::process::Command::new("cargo-nextest").arg("--version").output().is_err() {
        return eprintln!("skipped: cargo-nextest is not installed");
    }
    let mut rough = Rough::new(HANGS, "[test]\nrunner = 'nextest'\n");
    rough.workspace = rough.workspace.tools(Tools::All);
    rough.workspace = rough.workspace.env("TMPDIR", rough.temporary.path().to_str().unwrap());
    let started = rough.workspace.start_until("hanging", &["test"]);
    let since = Instant::now();
    started.signal(Signal::TERM);
    let record = rough.ended(started, since);
    assert_eq!(status(&record, "test.suite"), "cancelled");
    assert!(rough.workspace.report("junit.xml").contains("a_passes"));
}

#[test]
fn a_hanging_build_when_the_terminal_says_so() {
    let rough = Rough::new("//! Demo.\n", "");
    let build = "fn main() {\n    std::fs::write(\"building\", \"\").unwrap();\n    \
                 std::thread::sleep(std::time::Duration::from_secs(600));\n}\n";
    let workspace = rough.workspace.file("build.rs", build);
    let rough = Rough { workspace, ..rough };
    let started = rough.workspace.start_until("building", &["ci", "--skip", "fmt"]);
    let since = Instant::now();
    started.signal_group(Signal::INT);
    let record = rough.ended(started, since);
    let steps = record["steps"].as_array().unwrap();
    assert!(
        steps.iter().all(|step| step["status"] == "cancelled" || step["status"] == "skipped"),
        "{steps:#?}"
    );
}

#[test]
fn a_hanging_doctest_leaves_no_folder() {
    let source = "//! Demo.\n//!\n//! ```\n//! std::fs::write(\"hanging\", \"\").unwrap();\n\
                  //! std::thread::sleep(std::time::Duration::from_secs(600));\n//! ```\n";
    let rough = Rough::new(source, "");
    let started = rough.workspace.start_until("hanging", &["test"]);
    let since = Instant::now();
    started.signal(Signal::INT);
    let record = rough.ended(started, since);
    assert_eq!(status(&record, "test.doctest"), "cancelled");
}

/// One child ignores SIGTERM, another left the group and the session, a third one is an orphan of theirs.
const STUBBORN: &str = "trap '' TERM\nsetsid sh -c 'trap \"\" TERM INT; sleep 601' &\n\
                        (setsid sleep 602 &)\nsh -c 'trap \"\" TERM; sleep 603; sleep 604' &\ntouch hanging\nsleep 605\nsleep 606\n";

fn stubborn(settings: &str) -> Rough {
    needs("setsid", "util-linux");
    let rough =
        Rough::new("", &format!("[[steps]]\nname = 'stubborn'\nrun = '''\n{STUBBORN}'''\n{settings}"));
    let workspace = rough.workspace.tools(Tools::All);
    let workspace = workspace.env("TMPDIR", rough.temporary.path().to_str().unwrap());
    Rough { workspace, ..rough }
}

#[test]
fn a_stubborn_step_is_ended_with_all_its_descendants() {
    for signal in [Signal::INT, Signal::TERM] {
        let rough = stubborn("");
        let started = rough.workspace.start_until("hanging", &["ci", "--only", "step"]);
        let since = Instant::now();
        started.signal(signal);
        let record = rough.ended(started, since);
        assert_eq!(status(&record, "step.stubborn"), "cancelled");
        assert!(since.elapsed() > Duration::from_millis(900), "it had no time to clean up: {record:#}");
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let rough = stubborn("");
    let workspace = rough.workspace.env("SLIPWAY_RUN_GRACE", "1m");
    let rough = Rough { workspace, ..rough };
    let started = rough.workspace.start_until("hanging", &["ci", "--only", "step"]);
    started.signal(Signal::INT);
    std::thread::sleep(Duration::from_millis(300));
    let since = Instant::now();
    started.signal(Signal::INT);
    rough.ended(started, since);
    assert!(since.elapsed() < Duration::from_secs(2), "it took {:?}", since.elapsed());
}

#[test]
fn a_time_limit_ends_all_descendants_too() {
    let rough = stubborn("timeout = '1s'\n[[steps]]\nname = 'other'\nrun = 'true'\n");
    rough.workspace.run(&["ci", "--only", "step"]).exits(1).says("timed out after 1.0 s");
    assert_eq!(processes_with(rough.temporary.path()), Vec::<String>::new());
    assert_eq!(status(&rough.workspace.record(), "step.other"), "passed");
}

#[test]
fn a_signal_before_the_first_step() {
    // Cargo waits for a lock here, so that the signal finds us still asking where we are.
    let rough = Rough::new("", "");
    let tools = tempfile::tempdir().unwrap();
    let cargo = tools.path().join("cargo");
    std::fs::write(&cargo, "#!/bin/sh\n: > asked\nsleep 600\n").unwrap();
    std::fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let workspace = rough.workspace.env("PATH", &path);
    let started = workspace.start_until("asked", &["ci"]);
    started.signal(Signal::INT);
    started.end().exits(130).says("interrupted");
    assert_eq!(processes_with(rough.temporary.path()), Vec::<String>::new());
}

#[test]
fn a_step_that_takes_too_long_takes_nothing_of_another_one_along() {
    needs("setsid", "util-linux");
    let settings = "[[steps]]\nname = \"slow\"\nrun = \"sleep 30\"\ntimeout = \"1s\"\n\n\
                    [[steps]]\nname = \"server\"\nrun = '''\n(setsid sleep 20 & echo $! > pid)\nsleep 3\nkill -0 \"$(cat pid)\"\n'''\n";
    let workspace = Workspace::library("").tools(Tools::All).file("slipway.toml", settings);
    workspace.run(&["ci", "--only", "step"]).exits(1);
    let record = workspace.record();
    let status = |id: &str| {
        let steps = record["steps"].as_array().unwrap();
        steps.iter().find(|step| step["id"] == id).unwrap()["status"].clone()
    };
    assert_eq!((status("step.slow"), status("step.server")), ("failed".into(), "passed".into()));
}
