//! Reading: pages, retries, limits, deadlines, and what is told of refusals.

use std::time::{Duration, Instant};

use xtask::kit::secret::Secret;
use xtask::tools::github::{Address, GitHub, GitHubError, Kind, Login, Patience};
use xtask::tools::interrupt::Interrupt;

use crate::fake::{Artifact, Fake, Run, What};
use crate::support::{QUICK, client, patient};

const SECONDARY: &str =
    r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}"#;

#[test]
fn all_pages_are_read_also_below_a_path() {
    for base in ["", "/api/v3"] {
        let fake = Fake::below(base);
        fake.state(|state| {
            state.page = 2;
            (0..5).for_each(|number| _ = state.comment(1, "ada", &format!("comment {number}")));
            state.comment(2, "ada", "elsewhere");
        });
        let comments = client(&fake, "ghs_bot").comments(1).unwrap();
        let texts: Vec<&str> = comments.iter().map(|comment| comment.body.as_str()).collect();
        assert_eq!(texts, ["comment 0", "comment 1", "comment 2", "comment 3", "comment 4"]);
        assert_eq!(fake.log(), vec![format!("GET {base}/repos/ada/parcels/issues/1/comments"); 3]);
    }
}

#[test]
fn what_breaks_is_read_again() {
    let faults = [
        What::Answer(502, Vec::new(), "<html>Bad gateway</html>".to_owned()),
        What::Answer(503, vec![("retry-after", "0".to_owned())], String::new()),
        What::CutBefore,
        What::CutAfter,
        What::CutBody,
    ];
    for fault in faults {
        let fake = Fake::start();
        fake.fault("GET", "/pulls/1", 2, fault.clone());
        let pull_request = client(&fake, "ghs_bot").pull_request(1);
        assert_eq!(pull_request.unwrap().number, 1, "{fault:?}");
        assert_eq!(fake.log().len(), 3, "{fault:?}");
    }
}

#[test]
fn nothing_is_tried_for_ever() {
    let fake = Fake::start();
    fake.fault("GET", "/pulls/1", 99, What::Answer(500, Vec::new(), String::new()));
    let error = client(&fake, "ghs_bot").pull_request(1).unwrap_err();
    assert_eq!(error.to_string(), "GET /repos/ada/parcels/pulls/1 was answered 500 (4 attempts)");
    assert_eq!(fake.log().len(), 4);
    fake.fault("GET", "/comments", 99, What::Late(Duration::from_secs(3)));
    let patience = Patience { request: Duration::from_millis(50), ..QUICK };
    let error = patient(&fake, "ghs_bot", patience).comments(1).unwrap_err();
    assert!(error.to_string().ends_with("got no answer: no whole answer within 0.05 s"), "{error}");
}

#[test]
fn refusals_are_final_and_tell_route_status_message_and_fix() {
    let fake = Fake::start();
    let error = client(&fake, "ghs_bot").pull_request(7).unwrap_err();
    assert_eq!(error.to_string(), "GET /repos/ada/parcels/pulls/7 was answered 404: Not Found");
    assert!(error.is_gone() && error.hint().unwrap().contains("the token must not see it"));
    let error = client(&fake, "ghp_wrong").about().unwrap_err();
    assert_eq!(error.to_string(), "GET /repos/ada/parcels was answered 401: Bad credentials");
    let error = client(&fake, "ghs_fork").create_comment(1, (0, None), "hello").unwrap_err();
    assert!(error.is_read_only());
    assert!(error.hint().unwrap().contains("`issues: write` or `pull-requests: write`"), "{error:?}");
    assert_eq!(fake.log().len(), 3);
    assert_eq!(fake.state(|state| state.comments.len()), 0);
}

