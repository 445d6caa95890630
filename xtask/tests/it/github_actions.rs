//! GitHub Actions: the context of every event, groups that close, annotations, outputs, and text from strangers that
//! stays text.

use std::collections::BTreeMap;
use std::path::Path;

use rustix::process::Signal;
use serde_json::Value;

use crate::support::{Run, Workspace};

const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// Makes a run of a workspace one of a workflow.
fn on(workspace: Workspace, event: &str, git_ref: &str, payload: &str) -> Workspace {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/github");
    let of = |name: &str| workspace.path().join(name).to_str().unwrap().to_owned();
    let (summary, output) = (of("step-summary.md"), of("step-output"));
    workspace
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_NAME", event)
        .env("GITHUB_EVENT_PATH", fixtures.join(format!("{payload}.json")).to_str().unwrap())
        .env("GITHUB_REF", git_ref)
        .env("GITHUB_SHA", SHA)
        .env("GITHUB_REPOSITORY", "Codertocat/Hello-World")
        .env("GITHUB_ACTOR", "octocat")
        .env("GITHUB_SERVER_URL", "https://github.example")
        .env("GITHUB_RUN_ID", "4711")
        .env("GITHUB_RUN_ATTEMPT", "3")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .env("GITHUB_OUTPUT", &output)
}

fn pushed(source: &str, settings: &str) -> Workspace {
    let workspace = Workspace::library(source).file("slipway.toml", settings);
    on(workspace, "push", "refs/heads/master", "push_branch")
}

const ONE: &str = "[[steps]]\nname = 'x'\nrun = 'true'\n";

fn steps(workspace: &Workspace) -> Run {
    workspace.run(&["ci", "--only", "step"])
}

/// What GitHub's runner does with a log: the commands that it takes, in order.
/// Source: `src/Runner.Common/ActionCommand.cs` and `src/Runner.Worker/ActionCommandManager.cs` of actions/runner.
fn commands(log: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut stopped: Option<String> = None;
    for line in log.lines() {
        let line = line.trim();
        if let Some(token) = &stopped {
            if line == format!("::{token}::") {
                stopped = None;
            }
            continue;
        }
        if let Some((name, data)) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")) {
            let name = name.split(' ').next().unwrap().to_owned();
            if name == "stop-commands" {
                stopped = Some(data.to_owned());
            } else {
                found.push((name, line.to_owned()));
            }
        } else if let Some(place) = line.find("##[") {
            found.push(("old".to_owned(), line[place..].to_owned()));
        }
    }
    assert_eq!(stopped, None, "commands stay off at the end");
    found
}

/// Checks that groups open and close in turn, and gives the other commands.
#[track_caller]
fn outside_of_groups(log: &str) -> Vec<(String, String)> {
    let mut open = 0;
    let mut others = Vec::new();
    for (name, line) in commands(log) {
        match name.as_str() {
            "group" => open += 1,
            "endgroup" => open -= 1,
            _ => others.push((name, line)),
        }
        assert!((0..=1).contains(&open), "groups in groups:\n{log}");
    }
    assert_eq!(open, 0, "a group stays open:\n{log}");
    others
}

/// What later steps of the workflow see. Source: GitHub docs, "Workflow commands", multiline strings.
fn outputs(workspace: &Workspace) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(workspace.path().join("step-output")).unwrap();
    let (mut lines, mut found) = (text.lines(), BTreeMap::new());
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").unwrap();
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        found.insert(name.to_owned(), value.join("\n"));
    }
    found
}

