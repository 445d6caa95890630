//! A release from its beginning to its end, and the same once more.

use serde_json::Value;

use super::project::{ASSET, Project, settings};
use crate::fake::What;
use crate::fake::releases::Asset;

#[test]
fn a_release_is_made_once_and_everything_agrees() {
    let project = Project::new();
    project.run(&["run", "--dry-run"]).exits(0).says("there    image").says("to do    publish").says("put ");
    assert!(project.seen().git.is_empty() && project.tagged("1.2.3").is_none(), "nothing was done");

    project.run(&["run"]).exits(0).says("released 1.2.3: https://github.com/ada/parcels/releases/");
    project.is_released();
    let (asset, is_latest, is_prerelease) = project.github.state(|github| {
        let release = github.releases.all.values().next().unwrap().clone();
        let asset = release.assets.values().find(|asset| asset.name == "app").unwrap().bytes.clone();
        (asset, release.is_latest, release.is_prerelease)
    });
    assert_eq!((asset.as_slice(), is_latest, is_prerelease), (ASSET.as_bytes(), true, false));
    let message = project.github.state(|github| github.releases.objects.values().next().unwrap().1.clone());
    assert_eq!(message, "parcels 1.2.3");

    // Once more, here and where no journal is: nothing is written.
    let before = project.seen();
    project.github.log();
    project.registry.log();
    project.run(&["run", "1.2.3"]).exits(0);
    std::fs::remove_dir_all(project.path("target")).unwrap();
    project.run(&["run", "1.2.3"]).exits(0);
    assert_eq!(project.seen(), before);
    let written = |line: &String| !line.starts_with("GET ") && !line.starts_with("HEAD ");
    let writes: Vec<String> =
        project.github.log().into_iter().chain(project.registry.log()).filter(written).collect();
    assert_eq!(writes, [""; 0]);
    project.run(&["resume"]).exits(2).says("no release was begun here that is not finished");
}

#[test]
fn the_tag_that_was_pushed_tells_the_version() {
    let project = Project::new();
    let commit = project.commit.clone();
    project.git(&["tag", "v1.2.3"]);
    project.github.state(|github| github.releases.tags.insert("v1.2.3".to_owned(), commit.clone()));
    project.write("target/event.json", r#"{"ref":"refs/tags/v1.2.3","deleted":false}"#);
    let event = project.path("target/event.json").display().to_string();
    let project = project
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_NAME", "push")
        .env("GITHUB_EVENT_PATH", &event)
        .env("GITHUB_REF", "refs/tags/v1.2.3")
        .env("GITHUB_SHA", &commit);
    project.run(&["run"]).exits(0).says("tag      there: v1.2.3 names");
    project.is_released();
    assert!(project.github.state(|github| github.releases.objects.is_empty()), "no tag was made");
}

#[test]
fn a_tag_that_is_no_version_releases_nothing() {
    let project = Project::new();
    for (tag, name, event) in [
        ("v1", "push", r#"{"ref":"refs/tags/v1","deleted":false}"#),
        (
            "nightly",
            "release",
            r#"{"action":"published","release":{"tag_name":"nightly","prerelease":false}}"#,
        ),
    ] {
        project.write("target/event.json", event);
        let path = project.path("target/event.json").display().to_string();
        let env = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_EVENT_NAME", name),
            ("GITHUB_EVENT_PATH", &path),
            ("GITHUB_REF", &format!("refs/tags/{tag}")),
            ("GITHUB_SHA", &project.commit),
        ];
        project.run_with(&["run"], &env).exits(2).says(&format!("the tag `{tag}` names no version"));
        assert!(project.seen().git.is_empty() && project.tagged("1.2.3").is_none());
        project.run_with(&["run", "1.2.3", "--dry-run"], &env).exits(0);
    }
}

#[test]
fn a_candidate_gets_its_own_tag_only() {
    let project = Project::of("1.3.0-rc.1", |host| settings(host, ""));
    project.pass();
    project.run(&["run", "1.3.0-rc.1"]).exits(0);
    let tags: Vec<String> = project.seen().tags.into_keys().collect();
    assert_eq!(tags, ["1.3.0-rc.1".to_owned(), format!("sha-{}", project.commit)]);
    let release = project.github.state(|github| github.releases.all.values().next().unwrap().clone());
    assert!(release.is_prerelease && !release.is_latest && !release.is_draft);
}

#[test]
fn a_workspace_without_images_is_released_too() {
    let project = Project::of("1.2.3", |_| "[release]\nassets = ['dist/app']\n".to_owned());
    project.pass();
    project.github.fault("POST", "/git/tags", 1, What::Answer(403, vec![], "{}".to_owned()));
    project.run(&["run"]).exits(3);
    let journal = std::fs::read_to_string(project.path("target/slipway/release/1.2.3.json")).unwrap();
    assert!(journal.contains(r#""promote": "skipped""#), "{journal}");
    project
        .run(&["run"])
        .exits(0)
        .says("the release has none")
        .says("proof    skipped")
        .says("promote  skipped");
    let seen = project.seen();
    let names: Vec<&str> = seen.releases[0].assets.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["SHA256SUMS", "app", "run-records.tar"]);
    assert_eq!(seen.git.len(), 1);
    project.sums_hold();
}

#[test]
fn programs_read_one_object_a_line() {
    let project = Project::new();
    let ran = project.run(&["run", "--dry-run", "--message-format", "json"]).exits(0);
    let steps: Vec<Value> = ran.said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<&str> = steps.iter().map(|step| step["step"].as_str().unwrap()).collect();
    assert_eq!(names, ["image", "version", "proof", "promote", "tag", "draft", "assets", "publish"]);
    assert_eq!(steps[0]["state"], "there");
    assert_eq!(steps[7]["state"], "to do");
}

#[test]
fn what_is_published_by_hand_keeps_its_words_and_gets_its_files() {
    let project = Project::new();
    let commit = project.commit.clone();
    project.github.state(|github| {
        github.releases.tags.insert("v1.2.3".to_owned(), commit);
        github.releases.put(7, "v1.2.3", false);
        github.releases.all.get_mut(&7).unwrap().body = "by hand".to_owned();
    });
    project.run(&["run"]).exits(0);
    let seen = project.seen();
    assert_eq!(
        (seen.releases.len(), seen.releases[0].body.as_str(), seen.releases[0].assets.len()),
        (1, "by hand", 5)
    );
}

#[test]
fn a_file_that_was_published_by_hand_stays_and_the_others_come() {
    let project = Project::new();
    let commit = project.commit.clone();
    let own = Asset { name: "app".to_owned(), bytes: b"by hand".to_vec(), is_whole: true };
    project.github.state(|github| {
        github.releases.tags.insert("v1.2.3".to_owned(), commit);
        github.releases.put(7, "v1.2.3", false);
        github.releases.all.get_mut(&7).unwrap().assets.insert(8, own);
    });
    project.run(&["run"]).exits(2).says("is published, and has other files of these names: app");
    assert_eq!(project.seen().releases[0].assets.len(), 5);
    project.github.state(|github| assert_eq!(github.releases.all[&7].assets[&8].bytes, b"by hand"));
}
