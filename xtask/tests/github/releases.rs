//! Tags, releases and files by the client: once, whatever breaks.

use std::sync::Arc;
use std::time::Duration;

use slipway_image::Digest;
use xtask::model::forge::ForgeRelease;
use xtask::tools::github::{GitHub, Latest, NewAsset, NewRelease, Patience};

use crate::fake::{Fake, What};
use crate::support::{QUICK, client, patient};
use crate::writes::faults;

fn commit() -> String {
    "c0ffee00".repeat(5)
}

fn new() -> NewRelease {
    NewRelease {
        tag: "v1.2.3".to_owned(),
        commit: commit(),
        name: "1.2.3".to_owned(),
        body: "what is new".to_owned(),
        is_prerelease: false,
    }
}

fn file(text: &str) -> NewAsset {
    let bytes: Arc<[u8]> = Arc::from(text.as_bytes());
    NewAsset {
        name: "app".to_owned(),
        media_type: "application/octet-stream",
        digest: Digest::of(&bytes).to_string(),
        bytes,
    }
}

fn draft(github: &GitHub) -> ForgeRelease {
    github.create_draft(&new()).unwrap()
}

#[test]
fn a_tag_is_made_once_and_never_moved() {
    for path in ["/git/tags", "/git/refs"] {
        for fault in faults() {
            let fake = Fake::start();
            fake.fault("POST", path, 1, fault.clone());
            let made = client(&fake, "ghs_bot").create_tag("v1.2.3", &commit(), "a message").unwrap();
            assert_eq!((made.commit, made.is_annotated), (commit(), true), "{path} {fault:?}");
            assert_eq!(fake.state(|state| state.releases.tags.len()), 1);
        }
    }
    let fake = Fake::start();
    fake.state(|state| state.releases.tags.insert("v1.2.3".to_owned(), "0".repeat(40)));
    let github = client(&fake, "ghs_bot");
    let there = github.create_tag("v1.2.3", &commit(), "a message").unwrap();
    assert_eq!((there.commit, there.is_annotated), ("0".repeat(40), false), "it is told what is there");
    assert_eq!(github.tag("v1.2").unwrap(), None);
    let error = client(&fake, "ghs_fork").create_tag("v9", &commit(), "a message").unwrap_err();
    assert!(error.is_read_only(), "{error}");
}

#[test]
fn an_annotated_tag_is_followed_to_its_commit() {
    let fake = Fake::start();
    fake.state(|state| {
        let tags = &mut state.releases;
        tags.tags.insert("v1".to_owned(), "a".repeat(40));
        tags.objects.insert("a".repeat(40), ("v1".to_owned(), "x".to_owned(), commit()));
    });
    assert_eq!(client(&fake, "ghs_bot").tag("v1").unwrap().unwrap().commit, commit());
}

#[test]
fn a_draft_is_made_once_found_again_and_published() {
    for fault in faults() {
        let fake = Fake::start();
        fake.state(|state| state.page = 1);
        fake.state(|state| state.releases.put(3, "v1.2.2", false));
        fake.fault("POST", "/releases", 1, fault.clone());
        fake.fault("PATCH", "/releases/", 1, fault.clone());
        let github = client(&fake, "ghs_bot");
        let made = draft(&github);
        assert!(made.is_draft && made.body == "what is new", "{fault:?}");
        assert_eq!(github.release("v1.2.3").unwrap().unwrap().id, made.id, "over all pages");
        let published = github.publish(made.id, Latest::Yes).unwrap();
        assert!(!published.is_draft);
        assert_eq!(fake.state(|state| state.releases.all.len()), 2, "{fault:?}");
    }
}

#[test]
fn a_file_is_sent_once_whatever_breaks() {
    for base in ["", "/api/v3"] {
        for fault in faults() {
            let fake = Fake::below(base);
            let github = client(&fake, "ghs_bot");
            let release = draft(&github);
            fake.fault("POST", "/assets", 1, fault.clone());
            let sent = github.upload(&release, &file("all of it")).unwrap();
            assert!(sent.is_whole && sent.size == 9, "{fault:?}");
            let assets = github.assets(release.id).unwrap();
            assert_eq!(assets, [sent], "{fault:?}");
            let kind =
                fake.requests().into_iter().find(|asked| asked.path.starts_with("/api/uploads/")).unwrap();
            assert_eq!(kind.header("content-type"), Some("application/octet-stream"));
        }
    }
}

#[test]
fn a_large_file_may_take_longer_than_any_other_request() {
    let fake = Fake::start();
    let patience = Patience { attempts: 1, request: Duration::from_millis(500), ..QUICK };
    let github = patient(&fake, "ghs_bot", patience);
    let release = draft(&github);
    // Two seconds for 512 KiB, beside those of any request.
    let large = file(&"x".repeat(512 << 10));
    fake.fault("POST", "/assets", 1, What::Late(Duration::from_secs(1)));
    assert!(github.upload(&release, &large).unwrap().is_whole);
    let never = file("small");
    fake.fault("POST", "/assets", 1, What::Held);
    let error = github.upload(&release, &NewAsset { name: "b".to_owned(), ..never }).unwrap_err().to_string();
    assert!(error.contains("no whole answer within"), "it has an end all the same: {error}");
}

#[test]
fn a_whole_file_of_the_same_name_stays() {
    let fake = Fake::start();
    let github = client(&fake, "ghs_bot");
    let release = draft(&github);
    let first = github.upload(&release, &file("first")).unwrap();
    assert_eq!(github.upload(&release, &file("first")).unwrap(), first, "the same again is the same");
    let error = github.upload(&release, &file("other")).unwrap_err();
    assert_eq!(error.status(), Some(422), "{error}");
    assert_eq!(github.assets(release.id).unwrap(), std::slice::from_ref(&first));
    github.delete_asset(first.id).unwrap();
    github.delete_asset(first.id).unwrap();
    assert!(github.upload(&release, &file("other")).is_ok());
}

#[test]
fn other_bytes_than_those_that_were_sent_are_an_error() {
    let fake = Fake::start();
    let github = client(&fake, "ghs_bot");
    let release = draft(&github);
    let lie = NewAsset { digest: Digest::of(b"something else").to_string(), ..file("all of it") };
    let error = github.upload(&release, &lie).unwrap_err().to_string();
    assert!(error.contains("GitHub has other bytes of app"), "{error}");
}

#[test]
fn the_token_goes_to_githubs_own_hosts_only() {
    for place in ["https://evil.example", "http://127.0.0.1:1", "https://uploads.evil.example"] {
        let fake = Fake::start();
        fake.state(|state| state.releases.uploads = Some(place));
        let github = client(&fake, "ghs_bot");
        let release = draft(&github);
        fake.log();
        let error = github.upload(&release, &file("x")).unwrap_err().to_string();
        assert!(error.contains("it would get the token"), "{place}: {error}");
        assert_eq!(fake.log(), [""; 0]);
    }
}

#[test]
fn half_a_file_is_removed_and_sent_again() {
    let fake = Fake::start();
    let github = client(&fake, "ghs_bot");
    let release = draft(&github);
    fake.state(|state| {
        let half =
            crate::fake::releases::Asset { name: "app".to_owned(), bytes: Vec::new(), is_whole: false };
        state.releases.all.get_mut(&release.id).unwrap().assets.insert(5, half);
    });
    fake.fault("POST", "/assets", 1, What::CutBefore);
    let sent = github.upload(&release, &file("all of it")).unwrap();
    assert_eq!(github.assets(release.id).unwrap(), [sent]);
}
