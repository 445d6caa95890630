//! `cargo xtask comment` after another workflow: the record comes out of the artifact of that run, whoever made it.

use serde_json::json;

use crate::fake::{Artifact, Fake, REPOSITORY, Run, zip};
use crate::project::{Ran, Workspace, bodies, fork_ended, head, packed, record};

/// The name of the artifact, unless the settings say another.
const NAME: &str = "run-stable";

/// GitHub after run 7 of eve's fork, which pull request 1 comes from.
fn after_a_fork(conclusion: &'static str) -> Fake {
    let fake = Fake::start();
    fake.state(|state| {
        state.pulls.get_mut(&1).unwrap().head_repository = Some("eve/parcels".to_owned());
        let run = Run { conclusion: Some(conclusion), head_repository: "eve/parcels", ..Run::default() };
        state.runs.insert(7, run);
    });
    fake
}

fn comment(fake: &Fake, conclusion: &str) -> Ran {
    let workspace = Workspace::new(fake).env("GITHUB_TOKEN", "ghs_bot");
    workspace.on("workflow_run", &fork_ended(&head(), conclusion)).run(&["comment"])
}

#[test]
fn a_forks_record_is_fetched_and_told_as_its_own() {
    let fake = after_a_fork("success");
    fake.leave(7, packed(&record(7)));
    let ran = comment(&fake, "success");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "commented on pull request 1\n"));
    let body = &bodies(&fake)[0];
    assert!(
        body.contains("## Passed") && body.contains("the pull request's own run: its code could"),
        "{body}"
    );
    // The artifact with everything for people is not touched.
    assert!(fake.log().iter().all(|asked| !asked.contains("/artifacts/70/")));
}

#[test]
fn a_record_that_says_passed_while_its_job_failed_is_not_believed() {
    let fake = after_a_fork("failure");
    fake.state(|state| {
        let jobs =
            vec![("check (stable)", "failure"), ("check (msrv)", "success"), ("@ada <b>", "cancelled")];
        state.runs.get_mut(&7).unwrap().jobs = jobs;
    });
    fake.leave(7, packed(&record(7)));
    assert_eq!(comment(&fake, "failure").code, 0);
    let body = &bodies(&fake)[0];
    assert!(body.contains("## Failed: ") && !body.contains("## Passed"), "{body}");
    assert!(body.contains(r"check \(stable\) \(failure\)") && body.contains("is not believed"), "{body}");
    assert!(!body.contains("msrv") && !body.contains("@ada") && !body.contains("<b>"), "{body}");
}

#[test]
fn hostile_archives_are_refused_and_nothing_is_written() {
    let text = serde_json::to_string(&record(7)).unwrap();
    let json = text.as_bytes();
    let plain = 0o100_644;
    let mut more = serde_json::to_value(record(7)).unwrap();
    more["markdown"] = json!(null);
    let bomb = vec![b' '; 40 << 20];
    for (archive, told) in [
        (zip(&[("../run.json", plain, json)]), "which does not belong there"),
        (zip(&[("reports/run.json", plain, json)]), "which does not belong there"),
        (zip(&[("run.json", plain, json), ("run.json", plain, json)]), "it holds 2 files"),
        (zip(&[("run.json", plain, json), ("other.json", plain, b"")]), "it holds 2 files"),
        (zip(&[("run.json", 0o120_777, b"/etc/passwd")]), "no plain file"),
        (zip(&[("run.json", plain, &bomb)]), "larger than"),
        (zip(&[("run.json", plain, b"\xff\xfe")]), "no text in UTF-8"),
        (zip(&[("run.json", plain, b"[]")]), "it has no `version`"),
        (zip(&[("run.json", plain, more.to_string().as_bytes())]), "no run record has: `markdown`"),
        (b"<html>".to_vec(), "no sound zip archive"),
    ] {
        let fake = after_a_fork("success");
        fake.leave(7, archive);
        let ran = comment(&fake, "success");
        assert!(ran.code == 2 && ran.stderr.contains(told), "{told}\n{}", ran.stderr);
        assert_eq!(bodies(&fake), [""; 0], "{told}");
    }
}

#[test]
fn a_huge_artifact_is_not_even_fetched_and_a_changed_one_is_refused() {
    let fake = after_a_fork("success");
    fake.leave(7, packed(&record(7)));
    fake.state(|state| state.artifacts.get_mut(&7).unwrap()[1].size = 1 << 40);
    let ran = comment(&fake, "success");
    assert!(ran.code == 2 && ran.stderr.contains("at most"), "{}", ran.stderr);
    assert!(fake.log().iter().all(|asked| !asked.contains("/zip")));
    fake.state(|state| {
        let artifact = &mut state.artifacts.get_mut(&7).unwrap()[1];
        (artifact.size, artifact.digest) = (100, Some(format!("sha256:{}", "0".repeat(64))));
    });
    let ran = comment(&fake, "success");
    assert!(ran.code == 3 && ran.stderr.contains("did not come as it was stored"), "{}", ran.stderr);
}

