//! What must not be released, and what goes wrong in the midst.

use serde_json::json;

use super::project::{Project, settings};
use super::registry::fake::What as Wrong;
use crate::fake::What;

/// Nothing was seen by anybody.
#[track_caller]
fn is_untouched(project: &Project) {
    let seen = project.seen();
    assert!(seen.git.is_empty() && seen.releases.is_empty(), "{seen:?}");
    assert!(seen.tags.keys().all(|tag| tag.starts_with("sha-")), "{seen:?}");
}

#[test]
fn a_commit_that_has_not_passed_is_refused() {
    let project = Project::of("1.2.3", |host| settings(host, ""));
    project.run(&["run"]).exits(2).says("nobody has set slipway/ci on commit").says("--without-status");
    project.status("failure");
    project.run(&["run"]).exits(2).says("slipway/ci says failure");
    is_untouched(&project);
    project.run(&["run", "--without-status"]).exits(0);
    project.is_released();
}

#[test]
fn a_release_that_was_begun_without_a_status_goes_on_without_one() {
    let project = Project::of("1.2.3", |host| settings(host, ""));
    project.github.fault("POST", "/releases", 1, What::Answer(403, vec![], "{}".to_owned()));
    project.run(&["run", "--without-status"]).exits(3);
    project.run(&["run", "1.2.3"]).exits(2).says("nobody has set slipway/ci");
    project.run(&["resume"]).exits(0);
    project.is_released();
}

#[test]
fn an_image_that_was_not_tested_is_not_released() {
    let project = Project::new();
    project.registry.store(|store| store.tags.clear());
    project.run(&["run"]).exits(2).says(&format!(
        "there is no {}/team/app:sha-{}",
        project.registry.host(),
        project.commit
    ));
}

#[test]
fn each_source_that_says_another_version_is_named_and_nothing_is_done() {
    let mut project = Project::of("1.2.3", |host| settings(host, "files = ['deploy.yaml']"));
    project.pass();
    project.run(&["run"]).exits(2).says("release.files: there is no deploy.yaml");
    // What stands in the folder alone is no part of what is released.
    project.write("deploy.yaml", "image: team/app:1.2.3\n");
    let committed = project.commit.clone();
    project.run(&["run"]).exits(2).says(&format!("not as the commit {committed} has it: deploy.yaml"));
    project.change("deploy.yaml", "image: team/app:1.2.30\n");
    project.run(&["run"]).exits(2).says("deploy.yaml names neither 1.2.3 nor an image's digest");
    is_untouched(&project);
    let digest = project.digest.clone();
    project.change("deploy.yaml", &format!("image: team/app@{digest}\n"));
    project.run(&["run", "--dry-run"]).exits(0).says("deploy.yaml names sha256:");

    project.run(&["run", "next"]).exits(2).says("`next` is no version");
    project.run(&["run", "v1.2.4"]).exits(2).says("Cargo.toml of app says 1.2.3, and the release is 1.2.4");
    project.push(&json!({ "org.opencontainers.image.version": "1.2.9" }));
    project.run(&["run"]).exits(2).says("the label org.opencontainers.image.version of app says 1.2.9");
    project.push(&json!({ "org.opencontainers.image.version": "branch-main" }));
    project.change("deploy.yaml", "image: team/app:1.2.3\n");
    project.run(&["run", "--dry-run"]).exits(0).says("says branch-main, which is no version");
    is_untouched(&project);
    project.write("Cargo.toml", &(std::fs::read_to_string(project.path("Cargo.toml")).unwrap() + "# more\n"));
    project.run(&["run"]).exits(2).says("has it: Cargo.toml");
}

#[test]
fn the_commit_of_the_event_has_to_be_checked_out() {
    let project = Project::new();
    let before = project.git(&["rev-parse", "HEAD~1"]);
    project.write("target/event.json", "{}");
    let path = project.path("target/event.json").display().to_string();
    let env = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "workflow_dispatch"),
        ("GITHUB_EVENT_PATH", &path),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_SHA", &before),
    ];
    let told = format!("the event is about the commit {before}, and {} is checked out", project.commit);
    project.run_with(&["run", "1.2.3"], &env).exits(2).says(&told);
    is_untouched(&project);
}

#[test]
fn a_tag_on_another_commit_is_never_moved() {
    let project = Project::new();
    project.github.state(|github| github.releases.tags.insert("v1.2.3".to_owned(), "0".repeat(40)));
    project.run(&["run"]).exits(2).says("the tag v1.2.3 names 0000000");
    assert_eq!(project.tagged("1.2.3"), None, "it is known before anything is seen");
}

#[test]
fn a_version_that_names_other_bytes_is_never_moved() {
    let project = Project::new();
    let other = project.put(&json!({ "other": "bytes" }), "1.2.3");
    project.run(&["run"]).exits(2).says("a version is released once");
    assert_eq!((project.tagged("1.2.3"), project.tagged("latest")), (Some(other), None));
}

