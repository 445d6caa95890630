//! `cargo xtask status` as a gate job runs it.

use serde_json::json;
use xtask::model::finding::{Finding, Level, Location};
use xtask::model::gate::{Decision, Mode};
use xtask::model::record::RunRecord;
use xtask::model::step::Status;

use crate::fake::{Fake, REPOSITORY, Scanning, What};
use crate::project::{Workspace, fork_ended, head, record, step};

/// Pull request 1 has changed.
fn proposed() -> serde_json::Value {
    let side = |branch: &str| json!({ "ref": branch, "sha": head(), "repo": { "full_name": REPOSITORY } });
    json!({
        "action": "synchronize", "number": 1, "pull_request": { "head": side("fix/a b"), "base": side("main") },
    })
}

fn workspace(fake: &Fake, token: &str) -> Workspace {
    Workspace::new(fake).env("GITHUB_TOKEN", token).env("GITHUB_RUN_ID", "7").on("pull_request", &proposed())
}

/// A run that failed, with a finding.
fn failed() -> RunRecord {
    let mut record = record(7);
    record.verdict.decision = Decision::Fail;
    record.verdict.exit_code = 1;
    let mut finding = Finding::new("lint.clippy", "clippy::x", Level::Error, "it is odd");
    finding.location = Some(Location::at("src/lib.rs", 3, 5));
    record.findings = vec![finding];
    record.steps = vec![step("lint.clippy", Status::Failed)];
    record
}

/// Context, state, description and page of the only status.
fn status(fake: &Fake) -> [String; 4] {
    fake.state(|state| {
        let [one] = &state.statuses[..] else { panic!("{:?}", state.statuses) };
        assert_eq!(one.sha, head());
        let page = one.target_url.clone().unwrap_or_default();
        [one.context.clone(), one.state.clone(), one.description.clone(), page]
    })
}

