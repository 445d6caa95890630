//! A release that is killed in the midst of anything, and resumed, ends as one that was not. Each test is about one step: it is
//! killed before each write of the step is done, after it is done and before its answer comes, and, of files, in between.

use std::time::Duration;

use super::project::Project;
use super::registry::fake::What as Wrong;
use crate::fake::What;

/// Longer than any test takes.
const NEVER: Duration = Duration::from_hours(1);

/// Kills a release at the request of this method and path that comes after so many others of them, and resumes it.
fn at_github(method: &'static str, path: &'static str, after: usize, what: &What) {
    let project = Project::new();
    project.github.fault(method, path, after, What::Late(Duration::ZERO));
    let is_done = matches!(what, What::Held | What::HeldHalf);
    project.github.fault(method, path, 1, what.clone());
    let asked = std::cell::Cell::new(0);
    project.killed(&["run"], |project| {
        let log = project.github.log();
        let fits = |line: &&String| line.starts_with(method) && line.contains(path);
        asked.set(asked.get() + log.iter().filter(fits).count());
        if is_done { project.github.held() > 0 } else { asked.get() > after }
    });
    let before = project.seen();
    let is_public = before.releases.iter().any(|release| !release.is_draft);
    assert!(!is_public || method == "PATCH", "{method} {path}: {before:?}");
    project.run(&["resume"]).exits(0);
    project.is_released();
}

fn at_registry(method: &'static str, path: &'static str, after: usize, what: Wrong) {
    let project = Project::new();
    project.registry.fault(method, path, after, Wrong::Late(Duration::ZERO));
    let is_done = matches!(what, Wrong::Held);
    project.registry.fault(method, path, 1, what);
    let asked = std::cell::Cell::new(0);
    project.killed(&["run"], |project| {
        let log = project.registry.log();
        let fits = |line: &&String| line.starts_with(method) && line.contains(path);
        asked.set(asked.get() + log.iter().filter(fits).count());
        if is_done { project.registry.held() > 0 } else { asked.get() > after }
    });
    project.run(&["resume"]).exits(0);
    project.is_released();
}

#[test]
fn killed_while_the_image_is_looked_for() {
    at_github("GET", "/statuses", 0, &What::Late(NEVER));
    at_registry("HEAD", "/manifests/sha-", 0, Wrong::Late(NEVER));
}

#[test]
fn killed_while_versions_are_compared() {
    at_registry("GET", "/blobs/", 0, Wrong::Late(NEVER));
    at_github("GET", "/git/ref/", 0, &What::Late(NEVER));
}

#[test]
fn killed_while_the_image_is_proven() {
    at_registry("GET", "/blobs/", 1, Wrong::Late(NEVER));
}

#[test]
fn killed_while_tags_are_put() {
    for after in [0, 2, 4] {
        at_registry("PUT", "/manifests/", after, Wrong::Late(NEVER));
    }
}

#[test]
fn killed_when_tags_were_put() {
    for after in [1, 3, 4] {
        at_registry("PUT", "/manifests/", after, Wrong::Held);
    }
}

#[test]
fn killed_while_the_tag_is_made() {
    for path in ["/git/tags", "/git/refs"] {
        at_github("POST", path, 0, &What::Late(NEVER));
        at_github("POST", path, 0, &What::Held);
    }
}

#[test]
fn killed_while_the_draft_is_made() {
    at_github("POST", "/releases", 0, &What::Late(NEVER));
    at_github("POST", "/releases", 0, &What::Held);
}

#[test]
fn killed_while_files_are_sent() {
    for after in [1, 4] {
        at_github("POST", "/assets", after, &What::HeldHalf);
    }
}

#[test]
fn killed_before_and_after_files_are_sent() {
    at_github("POST", "/assets", 0, &What::Late(NEVER));
    at_github("POST", "/assets", 2, &What::Held);
    at_github("POST", "/assets", 4, &What::Held);
}

#[test]
fn killed_while_it_is_published() {
    at_github("PATCH", "/releases/", 0, &What::Late(NEVER));
}

/// All is done by then but the last word in the journal.
#[test]
fn killed_when_it_is_published() {
    at_github("PATCH", "/releases/", 0, &What::Held);
}