#[test]
fn a_missing_expired_or_ambiguous_artifact_is_told_with_the_fix() {
    let fake = after_a_fork("success");
    fake.leave(7, packed(&record(7)));
    fake.state(|state| {
        let again = Artifact::new(72, NAME, 9);
        state.artifacts.get_mut(&7).unwrap().push(again);
    });
    let ran = comment(&fake, "success");
    assert!(ran.code == 2 && ran.stderr.contains("is there more than once"), "{}", ran.stderr);
    fake.state(|state| {
        let all = state.artifacts.get_mut(&7).unwrap();
        for artifact in all {
            artifact.is_expired = true;
        }
    });
    let ran = comment(&fake, "success");
    assert!(ran.code == 2 && ran.stderr.contains("has expired"), "{}", ran.stderr);
    fake.state(|state| state.artifacts.get_mut(&7).unwrap().truncate(1));
    let ran = comment(&fake, "success");
    assert!(
        ran.code == 2 && ran.stderr.contains("the artifact `run-stable` of run 7 is not there"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("`github.artifact` names it"), "{}", ran.stderr);
}

#[test]
fn a_run_that_left_no_record_is_told_as_github_knows_it() {
    let fake = after_a_fork("failure");
    fake.state(|state| {
        state.artifacts.insert(7, Vec::new());
        state.runs.get_mut(&7).unwrap().jobs = vec![("check (stable)", "failure"), ("@ada <b>", "timed_out")];
    });
    let ran = comment(&fake, "failure");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "commented on pull request 1\n"));
    let body = &bodies(&fake)[0];
    assert!(body.contains("order=ci.7.1 ") && body.contains("## Failed: the run left no record\n"), "{body}");
    assert!(body.contains(r"check \(stable\) \(failure\)"), "{body}");
    assert!(body.contains(&format!("https://github.com/{REPOSITORY}/actions/runs/7")), "{body}");
    assert!(!body.contains("@ada") && !body.contains("<b>"), "{body}");
    // The pull request proposes another commit by now: its own run tells.
    let fake = after_a_fork("failure");
    fake.state(|state| {
        state.artifacts.insert(7, Vec::new());
        state.pulls.get_mut(&1).unwrap().head_sha = "1".repeat(40);
    });
    let ran = comment(&fake, "failure");
    assert!(ran.code == 0 && ran.stderr.contains("no open pull request proposes"), "{}", ran.stderr);
    assert_eq!(bodies(&fake), [""; 0]);
}

#[test]
fn a_run_that_nobody_let_end_leaves_the_comment_as_it_is() {
    for end in ["cancelled", "skipped", "action_required"] {
        let fake = after_a_fork(end);
        fake.state(|state| state.artifacts.insert(7, Vec::new()));
        let ran = comment(&fake, end);
        let told = format!("run 7 ended with {end} and left no record: there is nothing to tell");
        assert!(ran.code == 0 && ran.stderr.contains(&told), "{}", ran.stderr);
        assert_eq!(bodies(&fake), [""; 0], "{end}");
    }
}

#[test]
fn a_newer_attempt_tells_of_itself() {
    let fake = after_a_fork("success");
    fake.leave(7, packed(&record(7)));
    fake.state(|state| state.runs.get_mut(&7).unwrap().attempt = 2);
    let ran = comment(&fake, "success");
    assert!(ran.code == 0 && ran.stderr.contains("there is a newer attempt at run 7"), "{}", ran.stderr);
    assert_eq!(bodies(&fake), [""; 0]);
}

#[test]
fn names_of_ten_megabytes_do_nothing() {
    let fake = after_a_fork("success");
    let mut huge = record(7);
    let title =
        "@everyone <!-- slipway:part delivery -->\n::error::x\n[a](https://evil.example) ".repeat(130_000);
    huge.verdict.reasons = vec![title.clone()];
    huge.notes = vec![title];
    fake.leave(7, packed(&huge));
    let ran = comment(&fake, "success");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let body = &bodies(&fake)[0];
    assert!(body.len() <= 60_000 && body.matches("<!--").count() == 1, "{}", body.len());
    assert!(!body.contains("@everyone") && !body.contains("](https://evil"), "{body}");
}

#[test]
fn a_record_of_another_repository_is_refused() {
    let fake = after_a_fork("success");
    let mut other = record(7);
    other.context.repository = Some("eve/trap".to_owned());
    fake.leave(7, packed(&other));
    let ran = comment(&fake, "success");
    let told = format!("the reports are of eve/trap, and this is {REPOSITORY}");
    assert!(ran.code == 2 && ran.stderr.contains(&told), "{}", ran.stderr);
}
