//! Builds by an engine that has no BuildKit: each way in which one can end.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use xtask::kit::secret::Secret;
use xtask::tools::docker::{BuildSpec, Builder, Event, Limits};
use xtask::tools::interrupt::Interrupt;

use crate::fake::{Fake, Fault};
use crate::support::{engine, limits};

fn context(dockerfile: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("Dockerfile"), dockerfile).unwrap();
    std::fs::write(folder.path().join("file"), "content").unwrap();
    folder
}

fn spec(folder: &Path) -> BuildSpec {
    BuildSpec { limits: limits(), ..BuildSpec::new(folder) }
}

/// What a failing build says, and the events before it.
fn fails(fake: &Fake, dockerfile: &str) -> (String, Vec<Event>) {
    let folder = context(dockerfile);
    let mut events = Vec::new();
    let error = engine(fake).build(&spec(folder.path()), &mut |event| events.push(event)).unwrap_err();
    let told = error.to_string().replace(&folder.path().display().to_string(), "");
    assert_eq!(fake.things(), Vec::<String>::new(), "{told}");
    (told, events)
}

#[test]
fn the_classic_builder_is_used_with_a_notice() {
    let fake = Fake::start();
    let folder =
        context("FROM scratch\nCOPY file /app/file\nRUN echo hello\nUSER 1000\nCMD [\"/app/file\"]\n");
    let mut events = Vec::new();
    let spec = BuildSpec {
        labels: [("a".to_owned(), "b".to_owned())].into(),
        tags: vec!["app:1".parse().unwrap()],
        args: [("X".to_owned(), "y".to_owned())].into(),
        ..spec(folder.path())
    };
    let engine = engine(&fake);
    let built = engine.build(&spec, &mut |event| events.push(event)).unwrap();
    let image = engine.inspect(&built.id).unwrap();
    assert_eq!((image.user.as_str(), image.labels["a"].as_str(), image.layers.len()), ("1000", "b", 1));
    assert_eq!(image.tags, ["docker.io/library/app:1"]);
    assert!(matches!(&events[0], Event::Notice(words) if words.contains("the engine has no BuildKit")));
    assert!(events.contains(&Event::Log(2, "hello".to_owned())), "{events:?}");
    assert!(events.contains(&Event::Finished(4, "CMD [\"/app/file\"]".to_owned())), "{events:?}");
    let asked = fake.last("POST /build");
    assert_eq!((asked.query("buildargs"), asked.query("rm")), ("{\"X\":\"y\"}", "true"));
}

#[test]
fn mistakes_of_a_dockerfile_are_told_with_their_lines() {
    let fake = Fake::start();
    let (told, events) = fails(&fake, "FROM scratch\nRUN missing now\n");
    let expected = "cannot build the image: /Dockerfile:2: RUN missing now: non-zero code: 127\n  | /bin/sh: missing: not found";
    assert_eq!(told, expected);
    assert!(events.contains(&Event::Failed(1, "RUN missing now".to_owned())), "{events:?}");
    let (told, _) = fails(&fake, "FROM scratch\n\nCOPY nothing /x\n");
    assert!(
        told.starts_with("cannot build the image: /Dockerfile:3: COPY nothing /x: COPY failed: "),
        "{told}"
    );
    let (told, _) = fails(&fake, "FROM scratch\nWORKDIRR /app\n");
    assert_eq!(
        told,
        "cannot build the image: /Dockerfile:2: dockerfile parse error line 2: unknown instruction: WORKDIRR"
    );
    let (told, _) = fails(&fake, "FROM private.example/base:1\n");
    assert!(told.contains("/Dockerfile:1: FROM private.example/base:1: pull access denied"), "{told}");
}

#[test]
fn a_full_disk_an_engine_that_ends_and_rubbish_are_told() {
    let fake = Fake::start();
    let (told, _) = fails(&fake, "FROM scratch\nRUN fill\n");
    assert!(told.ends_with(":2: RUN fill: write /x: no space left on device"), "{told}");
    for (fault, words) in [
        (Fault::Cut(120), "the engine went away ("),
        (Fault::NoAnswer, "the engine went away ("),
        (Fault::Lines(&["<html>"]), "the engine's answer is not understood ("),
        (
            Fault::Lines(&[r#"{"stream":"Successfully built 0123456789ab\n"}"#]),
            "it names no image after the build",
        ),
        (Fault::Refused(500, "cannot allocate memory"), "cannot allocate memory"),
    ] {
        fake.fault("POST /build", 1, fault);
        let (told, _) = fails(&fake, "FROM scratch\nRUN echo one\nRUN missing\n");
        assert!(told.contains(words), "{told}");
    }
    assert_eq!(fake.faults_left(), Vec::<&str>::new());
}

#[test]
fn a_build_that_nobody_waits_for_is_stopped_in_the_engine() {
    let fake = Fake::start();
    let folder = context("FROM scratch\nRUN wait\n");
    let engine = engine(&fake);
    let interrupt = Interrupt::default();
    let asked =
        BuildSpec { limits: Limits { interrupt: interrupt.clone(), ..limits() }, ..spec(folder.path()) };
    let mut stop = |event| {
        if event == Event::Started(1, "RUN wait".to_owned()) {
            interrupt.raise();
        }
    };
    assert!(engine.build(&asked, &mut stop).unwrap_err().is_interrupt());
    let short = Limits::within(Duration::from_secs(1));
    let error = engine.build(&BuildSpec { limits: short, ..spec(folder.path()) }, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("RUN wait: not done within"), "{error}");
    let begun = Instant::now();
    while !fake.things().is_empty() && begun.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(fake.things(), Vec::<String>::new(), "the containers of the steps are gone");
}

#[test]
fn the_classic_builder_keeps_no_secrets() {
    let fake = Fake::start();
    let folder = context("FROM scratch\n");
    let secrets = [("token".to_owned(), Secret::new("hunter22"))].into();
    let spec = BuildSpec { secrets, builder: Builder::Classic, ..spec(folder.path()) };
    let error = engine(&fake).build(&spec, &mut |_| {}).unwrap_err().to_string();
    assert!(
        error.ends_with("the secret `token` needs BuildKit, which the classic builder is not"),
        "{error}"
    );
    assert_eq!(fake.asked("POST /build"), 0);
}

#[test]
fn podman_builds_classically_without_being_asked_for_more() {
    let fake = Fake::start();
    fake.state(|state| state.is_podman = true);
    let folder = context("FROM scratch\nUSER 1000\n");
    let mut events = Vec::new();
    engine(&fake).build(&spec(folder.path()), &mut |event| events.push(event)).unwrap();
    let words = "Podman has no BuildKit: its classic builder is used";
    assert_eq!(events[0], Event::Notice(words.to_owned()));
    assert_eq!(fake.asked("POST /grpc"), 0);
}