#[test]
fn rate_limits_are_waited_for_when_they_are_short() {
    for (status, headers, body) in [
        (429, vec![("retry-after", "0".to_owned())], ""),
        (403, vec![], SECONDARY),
        (403, vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", "5".to_owned())], "{}"),
    ] {
        let fake = Fake::start();
        fake.fault("GET", "/pulls/1", 1, What::Answer(status, headers.clone(), body.to_owned()));
        let started = Instant::now();
        client(&fake, "ghs_bot").pull_request(1).unwrap();
        assert_eq!(fake.log().len(), 2);
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_limit_that_is_told_is_kept() {
    let fake = Fake::start();
    fake.fault("GET", "/pulls/1", 1, What::Answer(429, vec![("retry-after", "1".to_owned())], String::new()));
    let started = Instant::now();
    client(&fake, "ghs_bot").pull_request(1).unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[test]
fn nobody_sleeps_until_a_far_reset() {
    let fake = Fake::start();
    let reset = (chrono::Utc::now().timestamp() + 1800).to_string();
    let headers = vec![("x-ratelimit-remaining", "0".to_owned()), ("x-ratelimit-reset", reset)];
    fake.fault(
        "GET",
        "/pulls/1",
        1,
        What::Answer(403, headers, r#"{"message":"API rate limit exceeded"}"#.into()),
    );
    let error = client(&fake, "ghs_bot").pull_request(1).unwrap_err();
    assert!(matches!(&error, GitHubError::Limited { kind: Kind::Primary, .. }), "{error}");
    assert!(error.to_string().contains("there are new ones in 30 min"), "{error}");
    assert_eq!(fake.log().len(), 1);
}

#[test]
fn there_is_one_budget_and_one_deadline_for_everything() {
    let fake = Fake::start();
    let github = patient(&fake, "ghs_bot", Patience { requests: 2, ..QUICK });
    (0..2).for_each(|_| drop(github.pull_request(1).unwrap()));
    let error = github.pull_request(1).unwrap_err();
    assert_eq!(error.to_string(), "2 requests were not enough, and no more are made");
    fake.fault("GET", "/pulls/1", 99, What::Answer(503, Vec::new(), String::new()));
    let short = Patience { pause: Duration::from_secs(2), total: Duration::from_secs(1), ..QUICK };
    let error = patient(&fake, "ghs_bot", short).pull_request(1).unwrap_err().to_string();
    assert!(
        error.starts_with("GitHub had 1.0 s for everything") && error.contains("answered 503"),
        "{error}"
    );
}

#[test]
fn a_renamed_repository_is_followed_and_another_place_is_not() {
    let fake = Fake::start();
    let there = format!("{}/repos/ada/parcels/pulls/1", fake.address());
    fake.fault("GET", "/pulls/9", 1, What::Answer(301, vec![("location", there)], "{}".to_owned()));
    assert_eq!(client(&fake, "ghs_bot").pull_request(9).unwrap().number, 1);
    let elsewhere = "http://127.0.0.1:9/repos/ada/parcels/pulls/1".to_owned();
    fake.fault("GET", "/pulls/9", 1, What::Answer(301, vec![("location", elsewhere)], "{}".to_owned()));
    assert!(matches!(client(&fake, "ghs_bot").pull_request(9), Err(GitHubError::Unexpected { .. })));
}

#[test]
fn pull_requests_are_found_by_where_their_commit_comes_from() {
    let fake = Fake::start();
    let sha = "c0ffee00".repeat(5);
    let mut fork = fake.state(|state| state.pulls[&1].clone());
    fork.head_repository = Some("eve/parcels".to_owned());
    let closed = crate::fake::Pull { state: "closed", ..fork.clone() };
    let between_forks = crate::fake::Pull { base_repository: "eve/parcels".to_owned(), ..fork.clone() };
    let moved = crate::fake::Pull { head_sha: "0".repeat(40), ..fork.clone() };
    fake.state(|state| state.pulls.extend([(2, fork), (3, closed), (4, between_forks), (5, moved)]));
    let github = client(&fake, "ghs_bot");
    let numbers = |from| -> Vec<u64> {
        github.proposals(&sha, from).unwrap().iter().map(|pull_request| pull_request.number).collect()
    };
    assert_eq!(numbers(None), [1]);
    assert_eq!(numbers(Some(("eve/parcels", "fix/a b"))), [2]);
    assert_eq!(numbers(Some(("Ada/Parcels", "fix/a b"))), [] as [u64; 0]);
    assert_eq!(numbers(Some(("ada/parcels", "fix/a b"))), [1]);
    assert!(github.pull_request(2).unwrap().is_fork() && !github.pull_request(1).unwrap().is_fork());
}

#[test]
fn an_archive_is_fetched_without_the_token_and_with_a_limit() {
    let fake = Fake::start();
    fake.state(|state| {
        state.page = 1;
        state.archives.insert(31, b"PK archive".to_vec());
        state.runs.insert(30, Run::default());
        let artifacts = vec![Artifact::new(31, "reports", 10), Artifact::new(32, "huge", 1 << 40)];
        state.artifacts.insert(30, artifacts);
    });
    let github = client(&fake, "ghs_bot");
    let artifacts = github.artifacts(30).unwrap();
    let names: Vec<&str> = artifacts.iter().map(|artifact| artifact.name.as_str()).collect();
    assert_eq!(names, ["reports", "huge"]);
    assert_eq!(github.download(&artifacts[0], 10).unwrap(), b"PK archive");
    assert!(matches!(github.download(&artifacts[1], 1 << 30), Err(GitHubError::TooLarge { .. })));
    // It says that it is small, and is not.
    let liar = xtask::model::forge::Artifact { size: 1, ..artifacts[0].clone() };
    assert!(matches!(github.download(&liar, 9), Err(GitHubError::TooLarge { limit: 9, .. })));
    fake.fault("GET", "/blobs/31", 1, What::CutBody);
    assert_eq!(github.download(&artifacts[0], 10).unwrap(), b"PK archive");
    fake.fault("GET", "/blobs/31", 9, What::Answer(403, Vec::new(), String::new()));
    let error = github.download(&artifacts[0], 10).unwrap_err().to_string();
    assert!(!error.contains("sesame"), "{error}");
    let run = github.workflow_run(30).unwrap();
    assert_eq!((run.id, run.attempt), (30, 1));
}

#[test]
fn who_asks_is_known_unless_it_is_an_app() {
    let fake = Fake::start();
    assert_eq!(client(&fake, "ghp_ada").me().unwrap().as_deref(), Some("ada"));
    assert_eq!(client(&fake, "ghs_bot").me().unwrap(), None);
    assert!(client(&fake, "ghp_wrong").me().is_err());
    assert_eq!(client(&fake, "ghp_ada").about().unwrap().full_name, "ada/parcels");
}

#[test]
fn somebody_who_wants_an_end_gets_it() {
    let fake = Fake::start();
    fake.fault("GET", "/pulls/1", 1, What::Late(Duration::from_secs(5)));
    let github = client(&fake, "ghs_bot");
    let started = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while fake.log().is_empty() {
                std::thread::sleep(Duration::from_millis(5));
            }
            github.interrupt().raise();
        });
        assert_eq!(github.pull_request(1), Err(GitHubError::Interrupted));
    });
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(github.pull_request(1), Err(GitHubError::Interrupted));
}

#[test]
fn what_speaks_no_tls_is_told_and_gets_no_token() {
    let fake = Fake::start();
    let env = [("GITHUB_API_URL".to_owned(), fake.address().replace("http://", "https://"))];
    let address = Address::of(&env.into()).unwrap();
    let login = Login { token: Secret::new("ghs_bot"), origin: "a test" };
    let github =
        GitHub::open(&address, Some(&login), "ada/parcels".parse().unwrap(), QUICK, Interrupt::default());
    let error = github.unwrap().pull_request(1).unwrap_err();
    assert!(matches!(error, GitHubError::Broken { .. }), "{error}");
    assert!(error.hint().unwrap().contains("GITHUB_API_URL"));
    assert_eq!(fake.log(), [""; 0]);
}

#[test]
fn the_fake_tells_what_breaks_the_description() {
    let fake = Fake::start();
    let error = client(&fake, "ghs_bot").create_comment(1, (0, None), &"x".repeat(70_000)).unwrap_err();
    assert_eq!(error.status(), Some(422));
    assert_eq!(fake.forgive(), [""; 0]);
    let stream = std::net::TcpStream::connect(fake.address().trim_start_matches("http://")).unwrap();
    std::io::Write::write_all(&mut &stream, b"GET /nonsense HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = [0; 12];
    std::io::Read::read_exact(&mut &stream, &mut answer).unwrap();
    assert_eq!((&answer[..], fake.forgive().len()), (&b"HTTP/1.1 404"[..], 1));
}
