//! `cargo xtask comment` against the last good run of the base branch.

use serde_json::json;
use xtask::model::context::Event;
use xtask::model::finding::{Finding, Level, Location};
use xtask::model::record::{RunRecord, TestsRecord};
use xtask::model::step::Status;
use xtask::model::test::{TestCase, TestKind, TestOutcome};

use crate::fake::{Artifact, Fake, REPOSITORY, Run, What, zip};
use crate::project::{Ran, Workspace, bodies, fork_ended, head, packed, record, step};

const HEADING: &str = "### Against `main` ([`1ce01ce01c`](https://github.com/ada/parcels/actions/runs/5))\n";

fn base_head() -> String {
    "1ce0".repeat(10)
}

/// Run 5 on the base branch, older than run 7 of the pull request.
fn on_main() -> Run {
    Run { event: "push", head_sha: base_head(), head_branch: "main".to_owned(), ..Run::default() }
}

/// A run in which clippy and the tests came to their end.
fn ended(mut record: RunRecord, findings: &[(&str, u32)], failing: &str) -> RunRecord {
    let finding = |(message, line): &(&str, u32)| {
        let place = Location::at("src/lib.rs", *line, 1);
        Finding::new("lint.clippy", "clippy::all", Level::Warning, *message).at(place)
    };
    let case = |name: &str| TestCase {
        name: name.to_owned(),
        package: "a".to_owned(),
        binary: "a".to_owned(),
        kind: TestKind::Test,
        outcome: if name == failing { TestOutcome::Failed } else { TestOutcome::Passed },
        duration_ms: None,
        message: None,
        output: String::new(),
        earlier: Vec::new(),
    };
    record.steps = ["lint.clippy", "test.suite"].map(|id| step(id, Status::Passed)).into();
    record.findings = findings.iter().map(finding).collect();
    record.tests = TestsRecord::of(["one", "two"].map(case).into());
    record
}

fn of_main() -> RunRecord {
    let mut record = record(5);
    record.context.event = Event::PushBranch { branch: "main".to_owned(), default_branch: Some(true) };
    record.context.head_sha = Some(base_head());
    record.run.duration_ms = 1000;
    ended(record, &[("an old one", 3), ("one that goes", 4)], "")
}

/// The same finding elsewhere, another one, and a test that fails.
fn proposed() -> RunRecord {
    ended(record(7), &[("an old one", 30), ("a fresh one", 4)], "two")
}

/// GitHub with run 7 for the pull request, and run 5 on the base branch with this archive.
fn github(archive: Vec<u8>) -> Fake {
    let fake = Fake::start();
    fake.state(|state| state.runs = [(5, on_main()), (7, Run::default())].into());
    fake.leave(5, archive);
    fake
}

fn comment(fake: &Fake) -> Ran {
    Workspace::new(fake).env("GITHUB_TOKEN", "ghs_bot").with(&proposed()).run(&["comment"])
}

/// The comment of a run that succeeds all the same.
fn commented(fake: &Fake) -> String {
    let ran = comment(fake);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "commented on pull request 1\n"));
    bodies(fake).remove(0)
}

/// The comment without any comparison, which gives this reason.
fn not_compared(fake: &Fake, why: &str) {
    let body = commented(fake);
    assert!(body.contains(&format!("\nNot compared with `main`: {why}.\n")), "{why}\n{body}");
    assert!(!body.contains("### Against") && !body.contains("**new**"), "{body}");
    assert!(body.contains("## Passed"), "the verdict stays: {body}");
}

#[test]
fn a_new_finding_is_told_and_an_old_one_is_not() {
    let fake = github(packed(&of_main()));
    let body = commented(&fake);
    let (_, rest) = body.split_once(HEADING).unwrap_or_else(|| panic!("{body}"));
    assert!(
        rest.starts_with(
            "\n- tests: 1 newly failing\n  - `a two` fails\n- findings: 1 new, 1 gone\n\
             - time: 1.2 s, 0.23 s longer\n"
        ),
        "{rest}"
    );
    assert!(rest.contains("### 2 findings: 2 warnings, 1 new\n"), "{rest}");
    let new = rest.find("- **new** warning `clippy::all` at `src/lib.rs:4:1`: a fresh one\n").unwrap();
    let old = rest.find("\n- warning `clippy::all` at `src/lib.rs:30:1`: an old one\n").unwrap();
    assert!(new < old && !rest.contains("one that goes"), "{rest}");
}

#[test]
fn the_newest_good_push_of_the_same_workflow_is_taken() {
    let fake = github(packed(&of_main()));
    fake.state(|state| {
        let others = [
            Run { workflow: 4, ..on_main() },
            Run { event: "schedule", ..on_main() },
            Run { conclusion: Some("failure"), ..on_main() },
            Run { head_branch: "release".to_owned(), ..on_main() },
            Run { head_repository: "eve/parcels", ..on_main() },
        ];
        state.runs.extend((20..).zip(others));
        state.runs.insert(4, on_main());
    });
    assert!(commented(&fake).contains(HEADING));
}

#[test]
fn a_list_that_is_not_what_was_asked_for_is_not_believed() {
    let fake = github(packed(&of_main()));
    let run = |id: u64, workflow: u64, branch: &str| {
        json!({
            "id": id, "workflow_id": workflow, "event": "push", "conclusion": "success", "head_branch": branch,
            "head_sha": base_head(), "html_url": "", "repository": { "full_name": REPOSITORY },
            "head_repository": { "full_name": REPOSITORY },
        })
    };
    let list = json!({ "workflow_runs": [run(5, 4, "main"), run(5, 3, "fix/a b")] }).to_string();
    fake.fault("GET", "/actions/workflows/3/runs", 1, What::Answer(200, Vec::new(), list));
    not_compared(&fake, "its workflow has not succeeded there after a push");
}

