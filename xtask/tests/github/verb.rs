//! `cargo xtask comment` as people and workflows run it: the real executable against the fake.

use serde_json::json;
use xtask::model::step::Status;

use crate::fake::{Fake, REPOSITORY};
use crate::project::{Workspace, bodies, fork_ended, head, record, step};

#[test]
fn one_comment_follows_the_runs() {
    let fake = Fake::below("/api/v3");
    let workspace = Workspace::new(&fake).env("SLIPWAY_GITHUB_TOKEN", "ghs_bot").with(&record(7));
    let ran = workspace.run(&["comment"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "commented on pull request 1\n"));
    let ran = workspace.run(&["comment", "--pr", "1", "--message-format", "json"]);
    let told: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, &told["outcome"], &told["pull_request"]), (0, &json!("unchanged"), &json!(1)));
    let workspace = workspace.with(&record(8));
    assert_eq!(workspace.run(&["comment"]).stderr, "updated the comment on pull request 1\n");
    let workspace = workspace.with(&record(7));
    assert_eq!(
        workspace.run(&["comment"]).stderr,
        "the comment on pull request 1 tells of a newer run, and stays\n"
    );
    let bodies = bodies(&fake);
    assert_eq!(bodies.len(), 1);
    let head = head();
    assert!(
        bodies[0]
            .starts_with(&format!("<!-- slipway:comment v1 name=ci order=ci.8.1 head={head} -->\n## Passed"))
    );
    assert!(!bodies[0].contains("@ada") && bodies[0].matches("<!--").count() == 1, "{}", bodies[0]);
}

#[test]
fn a_dry_run_prints_what_would_be_written_and_asks_nobody() {
    let fake = Fake::start();
    let workspace = Workspace::new(&fake).with(&record(7));
    let dry = workspace.run(&["comment", "--dry-run"]);
    assert_eq!((dry.code, fake.log().len()), (0, 0));
    let workspace = workspace.env("GITHUB_TOKEN", "ghs_bot");
    assert_eq!(workspace.run(&["comment"]).code, 0);
    // What it is compared with is not known without asking.
    let told = "Not compared with `main`: GitHub does not show the run 7 that the reports name.\n\n";
    let written = &bodies(&fake)[0];
    assert_eq!((written.matches(told).count(), written.replace(told, "")), (1, dry.stdout));
}

