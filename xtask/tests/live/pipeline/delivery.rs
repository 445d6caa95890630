//! From a run of a pull request to its delivery, as two jobs on two machines: the record goes through GitHub's artifact, the image
//! through a registry, and what comes of it stands on the commit and on the pull request.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use xtask::tools::docker::Engine;

use super::project::{Project, USER, WELL};
use crate::fake::{Fake, REPOSITORY, Run, zip};
use crate::peer::Registry;

const BOT: &str = "github-actions[bot]";

/// Makes runs those of a workflow of our repository.
fn on(project: Project, event: &str, run: &str, payload: &Value) -> Project {
    let file = project.path().join("target").join(format!("{event}.json"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, payload.to_string()).unwrap();
    [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_EVENT_PATH", file.to_str().unwrap()),
        ("GITHUB_REF", "refs/pull/1/merge"),
        ("GITHUB_SHA", &"f".repeat(40)),
        ("GITHUB_REPOSITORY", REPOSITORY),
        ("GITHUB_RUN_ID", run),
        ("GITHUB_RUN_ATTEMPT", "1"),
    ]
    .into_iter()
    .fold(project, Project::env)
}

/// Run 7 of pull request 1 has pushed its image to the registry and left its record with GitHub.
fn after_ci(project: Project) -> (Project, Fake) {
    let commit = project.commit_id();
    let side =
        |branch: &str, sha: &str| json!({ "ref": branch, "sha": sha, "repo": { "full_name": REPOSITORY } });
    let payload = json!({
        "action": "synchronize", "number": 1,
        "pull_request": { "head": side("fix/a b", &commit), "base": side("main", &"0".repeat(40)) },
    });
    let project = on(project, "pull_request", "7", &payload);
    project.run(&["ci", "--skip", "lint,test,coverage"]).exits(0);
    let fake = Fake::start();
    fake.state(|state| {
        state.pulls.get_mut(&1).unwrap().head_sha.clone_from(&commit);
        state.runs.insert(7, Run { head_sha: commit, ..Run::default() });
    });
    let record = fs::read(project.path().join("reports/run.json")).unwrap();
    fake.leave(7, zip(&[("run.json", 0o100_644, &record)]));
    (project, fake)
}

/// Another machine, after that run.
fn trusted(project: &Project, fake: &Fake) -> Project {
    let payload = json!({
        "action": "completed", "repository": { "full_name": REPOSITORY },
        "workflow_run": {
            "id": 7, "run_attempt": 1, "event": "pull_request", "conclusion": "success", "pull_requests": [],
            "head_branch": "fix/a b", "head_sha": project.commit_id(),
            "head_repository": { "full_name": REPOSITORY },
        },
    });
    on(project.cloned(), "workflow_run", "8", &payload)
        .env(("GITHUB_API_URL", &fake.address()))
        .env(("GITHUB_TOKEN", "ghs_bot"))
}

fn states(fake: &Fake) -> Vec<(String, String)> {
    fake.state(|state| {
        state.statuses.iter().map(|status| (status.context.clone(), status.state.clone())).collect()
    })
}

/// The only comment.
fn comment(fake: &Fake) -> String {
    fake.state(|state| {
        let mut ours = state.comments.values().filter(|comment| comment.author == BOT);
        let body = ours.next().unwrap().body.clone();
        assert!(ours.next().is_none());
        body
    })
}

fn pair(state: &str) -> (String, String) {
    ("slipway/cd".to_owned(), state.to_owned())
}

pub(crate) fn what_a_run_pushed_is_delivered(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let (project, fake) = after_ci(Project::new(Some(&registry), WELL));
    let digest = project.image()["digest"].as_str().unwrap().to_owned();
    let home = registry.repository("team/app");
    let there = trusted(&project, &fake);
    there.run(&["cd"]).exits(0).says("commented on pull request 1");
    assert_eq!(states(&fake), [pair("pending"), pair("success")]);
    assert_eq!(there.image()["pulled"]["reference"], format!("{home}@{digest}"));
    for id in ["origin", "pull", "check", "smoke"] {
        assert_eq!(there.step(&format!("image.{id}"))["status"], "passed", "{id}");
    }
    let body = comment(&fake);
    for told in [
        " order=ci.7.1 ",
        "<!-- slipway:part delivery -->\n## Delivered: 1 image pulled and run",
        &digest[..19],
        "service 1.0.0",
        "10 of 10 checks hold",
        "/actions/runs/8)",
    ] {
        assert!(body.contains(told), "{told}\n---\n{body}");
    }
    assert!(!body.contains(USER.1) && !body.contains("ghs_bot"), "{body}");
    // What the run came to is put above it, whoever was first, and stays when the delivery is told again.
    there.run(&["comment"]).exits(0).says("updated the comment on pull request 1");
    let both = comment(&fake);
    assert!(both.contains("\n## Passed: ") && both.contains("\n## Delivered: "), "{both}");
    there.run(&["cd", "--run-id", "7"]).exits(0);
    assert!(comment(&fake).contains("\n## Passed: "), "{}", comment(&fake));
}

pub(crate) fn a_moved_tag_is_not_delivered(_: &Engine) {
    let registry = Registry::start(&[USER]);
    let (project, fake) = after_ci(Project::new(Some(&registry), WELL));
    let home = registry.repository("team/app");
    let (user, password) = USER;
    let [tagged, other] = [format!("sha-{}", project.commit_id()), "other".to_owned()];
    let credentials = format!("{user}:{password}");
    let copy = |from: &str, to: &str, more: &[&str]| {
        let [from, to] = [from, to].map(|tag| format!("docker://{home}:{tag}"));
        let args = ["copy", "--src-tls-verify=false", "--dest-tls-verify=false"];
        let login = ["--src-creds", &credentials, "--dest-creds", &credentials];
        let output =
            Command::new("skopeo").args(args).args(login).args(more).args([from, to]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    // The same image in another format has another digest.
    copy(&tagged, &other, &["--format", "v2s2"]);
    copy(&other, &tagged, &["--preserve-digests"]);
    let there = trusted(&project, &fake);
    there.run(&["cd"]).exits(1).says("and the run says that it pushed sha256:");
    assert_eq!(states(&fake), [pair("pending"), pair("failure")]);
    assert_ne!(there.step("image.pull")["status"], "passed");
    assert!(comment(&fake).contains("## Not delivered: "), "{}", comment(&fake));
}