#[test]
fn a_version_in_another_spelling_is_never_moved_either() {
    let rules = "tags = ['type=semver,pattern={{version}}', 'type=semver,pattern=v{{version}}', 'type=raw,value=latest']";
    let project = Project::of("1.2.3", |host| settings(host, rules));
    project.pass();
    let other = project.put(&json!({ "other": "bytes" }), "v1.2.3");
    project.run(&["run"]).exits(2).says("the tag `v1.2.3` names").says("a version is released once");
    assert_eq!((project.tagged("v1.2.3"), project.tagged("1.2.3")), (Some(other), None));
}

#[test]
fn latest_never_goes_back() {
    let project = Project::new();
    let higher = project.put(&json!({ "higher": "yes" }), "2.0.0");
    for tag in ["2.0", "2", "latest", "prod"] {
        project.put(&json!({ "higher": "yes" }), tag);
    }
    // This clone knows nothing of it.
    project.github.state(|github| github.releases.put(2, "v2.0.0", false));
    let ran = project.run(&["run", "1.2.3"]).exits(0);
    ran.says("latest stays where it is").says("prod stays where it is");
    assert_eq!(project.tagged("latest").as_ref(), Some(&higher));
    assert_eq!(project.tagged("1").as_ref(), Some(&project.digest));
    let is_latest = |project: &Project| {
        project
            .github
            .state(|github| github.releases.all.values().find(|it| it.tag == "v1.2.3").unwrap().is_latest)
    };
    assert!(!is_latest(&project));

    // Nobody sees a draft, and a tag is no release.
    let project = Project::new();
    project.git(&["tag", "v2.0.0", "v1.2.2"]);
    project.github.state(|github| github.releases.put(2, "v2.0.0", true));
    project.run(&["run", "1.2.3"]).exits(0);
    assert!(is_latest(&project));
}

#[test]
fn a_higher_release_that_comes_in_between_keeps_its_tags() {
    let project = Project::new();
    // The other one puts its tags after ours were asked for, and before the first of ours is put.
    project.registry.fault("PUT", "/manifests/1.2.3", 1, Wrong::Late(std::time::Duration::from_secs(3)));
    let begun = project.until(&["run"], |project| project.registry.faults_left() == 0);
    let labels = json!({ "org.opencontainers.image.version": "2.0.0", "slipway.ref": "refs/tags/v2.0.0" });
    let higher = project.put(&labels, "2.0.0");
    for tag in ["latest", "prod"] {
        project.put(&labels, tag);
    }
    project.end(begun).exits(0).says("latest stays where it is").says("prod stays where it is");
    assert_eq!((project.tagged("latest"), project.tagged("prod")), (Some(higher.clone()), Some(higher)));
    assert_eq!(project.tagged("1.2").as_ref(), Some(&project.digest));
}

#[test]
fn a_higher_release_that_lost_its_tags_is_told() {
    let project = Project::new();
    project.put(&json!({ "another": "one" }), "1.3.0");
    let host = project.registry.host().to_owned();
    let back = format!("release promote --from {host}/team/app:1.3.0 --to 1 latest prod");
    project.run(&["run", "1.2.3"]).exits(0).says("note: there is 1.3.0, which is higher").says(&back);
}

#[test]
fn the_image_of_a_release_that_was_begun_must_stay_the_same() {
    let project = Project::new();
    project.registry.fault("PUT", "/manifests/", 9, Wrong::Answer(403, vec![], "{}"));
    project.run(&["run"]).exits(3).says("team/app").says("release resume 1.2.3` goes on from here");
    project.registry.forget_faults();
    let first = project.digest.clone();
    project.push(&json!({ "pushed": "again" }));
    project.run(&["resume"]).exits(2).says("the image `app` is another one than when this release was begun");
    assert_eq!(project.tagged("1.2.3"), None);
    let tag = ("team/app".to_owned(), format!("sha-{}", project.commit));
    project.registry.store(|store| {
        store.tags.insert(tag, first.clone());
        store.manifests.retain(|(_, digest), _| *digest == first);
    });
    project.run(&["resume"]).exits(0);
    project.is_released();
}

#[test]
fn a_rule_against_the_tag_is_told_and_the_release_goes_on_when_it_is_gone() {
    for (status, message) in
        [(403, "Resource not accessible by integration"), (422, "Repository rule violations found")]
    {
        let project = Project::new();
        let body = format!("{{\"message\":\"{message}\"}}");
        project.github.fault("POST", "/git/refs", 1, What::Answer(status, vec![], body));
        let ran = project.run(&["run"]).exits(3).says(message).says("`contents: write`");
        ran.says("git tag -a v1.2.3").says("release resume 1.2.3");
        assert!(project.seen().releases.is_empty(), "no release without its tag");
        project.run(&["resume"]).exits(0);
        project.is_released();
    }
}

