//! `cargo xtask cd --run-id`: which runs and records are refused before anything is pulled. What is delivered for real is in
//! `tests/live`.
#![cfg(feature = "docker")]

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use serde_json::json;
use xtask::model::gate::{Decision, Mode};
use xtask::model::image::{ImageRecord, Pushed};
use xtask::model::record::RunRecord;

use crate::fake::{Fake, REPOSITORY, Run, What};
use crate::project::{Ran, Workspace, bodies, head, packed, record};

/// A record of a run that has pushed an image to this place.
fn pushed(repository: &str) -> RunRecord {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let image = ImageRecord {
        name: "a".to_owned(),
        repository: Some(repository.to_owned()),
        digest: Some(digest.clone()),
        pushed: Some(Pushed { digest, ..Pushed::default() }),
        ..ImageRecord::default()
    };
    RunRecord { images: vec![image], ..record(7) }
}

/// GitHub after run 7, which left this record.
fn after(run: Run, record: &RunRecord) -> Fake {
    let fake = Fake::start();
    fake.state(|state| state.runs.insert(7, run));
    fake.leave(7, packed(record));
    fake
}

/// A workspace whose image is kept in a registry that nobody answers for.
fn workspace(fake: &Fake) -> Workspace {
    let workspace = Workspace::new(fake).env("GITHUB_TOKEN", "ghs_bot");
    std::fs::write(workspace.path("src/main.rs"), "fn main() {}").unwrap();
    let settings = "[[images]]\nname = \"a\"\nrepository = \"127.0.0.1:9/ada/parcels\"\n";
    std::fs::write(workspace.path("slipway.toml"), settings).unwrap();
    workspace
}

fn deliver(fake: &Fake, args: &[&str]) -> Ran {
    workspace(fake).run(&[&["cd"], args].concat())
}

const HOME: &str = "127.0.0.1:9/ada/parcels";

#[test]
fn runs_that_are_not_delivered_are_refused_with_the_reason() {
    for (run, told) in [
        (Run { conclusion: Some("failure"), ..Run::default() }, "run 7 ended with failure"),
        (Run { conclusion: None, ..Run::default() }, "run 7 has not ended"),
        (Run { head_repository: "eve/parcels", ..Run::default() }, "nothing of a fork is delivered"),
        (
            Run { repository: "eve/parcels", head_repository: "eve/parcels", ..Run::default() },
            "is one of eve/parcels",
        ),
        (Run { head_sha: "1".repeat(40), ..Run::default() }, "the run was of 1111"),
    ] {
        let fake = after(run, &pushed(HOME));
        let ran = deliver(&fake, &["--run-id", "7"]);
        assert!(ran.code == 2 && ran.stderr.contains(told), "{told}\n{}", ran.stderr);
        assert!(fake.log().iter().all(|asked| asked.starts_with("GET")), "{told}");
    }
}

#[test]
fn records_that_do_not_fit_are_refused_with_the_reason() {
    let mut contradicting = pushed(HOME);
    contradicting.verdict.exit_code = 1;
    let mut reporting = pushed(HOME);
    (reporting.verdict.mode, reporting.verdict.decision) = (Mode::ReportOnly, Decision::Fail);
    let mut twice = pushed(HOME);
    twice.images.push(twice.images[0].clone());
    let mut odd = pushed(HOME);
    odd.images[0].digest = Some("sha256:x".to_owned());
    let mut other = pushed(HOME);
    other.context.repository = Some("eve/trap".to_owned());
    for (record, told) in [
        (record(7), "run 7 pushed no image"),
        (reporting, "run 7 only reports, and its verdict is fail"),
        (pushed("ghcr.io/eve/trap"), "the record names an image in ghcr.io/eve/trap"),
        (contradicting, "its record says that it did not"),
        (twice, "two images"),
        (odd, "an image that cannot be"),
        (other, "the reports are of eve/trap"),
    ] {
        let fake = after(Run::default(), &record);
        let ran = deliver(&fake, &["--run-id", "7"]);
        assert!(ran.code == 2 && ran.stderr.contains(told), "{told}\n{}", ran.stderr);
        assert!(fake.log().iter().all(|asked| asked.starts_with("GET")), "{told}");
    }
}

