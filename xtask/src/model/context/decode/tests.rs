use serde_json::{Value, json};

use super::*;

/// What GitHub sent, cut down to a few keys; see `tests/fixtures/README.md`.
fn recorded(name: &str) -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/github");
    std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap()
}

fn variables(event: &str, git_ref: &str) -> BTreeMap<String, String> {
    [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_REF", git_ref),
        ("GITHUB_SHA", "5fa8c0ffee"),
        ("GITHUB_REPOSITORY", "Codertocat/Hello-World"),
        ("GITHUB_ACTOR", "octocat"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

fn decoded(env: &BTreeMap<String, String>, payload: Option<&str>) -> Result<Context, ContextError> {
    decode(Surroundings { env, payload, checkout: &Checkout::default() })
}

fn context(event: &str, git_ref: &str, payload: &str) -> Context {
    decoded(&variables(event, git_ref), Some(&recorded(payload))).unwrap()
}

fn error(event: &str, git_ref: &str, payload: Option<&str>) -> String {
    decoded(&variables(event, git_ref), payload).unwrap_err().to_string()
}

#[test]
fn outside_ci_git_says_where_we_are() {
    let checkout = Checkout { commit: Some("abc".to_owned()), ..Checkout::default() };
    for value in [None, Some("false"), Some("")] {
        let mut env = variables("push", "refs/heads/main");
        env.remove("GITHUB_ACTIONS");
        env.extend(value.map(|value| ("GITHUB_ACTIONS".to_owned(), value.to_owned())));
        let context = decode(Surroundings { env: &env, payload: None, checkout: &checkout }).unwrap();
        assert_eq!((&context.event, context.head_sha.as_deref()), (&Event::Local, Some("abc")));
        assert_eq!((context.repository, context.actor), (None, None));
    }
}

#[test]
fn a_push_to_a_branch() {
    let context = context("push", "refs/heads/master", "push_branch");
    assert_eq!(context.event, Event::PushBranch { branch: "master".to_owned(), default_branch: Some(true) });
    assert_eq!(context.head_sha.as_deref(), Some("5fa8c0ffee"));
    assert_eq!(context.repository.as_deref(), Some("Codertocat/Hello-World"));
    assert_eq!((context.actor.as_deref(), context.is_fork()), (Some("octocat"), false));
}

#[test]
fn a_push_to_a_branch_with_slashes_that_is_not_the_default_one() {
    let context = context("push", "refs/heads/feature/a/b", "push_branch");
    let branch = "feature/a/b".to_owned();
    assert_eq!(context.event, Event::PushBranch { branch, default_branch: Some(false) });
}

#[test]
fn a_push_that_does_not_name_the_default_branch_leaves_it_open() {
    let context = decoded(&variables("push", "refs/heads/main"), Some("{}")).unwrap();
    assert_eq!(context.event, Event::PushBranch { branch: "main".to_owned(), default_branch: None });
}

#[test]
fn a_push_of_a_tag() {
    let context = context("push", "refs/tags/v1.2.3", "push_tag");
    assert_eq!(context.event, Event::PushTag { tag: "v1.2.3".to_owned() });
}

#[test]
fn a_deletion_is_refused() {
    let said = error("push", "refs/heads/master", Some(&recorded("push_deleted")));
    assert_eq!(
        said,
        "the event `push` is refused: the branch or tag was deleted, so there is nothing to build"
    );
}

fn pull_request(payload: &str) -> (Context, PullRequest) {
    let context = context("pull_request", "refs/pull/2/merge", payload);
    let Event::PullRequest(pull_request) = context.event.clone() else { panic!("{context:?}") };
    (context, pull_request)
}

#[test]
fn a_pull_request_is_judged_by_its_head_and_not_by_its_merge() {
    let (context, pull_request) = pull_request("pull_request");
    assert_eq!(context.head_sha.as_deref(), Some("ec26c3e57ca3a959ca5aad62de7213c562f8c821"));
    assert_eq!(pull_request.merge_sha.as_deref(), Some("5fa8c0ffee"));
    assert_eq!((pull_request.number, pull_request.action.as_str()), (2, "opened"));
    assert_eq!((pull_request.head_branch.as_str(), pull_request.base_branch.as_str()), ("changes", "master"));
    assert!(!pull_request.fork && !context.is_fork());
}

#[test]
fn a_pull_request_from_elsewhere_is_a_fork() {
    let (context, pull_request) = pull_request("pull_request_fork");
    assert!(context.is_fork());
    assert_eq!(pull_request.head_repository.as_deref(), Some("stranger/Hello-World"));
}

#[test]
fn a_pull_request_whose_repository_is_gone_is_a_fork() {
    let (context, pull_request) = pull_request("pull_request_deleted_fork");
    assert!(context.is_fork());
    assert_eq!(pull_request.head_repository, None);
}

#[test]
fn a_merge_queue_names_its_pull_request() {
    let context = context("merge_group", "refs/heads/gh-readonly-queue/main/pr-104-929f", "merge_group");
    let Event::MergeGroup { base_branch, head_sha, pull_request, .. } = &context.event else { panic!() };
    assert_eq!((base_branch.as_str(), *pull_request), ("main", Some(104)));
    assert_eq!(context.head_sha.as_ref(), Some(head_sha));
}

#[test]
fn the_number_in_a_queue_is_found_or_left_out() {
    for (head_ref, number) in [
        ("refs/heads/gh-readonly-queue/release/1.0/pr-7-abc", Some(7)),
        ("refs/heads/gh-readonly-queue/main/pr-x-abc", None),
        ("refs/heads/other", None),
        ("", None),
    ] {
        assert_eq!(queued_pull_request(head_ref), number, "{head_ref}");
    }
}

#[test]
fn a_workflow_that_ended_is_a_fork_when_its_commit_comes_from_elsewhere() {
    let mut payload: Value = serde_json::from_str(&recorded("workflow_run")).unwrap();
    for (head, fork) in [
        (json!({"full_name": "octo-org/octo-repo"}), true),
        (json!({"full_name": "Codertocat/Hello-World"}), false),
        (Value::Null, true),
    ] {
        payload["workflow_run"]["head_repository"] = head;
        let context =
            decoded(&variables("workflow_run", "refs/heads/master"), Some(&payload.to_string())).unwrap();
        assert_eq!(context.is_fork(), fork);
        assert_eq!(context.head_sha.as_deref(), Some("5779607b49aab1200488439f02372c57b4f75444"));
        let Event::WorkflowRun { run_id, run_attempt, conclusion, triggered_by, .. } = context.event else {
            panic!()
        };
        assert_eq!((run_id, run_attempt, conclusion), (1_589_141_559, 1, None));
        assert_eq!(triggered_by, "workflow_dispatch");
    }
}

#[test]
fn a_clock_a_button_and_a_release() {
    let schedule = context("schedule", "refs/heads/master", "schedule").event;
    let (cron, branch) = (Some("30 5 * * 1".to_owned()), "master".to_owned());
    assert_eq!(schedule, Event::Schedule { cron, branch });
    let dispatch = decoded(&variables("workflow_dispatch", "refs/tags/v1"), None).unwrap();
    assert_eq!(dispatch.event, Event::WorkflowDispatch { git_ref: "refs/tags/v1".to_owned() });

    let release = context("release", "refs/tags/0.0.1", "release").event;
    let (action, tag) = ("published".to_owned(), "0.0.1".to_owned());
    assert_eq!(release, Event::Release { action, tag, prerelease: false });
}

#[test]
fn what_is_dangerous_or_unknown_is_refused_by_name() {
    let said = error("pull_request_target", "refs/heads/main", Some(&recorded("pull_request_fork")));
    let reason = "it runs a fork's code with this repository's secrets";
    assert_eq!(said, format!("the event `pull_request_target` is refused: {reason}"));
    assert_eq!(
        error("issue_comment", "refs/heads/main", Some("{}")),
        "the event `issue_comment` is not known"
    );
}

#[test]
fn what_is_missing_is_named() {
    for name in ["GITHUB_EVENT_NAME", "GITHUB_REF", "GITHUB_SHA", "GITHUB_REPOSITORY"] {
        for value in [None, Some(String::new())] {
            let mut env = variables("push", "refs/heads/main");
            env.remove(name);
            env.extend(value.map(|value| (name.to_owned(), value)));
            let said = decoded(&env, Some("{}")).unwrap_err().to_string();
            assert_eq!(said, format!("the variable {name} is not set, though GITHUB_ACTIONS is"));
        }
    }
    let events = ["push", "pull_request", "merge_group", "workflow_run", "schedule", "release"];
    for event in events {
        let said = error(event, "refs/heads/main", None);
        assert_eq!(said, format!("the event `{event}` needs the file in GITHUB_EVENT_PATH"));
    }
}

#[test]
fn a_file_of_another_event_is_told() {
    for event in ["pull_request", "merge_group", "workflow_run", "release"] {
        let said = error(event, "refs/heads/main", Some(&recorded("push_branch")));
        assert!(said.starts_with(&format!("the event file is not a payload of `{event}`: ")), "{said}");
    }
    for broken in ["", "{", "[]", "null"] {
        assert!(
            error("push", "refs/heads/main", Some(broken)).contains("not a payload of `push`"),
            "{broken}"
        );
    }
}

proptest::proptest! {
    #[test]
    fn any_event_file_and_any_reference_are_read_without_a_panic(payload in ".*", git_ref in ".*", event in 0..8usize) {
        let events = [
            "push", "pull_request", "merge_group", "workflow_run", "schedule", "workflow_dispatch", "release", "x",
        ];
        let _ = decoded(&variables(events[event], &git_ref), Some(&payload));
        let _ = queued_pull_request(&git_ref);
    }
}