#[test]
fn a_draft_that_is_there_is_taken() {
    let project = Project::new();
    project.github.state(|github| github.releases.put(7, "v1.2.3", true));
    project.run(&["run"]).exits(0);
    project.is_released();
}

#[test]
fn what_an_upload_that_was_cut_off_has_left_is_sent_again() {
    for is_in_the_way in [true, false] {
        let project = Project::new();
        project.github.state(|github| github.releases.put(7, "v1.2.3", true));
        let fault = if is_in_the_way { What::HeldHalf } else { What::CutAfter };
        if is_in_the_way {
            project.github.fault("POST", "/assets", 1, fault);
            project.killed(&["run"], |project| project.github.held() > 0);
            project.run(&["resume"]).exits(0);
        } else {
            project.github.fault("POST", "/assets", 2, fault);
            project.run(&["run"]).exits(0);
        }
        project.is_released();
    }
}

#[test]
fn a_server_that_tells_no_digests_and_one_that_stumbles_are_no_obstacle() {
    let project = Project::new();
    project.github.state(|github| github.releases.tells_no_digest = true);
    for (method, path) in
        [("POST", "/git/tags"), ("POST", "/git/refs"), ("POST", "/releases"), ("PATCH", "/releases/")]
    {
        project.github.fault(method, path, 1, What::DoneBut(502));
    }
    project.run(&["run"]).exits(0);
    project.is_released();
}

#[test]
fn bytes_that_were_pushed_by_somebody_else_are_checked_again() {
    let project = Project::of("1.2.3", |host| settings(host, "[image.size]\nmax = '1B'"));
    project.pass();
    project.run(&["run"]).exits(1).says("image.check").says("failed");
    is_untouched(&project);
}

#[cfg(unix)]
#[test]
fn an_image_that_nobody_can_look_through_is_not_released() {
    let of = |scanner: &str| {
        let project = Project::of("1.2.3", |host| settings(host, "").replace("'none'", scanner));
        project.pass();
        // No scanner lies there, whatever this machine has.
        let path = project.path("target/path");
        std::fs::create_dir_all(&path).unwrap();
        for program in ["git", "cargo", "rustc"] {
            let found = std::env::split_paths(&std::env::var_os("PATH").unwrap())
                .map(|folder| folder.join(program))
                .find(|place| place.is_file());
            std::os::unix::fs::symlink(found.unwrap(), path.join(program)).unwrap();
        }
        let path = path.display().to_string();
        project.env("PATH", &path).env("CARGO_HOME", &path)
    };
    for (scanner, named) in [("'auto'", "trivy"), ("'cargo-audit'", "cargo-audit")] {
        let project = of(scanner);
        let ran = project.run(&["run"]).exits(3).says("no scanner is installed").says("scanner = \"none\"");
        ran.says(&format!("install one: {named}"));
        is_untouched(&project);
    }
    of("'none'").run(&["run"]).exits(0).says("note: nobody looks for vulnerabilities");
}

#[test]
fn files_go_nowhere_else_with_the_token() {
    let project = Project::new();
    project.github.state(|github| github.releases.uploads = Some("https://evil.example"));
    project.run(&["run"]).exits(3).says("it would get the token");
    assert!(project.seen().releases[0].is_draft, "it stays a draft");
}

#[test]
fn a_proof_whose_bills_of_materials_are_gone_is_made_again() {
    let project = Project::new();
    project.github.fault("POST", "/git/tags", 1, What::Answer(403, vec![], "{}".to_owned()));
    project.run(&["run"]).exits(3);
    std::fs::remove_file(project.path("target/slipway/release/1.2.3/app/sbom/app.spdx.json")).unwrap();
    project.run(&["resume"]).exits(0).says("proof    to do: pull ");
    project.is_released();
}

#[test]
fn a_registry_that_refuses_half_way_is_asked_again_later() {
    let project = Project::new();
    project.registry.fault("PUT", "/manifests/", 2, Wrong::Late(std::time::Duration::ZERO));
    project.registry.fault("PUT", "/manifests/", 9, Wrong::Answer(403, vec![], "{}"));
    project.run(&["run"]).exits(3).says("these tags name the image by now: 1.2.3, 1.2");
    project.registry.forget_faults();
    project.run(&["resume", "1.2.3"]).exits(0);
    project.is_released();
}

#[test]
fn files_that_are_not_there_are_told_before_anybody_sees_anything() {
    let project = Project::new();
    std::fs::remove_file(project.path("dist/app")).unwrap();
    project.run(&["run"]).exits(2).says("dist/app is to come with the release, and cannot be read");
    is_untouched(&project);
}