#[test]
fn a_registry_that_does_not_answer_is_a_failed_delivery_and_the_commit_says_so() {
    let fake = after(Run::default(), &pushed(HOME));
    let ran = deliver(&fake, &["--run-id", "7"]);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    let states: Vec<_> = fake.state(|state| {
        let own = state.statuses.iter().filter(|one| one.sha == head() && one.context == "slipway/cd");
        own.map(|one| one.state.clone()).collect()
    });
    assert_eq!(states, ["pending", "error"]);
    let body = &bodies(&fake)[0];
    assert!(body.contains("<!-- slipway:part delivery -->\n## Delivery inconclusive: "), "{body}");
    assert!(body.contains("order=ci.7.1 ") && body.contains("image.origin"), "{body}");
}

#[test]
fn a_pull_request_that_moved_on_is_not_told_of_an_old_commit() {
    let fake = after(Run::default(), &pushed(HOME));
    fake.state(|state| state.pulls.get_mut(&1).unwrap().head_sha = "1".repeat(40));
    let ran = deliver(&fake, &["--run-id", "7"]);
    assert_eq!((ran.code, fake.state(|state| state.statuses.len())), (3, 2), "{}", ran.stderr);
    assert_eq!(bodies(&fake), [""; 0]);
}

/// Run 7 of this repository has ended.
fn ended(conclusion: &str) -> serde_json::Value {
    json!({
        "action": "completed", "repository": { "full_name": REPOSITORY },
        "workflow_run": {
            "id": 7, "run_attempt": 1, "event": "push", "conclusion": conclusion, "pull_requests": [],
            "head_branch": "main", "head_sha": head(), "head_repository": { "full_name": REPOSITORY },
        },
    })
}

#[test]
fn a_workflow_after_a_run_that_pushed_nothing_has_nothing_to_do() {
    let fake = after(Run::default(), &record(7));
    let ran = workspace(&fake).on("workflow_run", &ended("success")).run(&["cd"]);
    let told = "::notice title=No delivery::run 7 pushed no image: there is nothing to deliver";
    assert!(ran.code == 0 && ran.stderr.contains(told), "{}", ran.stderr);
    assert!(fake.log().iter().all(|asked| asked.starts_with("GET")));
}

#[test]
fn several_pull_requests_of_one_commit_are_told_and_none_is_commented_on() {
    let fake = after(Run { event: "push", ..Run::default() }, &pushed(HOME));
    fake.state(|state| {
        let other = state.pulls[&1].clone();
        state.pulls.insert(2, other);
    });
    let ran = deliver(&fake, &["--run-id", "7"]);
    assert!(ran.stderr.contains("several pull requests propose the commit: 1, 2"), "{}", ran.stderr);
    assert_eq!(bodies(&fake), [""; 0]);
}