#[test]
fn without_a_good_run_it_says_so() {
    let fake = github(packed(&of_main()));
    fake.state(|state| _ = state.runs.remove(&5));
    not_compared(&fake, "its workflow has not succeeded there after a push");
}

#[test]
fn an_artifact_that_is_missing_or_has_expired_is_no_failure() {
    let fake = github(packed(&of_main()));
    fake.state(|state| state.artifacts.get_mut(&5).unwrap().truncate(1));
    not_compared(&fake, "the artifact `run-stable` of run 5 is not there");
    let fake = github(packed(&of_main()));
    fake.state(|state| {
        let expired = |artifact: Artifact| Artifact { is_expired: true, ..artifact };
        let all = state.artifacts.remove(&5).unwrap();
        state.artifacts.insert(5, all.into_iter().map(expired).collect());
    });
    not_compared(&fake, "the artifact `run-stable` of run 5 has expired");
}

#[test]
fn a_token_that_may_not_read_runs_is_no_failure() {
    let why = "the token may not read the runs of workflows, for which it needs `actions: read`";
    for path in ["/actions/runs/7", "/actions/workflows/3/runs"] {
        let fake = github(packed(&of_main()));
        let refused = r#"{"message":"Resource not accessible by integration"}"#.to_owned();
        fake.fault("GET", path, 9, What::Answer(403, Vec::new(), refused));
        not_compared(&fake, why);
    }
}

#[test]
fn a_record_that_cannot_be_read_is_no_failure() {
    let mut older = serde_json::to_value(of_main()).unwrap();
    older["version"] = json!(0);
    let mut more = serde_json::to_value(of_main()).unwrap();
    more["markdown"] = json!(null);
    let mut other = of_main();
    other.context.head_sha = Some(head());
    let text = |text: &[u8]| zip(&[("run.json", 0o100_644, text)]);
    for (archive, why) in [
        (text(older.to_string().as_bytes()), "version 0, and this toolkit reads version 1"),
        (text(more.to_string().as_bytes()), "a field that no run record has"),
        (text(b"[]"), "it is not a run record"),
        (b"<html>".to_vec(), "no sound zip archive"),
        (packed(&other), "the record of run 5 is of another commit than the run"),
    ] {
        let fake = github(archive);
        let body = commented(&fake);
        let told = body.lines().find(|line| line.starts_with("Not compared with `main`: ")).unwrap();
        assert!(told.contains(why) && !body.contains("### Against"), "{why}\n{body}");
    }
}

#[test]
fn a_record_that_names_another_run_chooses_no_workflow() {
    let fake = github(packed(&of_main()));
    fake.state(|state| state.runs.get_mut(&7).unwrap().head_sha = "1".repeat(40));
    not_compared(&fake, "run 7, which the reports name, was of another commit");
    let fake = github(packed(&of_main()));
    let mut local = proposed();
    local.context.event = Event::Local;
    let ran =
        Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&local).run(&["comment", "--pr", "1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let told = "Not compared with `main`: this was not a run on GitHub, so it has no workflow to look for.\n";
    assert!(bodies(&fake)[0].contains(told), "{}", bodies(&fake)[0]);
}

#[test]
fn a_github_in_trouble_costs_the_comparison_alone() {
    let fake = github(packed(&of_main()));
    fake.fault("GET", "/actions/workflows/3/runs", 9, What::Answer(502, Vec::new(), String::new()));
    let body = commented(&fake);
    assert!(
        body.contains("Not compared with `main`: GET /repos/ada/parcels/actions/workflows/3/runs"),
        "{body}"
    );
}

#[test]
fn a_hostile_record_of_the_base_does_nothing() {
    let title =
        "@everyone <!-- slipway:part delivery -->\n::error::x\n[a](https://evil.example) ".repeat(9_999);
    let mut hostile = of_main();
    for finding in &mut hostile.findings {
        (finding.step, finding.rule, finding.message) = (title.clone(), title.clone(), title.clone());
    }
    hostile.steps[0].id.clone_from(&title);
    hostile.notes = vec![title.clone()];
    hostile.run.duration_ms = u64::MAX;
    let fake = github(packed(&hostile));
    let body = commented(&fake);
    assert!(body.contains(HEADING) && body.matches("<!--").count() == 1, "{body}");
    assert!(body.contains("those of 1 step (`lint.clippy`) are not compared"), "{body}");
    assert!(!body.contains("everyone") && !body.contains("evil"), "{body}");
    assert!(body.len() <= 60_000, "{}", body.len());
}

#[test]
fn a_fork_is_compared_after_its_workflow_without_asking_for_its_run_twice() {
    let fake = github(packed(&of_main()));
    fake.state(|state| {
        state.pulls.get_mut(&1).unwrap().head_repository = Some("eve/parcels".to_owned());
        state.runs.insert(7, Run { head_repository: "eve/parcels", ..Run::default() });
    });
    fake.leave(7, packed(&proposed()));
    let workspace = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot");
    let ran = workspace.on("workflow_run", &fork_ended(&head(), "success")).run(&["comment"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let body = &bodies(&fake)[0];
    assert!(body.contains(HEADING) && body.contains("the pull request's own run"), "{body}");
    let asked = fake.log();
    assert_eq!(asked.iter().filter(|asked| asked.ends_with("/actions/runs/7")).count(), 1, "{asked:?}");
}
