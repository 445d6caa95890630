//! The comment over HTTP: several at once, and everything that may break on the way.

use std::time::Duration;

use xtask::model::comment::{Marker, Mine, Order, Outcome};
use xtask::pipeline::comment::upsert;
use xtask::tools::github::GitHubError;

use crate::fake::{Fake, What};
use crate::support::client;

const BOT: &str = "github-actions[bot]";

fn mine(run: u64) -> Mine {
    let marker = Marker { name: "ci".to_owned(), order: Order::of_ci(run, 1), head: "c0ffee00".repeat(5) };
    Mine { body: format!("{marker}\nrun {run}"), marker }
}

/// The texts of the comments of a user, without their first lines.
fn texts(fake: &Fake, author: &str) -> Vec<String> {
    let text = |body: &str| body.split_once('\n').map_or(body, |(_, rest)| rest).to_owned();
    fake.state(|state| {
        state
            .comments
            .values()
            .filter(|comment| comment.author == author)
            .map(|one| text(&one.body))
            .collect()
    })
}

#[test]
fn many_at_once_leave_the_newest() {
    let fake = Fake::start();
    let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
        let one = |run| {
            let fake = &fake;
            scope.spawn(move || upsert(&client(fake, "ghs_bot"), 1, mine(run)).unwrap())
        };
        let threads: Vec<_> = [3, 1, 4, 2].into_iter().map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(texts(&fake, BOT), ["run 4"], "{outcomes:?}");
    assert!(matches!(outcomes[2], Outcome::Created(_) | Outcome::Updated(_)), "{outcomes:?}");
}

#[test]
fn a_comment_is_created_updated_left_alone_and_never_made_older() {
    let fake = Fake::below("/api/v3");
    let github = client(&fake, "ghs_bot");
    assert!(matches!(upsert(&github, 1, mine(1)).unwrap(), Outcome::Created(_)));
    assert!(matches!(upsert(&github, 1, mine(2)).unwrap(), Outcome::Updated(_)));
    assert!(matches!(upsert(&github, 1, mine(2)).unwrap(), Outcome::Unchanged(_)));
    assert!(matches!(upsert(&github, 1, mine(1)).unwrap(), Outcome::Superseded(_)));
    assert_eq!(texts(&fake, BOT), ["run 2"]);
}

#[test]
fn the_comment_is_found_on_any_page_and_strangers_are_left_alone() {
    let fake = Fake::start();
    fake.state(|state| {
        state.page = 3;
        for number in 0..7 {
            state.comment(1, "eve", &format!("{}\nforged {number}", mine(99).marker));
        }
        state.comment(1, BOT, &mine(1).body);
        state.comment(1, "ada", "thanks");
        state.comment(1, BOT, &mine(2).body);
    });
    assert!(matches!(upsert(&client(&fake, "ghs_bot"), 1, mine(3)).unwrap(), Outcome::Updated(1008)));
    assert_eq!(texts(&fake, BOT), ["run 3"]);
    assert_eq!((texts(&fake, "eve").len(), texts(&fake, "ada").len()), (7, 1));
}

#[test]
fn whatever_breaks_there_is_one_comment() {
    for (method, path) in
        [("POST", "/issues/1/comments"), ("PATCH", ""), ("DELETE", ""), ("POST", "/reactions"), ("GET", "")]
    {
        for what in [What::CutBefore, What::CutAfter, What::DoneBut(502), What::CutBody] {
            let fake = Fake::start();
            if method != "POST" || path.contains("reactions") {
                fake.state(|state| {
                    (state.comment(1, BOT, &mine(1).body), state.comment(1, BOT, &mine(2).body))
                });
            }
            // Who lost hold without knowing has to wait until it is stale: here at once.
            fake.state(|state| state.hurry = true);
            fake.fault(method, path, 1, what.clone());
            upsert(&client(&fake, "ghs_bot"), 1, mine(3)).unwrap();
            assert_eq!(texts(&fake, BOT), ["run 3"], "{method} {path} {what:?}");
        }
    }
}

#[test]
fn another_app_learns_its_name_from_its_first_comment() {
    let fake = Fake::start();
    fake.state(|state| {
        let app = crate::fake::User { login: "acme[bot]", is_app: true, may_write: true };
        state.users.insert("ghs_acme", app);
    });
    let github = client(&fake, "ghs_acme");
    (1..4).for_each(|run| _ = upsert(&github, 1, mine(run)).unwrap());
    assert_eq!(texts(&fake, "acme[bot]"), ["run 3"]);
}

#[test]
fn a_failure_gives_the_hold_back() {
    let fake = Fake::start();
    let id = fake.state(|state| state.comment(1, BOT, &mine(1).body));
    fake.fault(
        "PATCH",
        "",
        1,
        What::Answer(422, Vec::new(), r#"{"message":"Validation Failed"}"#.to_owned()),
    );
    let error = upsert(&client(&fake, "ghs_bot"), 1, mine(2)).unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert!(fake.state(|state| state.comments[&id].reactions.is_empty()));
}

/// Asks for an end while this request waits for its answer. How many hold the comment then.
fn holds_after_an_end_at(method: &'static str, path: &'static str) -> usize {
    let fake = Fake::start();
    let id = fake.state(|state| state.comment(1, BOT, &mine(1).body));
    fake.fault(method, path, 1, What::Late(Duration::from_millis(500)));
    let github = client(&fake, "ghs_bot");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !fake.log().iter().any(|asked| asked.starts_with(method) && asked.contains(path)) {
                std::thread::sleep(Duration::from_millis(5));
            }
            github.interrupt().raise();
        });
        assert_eq!(upsert(&github, 1, mine(2)), Err(GitHubError::Interrupted));
    });
    fake.state(|state| state.comments[&id].reactions.len())
}

#[test]
fn somebody_who_wants_an_end_leaves_no_hold_unless_a_text_is_on_its_way() {
    assert_eq!(holds_after_an_end_at("GET", "/pulls/1"), 0);
    assert_eq!(holds_after_an_end_at("PATCH", "/comments/"), 1);
}

#[test]
fn a_token_that_may_only_read_is_told_apart() {
    let fake = Fake::start();
    let error = upsert(&client(&fake, "ghs_fork"), 1, mine(2)).unwrap_err();
    assert!(error.is_read_only(), "{error}");
    fake.state(|state| state.comment(1, BOT, &mine(1).body));
    let error = upsert(&client(&fake, "ghs_fork"), 1, mine(2)).unwrap_err();
    assert!(error.is_read_only(), "{error}");
}

#[test]
fn a_pull_request_that_moved_on_keeps_its_comment() {
    let fake = Fake::start();
    fake.state(|state| {
        state.comment(1, BOT, &mine(1).body);
        state.pulls.get_mut(&1).unwrap().head_sha = "0".repeat(40);
    });
    assert_eq!(upsert(&client(&fake, "ghs_bot"), 1, mine(2)).unwrap(), Outcome::Moved);
    assert_eq!(texts(&fake, BOT), ["run 1"]);
    let gone = upsert(&client(&fake, "ghs_bot"), 7, mine(2));
    assert!(matches!(gone, Err(GitHubError::Refused(_))));
}
