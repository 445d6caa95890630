//! Writing: once, whatever breaks; and again only after a look.

use std::time::{Duration, Instant};

use xtask::model::forge::{CommitStatus, State};
use xtask::tools::github::{GitHubError, Patience};

use crate::fake::{Fake, What};
use crate::support::{QUICK, client, patient};

/// What may happen to a write, and whether it was done.
pub(crate) fn faults() -> [What; 6] {
    let limited = vec![("retry-after", "0".to_owned())];
    [
        What::CutBefore,
        What::CutAfter,
        What::CutBody,
        What::DoneBut(502),
        What::Answer(503, Vec::new(), String::new()),
        What::Answer(403, limited, r#"{"message":"secondary rate limit"}"#.to_owned()),
    ]
}

#[test]
fn a_comment_is_written_once_whatever_breaks() {
    for fault in faults() {
        let fake = Fake::start();
        // A copy by somebody else is not taken for ours, whenever it was written.
        fake.state(|state| state.comment(1, "eve", "hello\n\nworld"));
        fake.fault("POST", "/comments", 1, fault.clone());
        let comment = client(&fake, "ghs_bot")
            .create_comment(1, (0, Some("github-actions[bot]")), "hello\n\nworld")
            .unwrap();
        assert_eq!(
            (comment.author.as_str(), comment.body.as_str()),
            ("github-actions[bot]", "hello\n\nworld")
        );
        assert_eq!(fake.state(|state| state.comments.len()), 2, "{fault:?}");
    }
}

#[test]
fn a_status_is_set_once_whatever_breaks() {
    let sha = "c0ffee00".repeat(5);
    let status = CommitStatus {
        context: "slipway/ci".to_owned(),
        state: State::Success,
        description: "é".repeat(200),
        target_url: Some("https://github.com/ada/parcels/actions/runs/1".to_owned()),
    };
    for fault in faults() {
        let fake = Fake::start();
        fake.fault("POST", "/statuses/", 1, fault.clone());
        let github = client(&fake, "ghs_bot");
        github.set_status(&sha, &CommitStatus { state: State::Pending, ..status.clone() }).unwrap();
        github.set_status(&sha, &status).unwrap();
        let told = github.statuses(&sha).unwrap();
        let all: Vec<State> = told.iter().map(|status| status.state).collect();
        assert_eq!(all, [State::Success, State::Pending], "{fault:?}");
        assert_eq!(told[0].description.chars().count(), 140);
    }
}

#[test]
fn a_new_text_is_put_in_once_and_the_caller_has_to_look() {
    let fake = Fake::start();
    let id = fake.state(|state| state.comment(1, "github-actions[bot]", "old"));
    for fault in faults() {
        fake.fault("PATCH", "/comments/", 1, fault);
        let error = client(&fake, "ghs_bot").update_comment(id, "new").unwrap_err();
        assert!(error.is_unsure(), "{error}");
    }
    assert_eq!(fake.log().len(), 6, "none was repeated");
    client(&fake, "ghs_bot").update_comment(id, "new").unwrap();
    let gone = client(&fake, "ghs_bot").update_comment(999, "new").unwrap_err();
    assert!(gone.is_gone());
}

#[test]
fn to_remove_twice_is_to_remove() {
    for fault in faults() {
        let fake = Fake::start();
        let id = fake.state(|state| state.comment(1, "github-actions[bot]", "old"));
        fake.fault("DELETE", "/comments/", 1, fault);
        let github = client(&fake, "ghs_bot");
        let first = github.delete_comment(id);
        assert!(first.as_ref().err().is_none_or(GitHubError::is_unsure), "{first:?}");
        assert_eq!(fake.log().len(), 1, "it may be the one that counts by now: nobody repeats it blindly");
        github.delete_comment(id).unwrap();
        github.delete_comment(id).unwrap();
        assert_eq!(fake.state(|state| state.comments.len()), 0);
    }
}

#[test]
fn a_reaction_is_a_test_and_set() {
    let fake = Fake::start();
    let id = fake.state(|state| state.comment(1, "ada", "old"));
    let github = client(&fake, "ghs_bot");
    let first = github.react(id).unwrap();
    fake.state(|state| state.clock = chrono::TimeDelta::seconds(200));
    let second = github.react(id).unwrap();
    assert!(first.is_new && !second.is_new && first.id == second.id);
    assert!((199..=202).contains(&second.age.as_secs()), "{:?}", second.age);
    assert!(client(&fake, "ghp_ada").react(id).unwrap().is_new, "one for each user");
    github.take_back(id, first.id).unwrap();
    github.take_back(id, first.id).unwrap();
    assert!(github.react(id).unwrap().is_new);
    assert!(matches!(github.react(999), Err(GitHubError::Refused(_))));
}

#[test]
fn there_is_a_pause_between_two_writes_and_none_before_the_first() {
    let fake = Fake::start();
    let id = fake.state(|state| state.comment(1, "github-actions[bot]", "old"));
    let pause = Duration::from_millis(400);
    let github = patient(&fake, "ghs_bot", Patience { between_writes: pause, ..QUICK });
    let started = Instant::now();
    github.update_comment(id, "new").unwrap();
    github.comments(1).unwrap();
    let first = started.elapsed();
    github.update_comment(id, "newer").unwrap();
    assert!(started.elapsed() >= pause && first < pause, "{first:?}");
}