#[test]
fn a_delivery_that_somebody_ends_does_not_stay_pending() {
    // A registry that takes connections and never answers.
    let registry = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let home = format!("{}/ada/parcels", registry.local_addr().unwrap());
    let fake = after(Run::default(), &pushed(&home));
    let workspace = workspace(&fake);
    let settings = format!("[[images]]\nname = \"a\"\nrepository = \"{home}\"\n");
    std::fs::write(workspace.path("slipway.toml"), settings).unwrap();
    let mut child = workspace
        .command(&["cd", "--run-id", "7"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // Whoever connects is the delivery, which is under way then.
    let held = registry.accept().unwrap();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    drop((held, registry));
    let ended = child.wait().unwrap();
    let states: Vec<_> = fake.state(|state| state.statuses.iter().map(|one| one.state.clone()).collect());
    assert_eq!((ended.code(), states), (Some(130), vec!["pending".to_owned(), "error".to_owned()]));
}

#[test]
fn a_token_that_may_only_read_is_told_and_changes_no_verdict() {
    let fake = after(Run::default(), &pushed(HOME));
    fake.state(|state| state.users.get_mut("ghs_bot").unwrap().may_write = false);
    let ran = deliver(&fake, &["--run-id", "7"]);
    assert!(ran.code == 3 && ran.stderr.contains("the token may not set statuses"), "{}", ran.stderr);
    assert!(ran.stderr.contains("image.origin"), "{}", ran.stderr);
}

#[test]
fn who_has_attested_it_is_asked_when_somebody_may_ask() {
    let fake = after(Run::default(), &pushed(HOME));
    fake.fault("GET", "/attestations/", 1, What::Answer(403, Vec::new(), "{}".to_owned()));
    let ran = deliver(&fake, &["--run-id", "7", "--dry-run"]);
    assert!(ran.stdout.contains("the job needs `attestations: read`"), "{}", ran.stdout);
    fake.state(|state| state.attested.insert(format!("sha256:{}", "ab".repeat(32)), 1));
    let ran = deliver(&fake, &["--run-id", "7", "--dry-run"]);
    let verified = format!("gh attestation verify oci://{HOME}@sha256:abab");
    let missing = "gh is not installed";
    assert!(ran.stdout.contains(&verified) || ran.stdout.contains(missing), "{}", ran.stdout);
}

#[test]
fn what_githubs_program_says_of_an_attested_image_counts() {
    for (code, status) in [(0, "passed"), (1, "failed")] {
        // The commit of a pull request is not the merge that its images are built from.
        let (event, built) = match code {
            0 => ("push", format!(" --source-digest {}", head())),
            _ => ("pull_request", String::new()),
        };
        let fake = after(Run { event, ..Run::default() }, &pushed(HOME));
        let digest = format!("sha256:{}", "ab".repeat(32));
        fake.state(|state| state.attested.insert(digest.clone(), 1));
        let workspace = workspace(&fake);
        std::fs::create_dir(workspace.path("bin")).unwrap();
        let gh = workspace.path("bin/gh");
        std::fs::write(&gh, format!("#!/bin/sh\necho \"$@\"\nexit {code}\n")).unwrap();
        std::fs::set_permissions(&gh, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", workspace.path("bin").display(), std::env::var("PATH").unwrap());
        let workspace = workspace.env("PATH", &path);
        workspace.run(&["cd", "--run-id", "7"]);
        let record = std::fs::read(workspace.path("reports/run.json")).unwrap();
        let record: RunRecord = serde_json::from_slice(&record).unwrap();
        let step = |id: &str| record.steps.iter().find(|step| step.id == id).unwrap();
        assert_eq!(step("image.provenance").status.word(), status);
        assert_ne!(step("image.pull").status.word(), "passed");
        let log = std::fs::read_to_string(workspace.path("reports/logs/image.provenance.log")).unwrap();
        let asked = format!("\nattestation verify oci://{HOME}@{digest} --repo {REPOSITORY}{built}\n");
        assert!(log.contains(&asked), "{log}");
    }
}

#[test]
fn a_dry_run_shows_the_steps_and_writes_nothing() {
    let fake = after(Run::default(), &pushed(HOME));
    let ran = deliver(&fake, &["--run-id", "7", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for told in ["image.origin", "image.provenance", "nobody has attested", "image.pull", "image.smoke"] {
        assert!(ran.stdout.contains(told), "{told}\n{}", ran.stdout);
    }
    assert!(fake.log().iter().all(|asked| asked.starts_with("GET")));
}

#[test]
fn the_run_of_the_event_is_delivered_without_a_flag() {
    let fake = after(Run { conclusion: Some("failure"), ..Run::default() }, &pushed(HOME));
    let workspace =
        Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").on("workflow_run", &ended("failure"));
    let ran = workspace.run(&["cd"]);
    assert!(ran.code == 2 && ran.stderr.contains("run 7 ended with failure"), "{}", ran.stderr);
    let ran = Workspace::new(&fake).run(&["cd"]);
    assert!(ran.code == 2 && ran.stderr.contains("nobody says which image"), "{}", ran.stderr);
}