#[test]
fn the_verdict_becomes_the_status_and_the_exit_code() {
    let fake = Fake::start();
    let ran = workspace(&fake, "ghs_bot").with(&record(7)).run(&["status"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let page = format!("https://github.com/{REPOSITORY}/actions/runs/7");
    assert_eq!(status(&fake), ["slipway/ci", "success", "Passed: nothing was judged", &page]);
    assert_eq!(ran.stderr, "slipway/ci is success: Passed: nothing was judged\n");
    let fake = Fake::start();
    let ran = workspace(&fake, "ghs_bot").with(&failed()).run(&["status", "--message-format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(
        (ran.code, &told["state"], &told["verdict"]["decision"]),
        (1, &json!("failure"), &json!("fail"))
    );
    let mut advisory = failed();
    (advisory.verdict.mode, advisory.verdict.exit_code) = (Mode::ReportOnly, 0);
    let fake = Fake::start();
    assert_eq!(workspace(&fake, "ghs_bot").with(&advisory).run(&["status"]).code, 0);
    assert_eq!(status(&fake)[1..3], ["success", "Failed: nothing was judged; report-only"]);
}

#[test]
fn other_jobs_count_as_much_as_the_run() {
    for (needs, code, state, told) in [
        (r#"{"check": {"result": "success"}}"#, 0, "success", "Passed"),
        (
            r#"{"check": {"result": "success"}, "beta": {"result": "failure"}}"#,
            1,
            "failure",
            "the job `beta` failed",
        ),
        (r#"{"check": {"result": "cancelled"}}"#, 1, "error", "the job `check` was cancelled"),
        (r#"{"check": {"result": "skipped"}}"#, 1, "error", "the job `check` was skipped"),
    ] {
        let fake = Fake::start();
        let ran = workspace(&fake, "ghs_bot").env("SLIPWAY_NEEDS", needs).with(&record(7)).run(&["status"]);
        let [_, found, line, _] = status(&fake);
        assert_eq!((ran.code, found.as_str()), (code, state), "{needs}: {}", ran.stderr);
        assert!(line.contains(told), "{line}");
    }
}

#[test]
fn what_cannot_be_read_is_never_a_pass() {
    for needs in ["{", "{}", "null", r#"{"a": {"result": "fine"}}"#] {
        let fake = Fake::start();
        let ran = workspace(&fake, "ghs_bot").env("SLIPWAY_NEEDS", needs).with(&record(7)).run(&["status"]);
        assert!(ran.code == 2 && ran.stderr.contains("${{ toJSON(needs) }}"), "{}", ran.stderr);
        assert_eq!(fake.log(), [""; 0]);
    }
}

#[test]
fn without_a_record_the_other_jobs_tell_but_nothing_passes() {
    let fake = Fake::start();
    let ran = workspace(&fake, "ghs_bot").run(&["status"]);
    assert!(ran.code == 2 && ran.stderr.contains("reports/run.json"), "{}", ran.stderr);
    let with = |end: &str| {
        let fake = Fake::start();
        let needs = format!(r#"{{"check": {{"result": "{end}"}}}}"#);
        let ran = workspace(&fake, "ghs_bot").env("SLIPWAY_NEEDS", &needs).run(&["status"]);
        (ran.code, status(&fake)[1].clone())
    };
    assert_eq!(with("failure"), (1, "failure".to_owned()));
    assert_eq!(with("success"), (1, "error".to_owned()));
}

#[test]
fn a_run_that_only_reports_and_reported_nothing_is_no_pass_either() {
    for (end, state) in [("success", "error"), ("failure", "failure")] {
        let fake = Fake::start();
        let needs = format!(r#"{{"check": {{"result": "{end}"}}}}"#);
        let workspace = workspace(&fake, "ghs_bot").env("SLIPWAY_NEEDS", &needs);
        let ran = workspace.env("SLIPWAY_MODE", "report-only").run(&["status"]);
        let [_, found, line, _] = status(&fake);
        assert_eq!((ran.code, found.as_str()), (1, state), "{}", ran.stderr);
        assert!(line.contains("No run left a record"), "{line}");
    }
}

#[test]
fn reports_of_another_commit_are_refused() {
    let fake = Fake::start();
    let ran = workspace(&fake, "ghs_bot").with(&record(7)).run(&["status", "--sha", &"1".repeat(40)]);
    assert!(ran.code == 2 && ran.stderr.contains("the reports are of commit c0ffee00"), "{}", ran.stderr);
    let mut other = record(7);
    other.context.head_sha = Some("2".repeat(40));
    let ran = workspace(&fake, "ghs_bot").with(&other).run(&["status"]);
    assert!(ran.code == 2 && ran.stderr.contains("the reports are of commit 2222"), "{}", ran.stderr);
    let ran = workspace(&fake, "ghs_bot").with(&record(7)).run(&["status", "--sha", "c0ffee"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert_eq!(fake.log(), [""; 0]);
}

#[test]
fn after_another_run_github_knows_better_than_the_record() {
    let fake = Fake::start();
    let strange = |record: &RunRecord| {
        let workspace = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(record);
        workspace.on("workflow_run", &fork_ended(&head(), "failure")).run(&["status", "--from", "reports"])
    };
    let ran = strange(&record(7));
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(status(&fake)[1], "failure", "whatever the record says");
    let mut other = record(7);
    other.context.repository = Some("mallory/parcels\r::add-mask::a".to_owned());
    let ran = strange(&other);
    assert_ne!(ran.code, 0);
    assert!(ran.stderr.contains("mallory") && !ran.stderr.contains('\r'), "{}", ran.stderr);
}

#[test]
fn a_check_and_findings_are_added_when_asked_for() {
    let fake = Fake::start();
    // It was known at once what became of them.
    fake.state(|state| state.looks = 2);
    let ran = workspace(&fake, "ghs_bot").with(&failed()).run(&["status", "--check", "--sarif"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("made a check run with 1 remark"), "{}", ran.stderr);
    assert!(ran.stderr.contains("code scanning has taken the findings of 1 step"), "{}", ran.stderr);
    fake.state(|state| {
        let check = state.checks.values().next().unwrap();
        assert_eq!(
            (&check.body["conclusion"], &check.body["external_id"]),
            (&json!("failure"), &json!("ci.7.1"))
        );
        assert_eq!(check.annotations[0]["path"], json!("src/lib.rs"));
        assert_eq!(state.sarifs[0]["ref"], json!("refs/pull/1/head"));
        assert_eq!(state.sarifs[0]["commit_sha"], json!(head()));
    });
}

#[test]
fn a_job_that_is_run_again_makes_a_check_of_its_own() {
    let fake = Fake::start();
    let ends = |attempt: &str, end: &str| {
        let needs = format!(r#"{{"beta": {{"result": "{end}"}}}}"#);
        let workspace = workspace(&fake, "ghs_bot").env("SLIPWAY_NEEDS", &needs).with(&record(7));
        workspace.env("GITHUB_RUN_ATTEMPT", attempt).run(&["status", "--check"]).code
    };
    // The record is that of the first attempt: its job passed then, and was not run again.
    assert_eq!((ends("1", "failure"), ends("2", "success"), ends("2", "success")), (1, 0, 0));
    let told: Vec<_> = fake.state(|state| {
        let words = ["external_id", "conclusion"];
        state.checks.values().map(|it| words.map(|word| it.body[word].as_str().unwrap().to_owned())).collect()
    });
    assert_eq!(told, [["ci.7.1", "failure"], ["ci.7.2", "success"]]);
}

#[test]
fn what_cannot_be_added_to_a_status_changes_no_verdict() {
    let wrong = || What::Answer(422, Vec::new(), r#"{"message": "Validation Failed"}"#.to_owned());
    for (place, title) in [("/check-runs", "No check"), ("/code-scanning/sarifs", "No findings")] {
        let fake = Fake::start();
        fake.fault("POST", place, 1, wrong());
        let ran = workspace(&fake, "ghs_bot").with(&failed()).run(&["status", "--check", "--sarif"]);
        assert_eq!((ran.code, status(&fake)[1].as_str()), (1, "failure"), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("::notice title={title}::the status is set")), "{}", ran.stderr);
        assert!(ran.stderr.contains("Validation Failed"), "{}", ran.stderr);
    }
}

#[test]
fn without_code_scanning_the_files_stay_and_it_is_said_why() {
    let fake = Fake::start();
    fake.state(|state| state.scanning = Scanning::Off);
    let ran = workspace(&fake, "ghs_bot").with(&failed()).run(&["status", "--sarif"]);
    assert_eq!(ran.code, 1, "the verdict stays: {}", ran.stderr);
    assert!(ran.stderr.contains("the SARIF files stay in the artifact"), "{}", ran.stderr);
    assert!(ran.stderr.contains("Advanced Security must be enabled"), "{}", ran.stderr);
}

#[test]
fn a_token_that_may_only_read_leaves_a_notice_and_the_verdict() {
    for (record, code) in [(record(7), 0), (failed(), 1)] {
        let fake = Fake::start();
        let ran = workspace(&fake, "ghs_fork").with(&record).run(&["status", "--check", "--sarif"]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert!(
            ran.stderr.contains("::notice title=No status::the token may not do all of it"),
            "{}",
            ran.stderr
        );
        assert!(fake.state(|state| state.statuses.is_empty() && state.checks.is_empty()));
    }
}

#[test]
fn a_dry_run_tells_what_would_be_set() {
    let fake = Fake::start();
    let ran = workspace(&fake, "ghs_bot").with(&failed()).run(&["status", "--dry-run"]);
    assert_eq!((ran.code, fake.log().len()), (1, 0));
    assert_eq!(ran.stdout, format!("slipway/ci failure on {}: Failed: nothing was judged\n", head()));
}
