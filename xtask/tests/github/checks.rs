//! Check runs and code scanning over HTTP: remarks by fifty, faults in the middle, and places where there is none.

use serde_json::json;
use xtask::model::annotation::{Annotation, Place};
use xtask::model::finding::Level;
use xtask::model::forge::{Analysis, CheckRun, Conclusion, Processed};

use crate::fake::{Fake, Scanning, What};
use crate::project::head;
use crate::support::client;

fn check(remarks: u32) -> CheckRun {
    let remark = |line| Annotation {
        level: Level::Warning,
        place: Some(Place { path: "src/lib.rs".to_owned(), line, end_line: None, columns: None }),
        title: "odd".to_owned(),
        message: format!("remark {line}"),
    };
    let placeless = Annotation { place: None, ..remark(1) };
    CheckRun {
        name: "slipway".to_owned(),
        head_sha: head(),
        external_id: "ci.7.1".to_owned(),
        details_url: Some("https://github.com/ada/parcels/actions/runs/7".to_owned()),
        conclusion: Conclusion::Failure,
        title: "Failed".to_owned(),
        summary: "# It failed".to_owned(),
        annotations: (1..=remarks).map(remark).chain([placeless]).collect(),
    }
}

/// The only check, in order: the lines that were remarked on, and whether it has ended.
fn kept(fake: &Fake) -> (Vec<u64>, bool) {
    fake.state(|state| {
        assert_eq!(state.checks.len(), 1);
        let check = state.checks.values().next().unwrap();
        let lines = check.annotations.iter().map(|remark| remark["start_line"].as_u64().unwrap());
        (lines.collect(), check.body["status"] == json!("completed"))
    })
}

#[test]
fn remarks_go_up_by_fifty_and_the_last_ones_end_the_check() {
    for (remarks, requests) in [(0, 1), (50, 1), (51, 2), (120, 3)] {
        let fake = Fake::start();
        assert_eq!(client(&fake, "ghs_bot").put_check(&check(remarks)).unwrap(), remarks as usize);
        assert_eq!(kept(&fake), ((1..=u64::from(remarks)).collect(), true), "{remarks}");
        let writes = fake.log().iter().filter(|asked| !asked.starts_with("GET")).count();
        assert_eq!(writes, requests, "{remarks}");
    }
}

#[test]
fn the_same_again_changes_nothing_and_one_that_was_cut_off_goes_on() {
    let fake = Fake::start();
    let github = client(&fake, "ghs_bot");
    fake.fault("PATCH", "/check-runs/", 1, What::Answer(422, Vec::new(), "{}".to_owned()));
    assert!(github.put_check(&check(120)).is_err());
    assert_eq!(kept(&fake), ((1..=50).collect(), false));
    github.put_check(&check(120)).unwrap();
    assert_eq!(kept(&fake), ((1..=120).collect(), true));
    fake.log();
    github.put_check(&check(120)).unwrap();
    assert!(fake.log().iter().all(|asked| asked.starts_with("GET")));
}

#[test]
fn whatever_breaks_each_remark_is_there_once() {
    for (method, path) in [("POST", "/check-runs"), ("PATCH", "/check-runs/"), ("GET", "/check-runs")] {
        for what in [What::CutBefore, What::CutAfter, What::DoneBut(502), What::CutBody] {
            let fake = Fake::start();
            fake.fault(method, path, 1, what.clone());
            client(&fake, "ghs_bot").put_check(&check(120)).unwrap();
            assert_eq!(kept(&fake), ((1..=120).collect(), true), "{method} {what:?}");
        }
    }
}

#[test]
fn of_very_many_remarks_the_first_thousand_are_sent() {
    let fake = Fake::start();
    assert_eq!(client(&fake, "ghs_bot").put_check(&check(1_300)).unwrap(), 1_000);
    assert_eq!(kept(&fake), ((1..=1_000).collect(), true));
}

fn analysis<'a>(commit: &'a str, sarif: &'a str) -> Analysis<'a> {
    Analysis { commit, git_ref: "refs/pull/1/head", sarif }
}

#[test]
fn findings_are_packed_taken_and_looked_at_later() {
    let fake = Fake::start();
    let head = head();
    let sarif = r#"{"version":"2.1.0"}"#;
    assert_eq!(client(&fake, "ghs_bot").scan(&[analysis(&head, sarif)]), Ok(vec![Processed::Complete]));
    let sent = fake.state(|state| (state.looks, state.sarifs[0].clone()));
    assert_eq!(
        (sent.0, &sent.1["commit_sha"], &sent.1["ref"]),
        (3, &json!(head), &json!("refs/pull/1/head"))
    );
    // gzip in base64: RFC 1952, section 2.3.1.
    assert!(sent.1["sarif"].as_str().unwrap().starts_with("H4sI"));
}

#[test]
fn what_code_scanning_says_is_told() {
    for (scanning, expected) in [
        (Scanning::Fails, Ok(vec![Processed::Failed(vec!["too odd".to_owned()]); 2])),
        (Scanning::Slow, Ok(vec![Processed::Pending; 2])),
        (Scanning::Off, Err(403)),
    ] {
        let fake = Fake::start();
        fake.state(|state| state.scanning = scanning);
        let found = client(&fake, "ghs_bot").scan(&[analysis(&head(), "{}"); 2]);
        assert_eq!(found.map_err(|error| error.status().unwrap()), expected, "{scanning:?}");
        // They are waited for together.
        assert!(fake.state(|state| state.looks) <= 20);
    }
}

#[test]
fn findings_whose_arrival_is_unsure_are_sent_again() {
    for what in [What::CutBefore, What::CutAfter, What::DoneBut(503)] {
        let fake = Fake::start();
        fake.fault("POST", "/code-scanning/sarifs", 1, what);
        assert_eq!(client(&fake, "ghs_bot").scan(&[analysis(&head(), "{}")]), Ok(vec![Processed::Complete]));
    }
}