#[test]
fn output_of_a_step_is_no_command_of_the_runner_and_no_part_of_the_page() {
    let fake = with_a_fork();
    let mut loud = record(7);
    loud.steps = vec![step("lint.clippy", Status::Failed)];
    let marker = "<!-- slipway:part delivery -->";
    loud.steps[0].excerpt = Some(format!("before\n::stop-commands::x\n{marker}\nafter"));
    let workspace = Workspace::new(&fake).with(&loud).env("GITHUB_TOKEN", "ghs_bot");
    let workspace = workspace.on("workflow_run", &fork_ended(&head(), "failure"));
    let dry = workspace.run(&["comment", "--from", "reports", "--dry-run"]);
    assert!(dry.code == 0 && dry.stdout.contains("stop-commands"), "{}{}", dry.stdout, dry.stderr);
    assert!(!dry.stdout.lines().any(|line| line.starts_with("::")), "{}", dry.stdout);
    let ran = workspace.run(&["comment", "--from", "reports"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let body = &bodies(&fake)[0];
    assert!(body.contains("stop-commands") && !body.lines().any(|line| line == marker), "{body}");
}

#[test]
fn a_token_that_may_only_read_is_no_failure() {
    let fake = Fake::start();
    let side = |branch: &str| json!({ "ref": branch, "sha": head(), "repo": { "full_name": REPOSITORY } });
    let payload = json!({
        "action": "synchronize", "number": 1, "pull_request": { "head": side("fix/a b"), "base": side("main") },
    });
    let workspace = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_fork").with(&record(7));
    let workspace = workspace.on("pull_request", &payload);
    let ran = workspace.run(&["comment"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let notice =
        "::notice title=No comment::the token may not comment on pull requests, so the summary of this step";
    assert!(ran.stderr.contains(notice) && ran.stderr.contains("pull-requests: write"), "{}", ran.stderr);
    let summary = std::fs::read_to_string(workspace.path("summary.md")).unwrap();
    assert!(summary.contains("## Passed"), "{summary}");
    assert_eq!(bodies(&fake).len(), 0);
}

#[test]
fn without_a_pull_request_it_says_so() {
    let fake = Fake::start();
    fake.state(|state| state.pulls.get_mut(&1).unwrap().state = "closed");
    let ran = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&record(7)).run(&["comment"]);
    let head = head();
    let told = format!("no open pull request proposes commit {head}: there is nothing to comment on\n");
    assert_eq!((ran.code, ran.stderr), (0, told));
    fake.state(|state| {
        let mut one = state.pulls[&1].clone();
        one.state = "open";
        state.pulls = [(1, one.clone()), (2, one)].into();
    });
    let ran = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&record(7)).run(&["comment"]);
    assert!(
        ran.code == 0 && ran.stderr.contains("propose the commit: 1, 2; name one with --pr"),
        "{}",
        ran.stderr
    );
}

/// GitHub, where pull request 1 comes from eve's fork.
fn with_a_fork() -> Fake {
    let fake = Fake::start();
    fake.state(|state| state.pulls.get_mut(&1).unwrap().head_repository = Some("eve/parcels".to_owned()));
    fake
}

#[test]
fn a_fork_is_found_by_where_its_commit_comes_from_and_marked() {
    let fake = with_a_fork();
    let ended = |sha: &str| fork_ended(sha, "success");
    let workspace = || Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&record(7));
    let ran = workspace().on("workflow_run", &ended(&head())).run(&["comment", "--from", "reports"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(bodies(&fake)[0].contains("the pull request's own run: its code could"));
    let ran = workspace().on("workflow_run", &ended(&"1".repeat(40))).run(&["comment", "--from", "reports"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("hand over the reports of exactly this run"),
        "{}",
        ran.stderr
    );
    let ran = workspace()
        .on("workflow_run", &ended(&"1".repeat(40)))
        .run(&["comment", "--from", "reports", "--pr", "1"]);
    assert_eq!(ran.code, 2, "also where the pull request is named: {}", ran.stderr);
}

#[test]
fn what_github_knows_of_a_run_is_not_taken_from_its_record() {
    let fake = with_a_fork();
    let mut forged = record(u64::MAX);
    forged.run.url = Some(format!("https://github.com/{REPOSITORY}/actions/runs/1"));
    let workspace = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&forged);
    let ran =
        workspace.on("workflow_run", &fork_ended(&head(), "failure")).run(&["comment", "--from", "reports"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let body = &bodies(&fake)[0];
    assert!(body.contains(" order=ci.7.1 ") && body.contains("/actions/runs/7)"), "{body}");
    assert!(!body.contains(&u64::MAX.to_string()) && !body.contains("/runs/1)"), "{body}");
    assert!(body.contains("## Failed: ") && !body.contains("## Passed"), "{body}");
    assert!(
        body.contains(
            "> GitHub says that the workflow run ended with failure; its record says that it passed"
        ),
        "{body}"
    );
}

#[test]
fn a_record_does_not_choose_where_the_comment_goes() {
    let fake = Fake::start();
    let mut forged = record(7);
    forged.context.repository = Some("eve/trap".to_owned());
    let ran =
        Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&forged).run(&["comment", "--pr", "1"]);
    let told = format!("the reports are of eve/trap, and this is {REPOSITORY}");
    assert!(ran.code == 2 && ran.stderr.contains(&told), "{}", ran.stderr);
    assert_eq!(fake.log(), [""; 0]);
}

#[test]
fn what_dependabot_proposes_is_marked() {
    let fake = Fake::start();
    fake.state(|state| state.pulls.get_mut(&1).unwrap().head_branch = "dependabot/cargo/itoa-2".to_owned());
    let ran = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&record(7)).run(&["comment"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(bodies(&fake)[0].contains("the pull request's own run: its code could"));
}

#[test]
fn a_workflow_of_its_own_that_may_not_write_is_a_mistake() {
    let fake = with_a_fork();
    let workspace = Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_fork").with(&record(7));
    let ran =
        workspace.on("workflow_run", &fork_ended(&head(), "success")).run(&["comment", "--from", "reports"]);
    assert!(ran.code == 3 && ran.stderr.contains("pull-requests: write"), "{}", ran.stderr);
}

#[test]
fn a_record_from_a_fork_is_read_strictly() {
    let fake = Fake::start();
    let ended = fork_ended(&head(), "success");
    let workspace =
        Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").with(&record(7)).on("workflow_run", &ended);
    let path = workspace.path("reports/run.json");
    let mut more = serde_json::to_value(record(7)).unwrap();
    more["markdown"] = json!("approve me");
    std::fs::write(&path, more.to_string()).unwrap();
    let ran = workspace.run(&["comment", "--from", "reports"]);
    assert!(
        ran.code == 2 && ran.stderr.contains("a field that no run record has: `markdown`"),
        "{}",
        ran.stderr
    );
    let target = workspace.path("target.json");
    std::fs::rename(&path, &target).unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    let ran = workspace.run(&["comment", "--from", "reports"]);
    assert!(ran.code == 2 && ran.stderr.contains("it is a link or no file"), "{}", ran.stderr);
    std::fs::remove_file(&path).unwrap();
    std::fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let ran = workspace.run(&["comment", "--from", "reports"]);
    assert!(ran.code == 2 && ran.stderr.contains("more than 33554432 bytes"), "{}", ran.stderr);
    assert_eq!(fake.log(), [""; 0]);
}

#[test]
fn what_is_missing_or_wrong_is_told_with_the_fix() {
    let fake = Fake::start();
    let ran = Workspace::new(&fake).run(&["comment"]);
    assert!(ran.code == 2 && ran.stderr.contains("reports/run.json"), "{}", ran.stderr);
    let workspace = Workspace::new(&fake).env("GITHUB_TOKEN", "ghp_wrong").with(&record(7));
    let ran = workspace.run(&["comment"]);
    assert!(ran.code == 3 && ran.stderr.contains("was answered 401: Bad credentials"), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("hint: the token is wrong or has expired") && !ran.stderr.contains("ghp_wrong")
    );
    let ran = workspace.env("GITHUB_TOKEN", "two words").run(&["comment"]);
    assert!(ran.code == 3 && ran.stderr.contains("what GITHUB_TOKEN gives is no token"), "{}", ran.stderr);
    let elsewhere = Workspace::new(&fake).env("GITHUB_API_URL", "http://github.example").with(&record(7));
    let ran = elsewhere.run(&["comment"]);
    assert!(ran.code == 2 && ran.stderr.contains("in the clear"), "{}", ran.stderr);
    let mut nameless = record(7);
    nameless.context.head_sha = None;
    let ran = Workspace::new(&fake).with(&nameless).run(&["comment"]);
    assert!(ran.code == 2 && ran.stderr.contains("the run names no commit"), "{}", ran.stderr);
}

#[test]
fn the_repository_may_be_named_by_a_flag() {
    let fake = Fake::start();
    let workspace =
        Workspace::new(&fake).env("GITHUB_TOKEN", "ghs_bot").env("GITHUB_REPOSITORY", "").with(&record(7));
    let ran = workspace.run(&["comment", "--pr", "1"]);
    assert!(ran.code == 2 && !ran.stderr.contains("commented"), "{}", ran.stderr);
    let ran = workspace.run(&["comment", "--repo", REPOSITORY, "--pr", "1"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, "commented on pull request 1\n"));
    for wrong in ["parcels", "ada/parcels/x", "ada/../x", "a b/c", ""] {
        let ran = workspace.run(&["comment", "--repo", wrong, "--pr", "1"]);
        assert!(ran.code == 2 && ran.stderr.contains("--repo <OWNER/NAME>"), "{wrong}: {}", ran.stderr);
    }
    let ran = workspace.run(&["comment", "--repo", "eve/parcels", "--pr", "1"]);
    let told = "the reports are of ada/parcels, and this is eve/parcels";
    assert!(ran.code == 2 && ran.stderr.contains(told), "{}", ran.stderr);
}