#[test]
fn every_event_is_told_in_the_record() {
    for (event, git_ref, payload, expected) in [
        (
            "push",
            "refs/heads/master",
            "push_branch",
            r#"{"kind":"push-branch","branch":"master","default_branch":true}"#,
        ),
        ("push", "refs/tags/v1", "push_tag", r#"{"kind":"push-tag","tag":"v1"}"#),
        (
            "pull_request",
            "refs/pull/2/merge",
            "pull_request",
            r#"{"kind":"pull-request","number":2,"fork":false}"#,
        ),
        (
            "pull_request",
            "refs/pull/2/merge",
            "pull_request_fork",
            r#"{"kind":"pull-request","fork":true,"head_repository":"stranger/Hello-World"}"#,
        ),
        (
            "merge_group",
            "refs/heads/gh-readonly-queue/main/pr-104-9",
            "merge_group",
            r#"{"kind":"merge-group","pull_request":104}"#,
        ),
        (
            "workflow_run",
            "refs/heads/master",
            "workflow_run",
            r#"{"kind":"workflow-run","run_id":1589141559,"fork":true}"#,
        ),
        ("schedule", "refs/heads/master", "schedule", r#"{"kind":"schedule","cron":"30 5 * * 1"}"#),
        (
            "workflow_dispatch",
            "refs/heads/main",
            "workflow_dispatch",
            r#"{"kind":"workflow-dispatch","git_ref":"refs/heads/main"}"#,
        ),
        ("release", "refs/tags/0.0.1", "release", r#"{"kind":"release","tag":"0.0.1","action":"published"}"#),
    ] {
        let workspace = Workspace::library("").file("slipway.toml", ONE);
        let workspace = on(workspace, event, git_ref, payload);
        steps(&workspace).exits(0);
        let record = workspace.record();
        let expected: BTreeMap<String, Value> = serde_json::from_str(expected).unwrap();
        for (key, value) in expected {
            assert_eq!(record["context"]["event"][&key], value, "{event} {key}");
        }
        assert_eq!(record["context"]["repository"], "Codertocat/Hello-World");
        assert_eq!(record["context"]["actor"], "octocat");
        assert_eq!((&record["run"]["id"], &record["run"]["attempt"]), (&"4711".into(), &3.into()));
        assert_eq!(record["run"]["url"], "https://github.example/Codertocat/Hello-World/actions/runs/4711");
    }
}

#[test]
fn an_event_that_is_unknown_dangerous_or_without_its_file_runs_nothing() {
    for (event, payload, says) in [
        ("issue_comment", "push_branch", "the event `issue_comment` is not known"),
        ("pull_request_target", "pull_request_fork", "the event `pull_request_target` is refused"),
        ("push", "push_deleted", "there is nothing to build"),
        ("push", "no-such-file", "needs the file in GITHUB_EVENT_PATH"),
        ("release", "push_branch", "not a payload of `release`"),
    ] {
        let workspace = Workspace::library("").file("slipway.toml", ONE);
        let workspace = on(workspace, event, "refs/heads/main", payload);
        steps(&workspace).exits(2).says(says).says("\nhint: ");
        assert!(!workspace.path().join("reports/run.json").exists());
    }
}

#[test]
fn groups_close_also_when_steps_mix_fail_and_print_commands() {
    let workspace = pushed(
        "",
        "[[steps]]\nname = 'a'\nrun = 'for i in 1 2 3; do echo ::group::mine $i; sleep 0.05; done; exit 1'\n\
         [[steps]]\nname = 'b'\nrun = 'for i in 1 2 3; do echo ::endgroup::; sleep 0.05; done'\n\
         [[steps]]\nname = 'c'\nneeds = ['a']\nrun = 'true'\n",
    );
    let run = steps(&workspace).exits(1);
    let others = outside_of_groups(&run.stderr);
    assert!(others.iter().all(|(name, _)| name == "error"), "{others:?}");
    assert!(
        run.stderr.contains("::group::step.a failed\n") && run.stderr.contains("::group::step.b passed\n")
    );
}

#[test]
fn groups_close_when_the_run_is_interrupted() {
    let workspace =
        pushed("", "[run]\ngrace = '1s'\n[[steps]]\nname = 'x'\nrun = 'echo said; : > here; sleep 600'\n");
    let started = workspace.start_until("here", &["ci", "--only", "step"]);
    started.signal(Signal::INT);
    let run = started.end().exits(130);
    outside_of_groups(&run.stderr);
    assert!(run.stderr.contains("::group::step.x cancelled\n"));
}

#[test]
fn annotations_are_few_and_what_is_left_out_is_counted() {
    let tests: Vec<String> =
        (0..30).map(|test| format!("#[test]\nfn t{test}() {{\n    panic!(\"no {test}\");\n}}\n")).collect();
    let workspace = pushed(&format!("//! Demo.\n\n{}", tests.join("\n")), "");
    let run = workspace.run(&["test"]).exits(1);
    let others = outside_of_groups(&run.stderr);
    let count = |level: &str| others.iter().filter(|(name, _)| name == level).count();
    assert_eq!((count("error"), count("warning"), count("notice")), (10, 0, 1), "{others:#?}");
    assert_eq!(others.len(), 11);
    // Tests run side by side, so any of them may be the first.
    let placed = others.iter().filter(|(_, line)| {
        line.contains("file=src/lib.rs,line=") && line.contains(",title=test failed%3A t")
    });
    assert_eq!(placed.count(), 10, "{others:#?}");
    assert!(others.last().unwrap().1.contains("21 more"), "{others:?}");
}

#[test]
fn the_summary_is_appended_and_the_outputs_read_back() {
    let workspace =
        pushed("", ONE).file("step-summary.md", "somebody else's\n").file("step-output", "theirs<<X\n1\nX\n");
    steps(&workspace).exits(0);
    let summary = std::fs::read_to_string(workspace.path().join("step-summary.md")).unwrap();
    assert!(summary.starts_with("somebody else's\n"));
    assert!(summary.contains("step.x"));
    let outputs = outputs(&workspace);
    for (name, value) in [
        ("theirs", "1"),
        ("verdict", "pass"),
        ("mode", "block"),
        ("exit-code", "0"),
        ("commit", SHA),
        ("reports", "reports"),
    ] {
        assert_eq!(outputs[name], value, "{name}");
    }
}

#[test]
fn a_place_for_outputs_that_cannot_be_written_is_told_and_fails_nothing() {
    let workspace = pushed("", ONE)
        .env("GITHUB_OUTPUT", "/no/such/folder/x")
        .env("GITHUB_STEP_SUMMARY", "/no/such/folder/y");
    steps(&workspace)
        .exits(0)
        .says("note: cannot write /no/such/folder/y")
        .says("note: cannot write /no/such/folder/x");
}

/// What a hostile test prints.
const HOSTILE: &str = r###"//! Demo.

#[test]
fn hostile() {
    let token = std::env::var("DEPLOY_TOKEN").unwrap();
    println!("the token is {token}");
    for line in token.lines() {
        println!("a line of it: {line}");
    }
    println!("::error::forged");
    println!("  ::add-mask::e");
    println!("##[error]forged too");
    println!("::stop-commands::pwned");
    println!("\u{1b}]0;title\u{7}\u{1b}[31mred");
    println!("<script>alert(1)</script> ![x](http://evil.example/x.png) @everyone");
    panic!("\n::error::forged in the cause\n::set-output name=verdict::pass\n##[warning]{token}");
}
"###;

#[test]
fn what_a_test_prints_is_neither_a_command_nor_a_secret() {
    let (first, second) = ("first-line-of-the-secret", "second-line-of-the-secret");
    for extra in [&[][..], &["--verbose"], &["--quiet"], &["--message-format", "json"]] {
        let workspace = pushed(HOSTILE, "").env("DEPLOY_TOKEN", &format!("{first}\n{second}"));
        let run = workspace.run(&[&["test"], extra].concat()).exits(1);
        let log = format!("{}{}", run.stderr, run.stdout);
        let mut others = outside_of_groups(&log);
        let masks: Vec<String> =
            others.extract_if(.., |(name, _)| name == "add-mask").map(|(_, line)| line).collect();
        for line in [first, second] {
            assert!(masks.contains(&format!("::add-mask::{line}")), "{masks:?}");
        }
        assert!(masks.iter().all(|mask| mask.len() > "::add-mask::".len() + 6), "{masks:?}");
        for (name, line) in &others {
            let ours = name == "error"
                && (line.contains("title=test failed") || line.contains("title=gate test.failed"));
            assert!(ours, "forged with {extra:?}: {line}");
        }
        let unmasked = log.lines().filter(|line| !line.starts_with("::add-mask::"));
        assert!(!unmasked.collect::<String>().contains("-line-of-the-secret"), "{log}");
        assert!(!log.contains('\u{1b}'));
        let reports = workspace.path().join("reports");
        for entry in ["run.json", "summary.md", "index.html", "junit.xml", "logs/test.suite.log"] {
            let text = std::fs::read_to_string(reports.join(entry)).unwrap();
            assert!(!text.contains("-line-of-the-secret"), "{entry}");
            if entry.ends_with("html") {
                assert!(!text.contains("<script>alert"), "{entry}");
            }
        }
        let summary = std::fs::read_to_string(workspace.path().join("step-summary.md")).unwrap();
        assert!(!summary.contains("-line-of-the-secret"));
        assert_eq!(outputs(&workspace)["verdict"], "fail");
    }
}
