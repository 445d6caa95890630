//! The executable from a Dockerfile to a deployment, with an engine and a registry that can go wrong: what a person reads,
//! the exit code, and that nothing is left in the engine.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use crate::fake::state::Image;
use crate::fake::{Fake, Fault};
use crate::project::{DOCKERFILE, Project, WELL};
use crate::registry::Registry;

const NOTHING: Vec<String> = Vec::new();

#[test]
fn an_image_is_built_pushed_pulled_back_and_run() {
    let registry = Registry::behind(("alice", "a~?>hunter22"));
    let fake = Fake::beside(&registry);
    let project = Project::new(&fake, Some(&registry), WELL)
        .env("SLIPWAY_REGISTRY_USERNAME", "alice")
        .env("SLIPWAY_REGISTRY_PASSWORD", "a~?>hunter22");
    let run = project.run(&["image", "push"]).exits(0);
    let steps = ["image.build", "image.check", "image.push", "image.pull", "image.smoke", "image.tag"];
    steps.iter().fold(run, |run, step| run.step(step, "passed"));
    let image = project.image();
    assert_eq!(image["builder"]["name"], "engine");
    assert_eq!(image["digest"], image["pushed"]["digest"]);
    assert_eq!(image["digest"], image["pulled"]["digest"]);
    assert_eq!(
        (&image["smoke"][0]["runtime"], &image["smoke"][1]["end"]),
        (&"engine".into(), &"exit code 0".into())
    );
    assert_eq!(fake.things(), NOTHING);
    assert!(!project.record().to_string().contains("hunter22"));

    let pinned = image["pulled"]["reference"].as_str().unwrap();
    project.run(&["cd", "--image", pinned]).exits(0).step("image.smoke", "passed");
    project.run(&["image", "pull", pinned]).exits(0).step("image.pull", "passed");
    assert_eq!(fake.things(), NOTHING);
}

#[test]
fn what_is_wrong_with_a_dockerfile_is_the_code_s_fault() {
    let fake = Fake::start();
    for (dockerfile, told) in [
        (DOCKERFILE.replace("USER", "RUN missing\nUSER"), "Dockerfile:3: RUN missing: non-zero code: 127"),
        (
            DOCKERFILE.replace("COPY server", "COPY nothing"),
            "Dockerfile:2: COPY nothing /app/server: COPY failed",
        ),
        (
            DOCKERFILE.replace("EXPOSE", "EXPOSED"),
            "dockerfile parse error line 4: unknown instruction: EXPOSED",
        ),
    ] {
        let project = Project::new(&fake, None, WELL).file("Dockerfile", &dockerfile);
        project.run(&["image", "build"]).exits(1).says(told).step("image.build", "failed");
    }
    assert_eq!(fake.things(), NOTHING);
}

/// What the engine does not do is neither green nor the code's fault.
#[test]
fn an_engine_that_fails_leaves_it_open() {
    let fake = Fake::start();
    let project = Project::new(&fake, None, WELL);
    for (route, fault, step, told) in [
        ("POST /build", Fault::Cut(300), "image.build", "the engine went away ("),
        (
            "POST /build",
            Fault::Refused(500, "cannot allocate memory"),
            "image.build",
            "cannot allocate memory",
        ),
        ("GET /images/*/get", Fault::Cut(3000), "image.build", "the engine went away ("),
        ("GET /images/*/get", Fault::NoAnswer, "image.build", "the engine went away ("),
        (
            "POST /images/load",
            Fault::Refused(500, "no space left on device"),
            "image.smoke",
            "docker system prune",
        ),
        (
            "POST /images/load",
            Fault::Lines(&[r#"{"errorDetail":{"message":"archive/tar: invalid tar header"}}"#]),
            "image.smoke",
            "invalid tar header",
        ),
        (
            "POST /containers/create",
            Fault::Refused(409, "Conflict. The name is in use"),
            "image.smoke",
            "Conflict",
        ),
        ("POST /containers/create", Fault::Rubbish, "image.smoke", "the engine's answer is not understood ("),
        (
            "POST /containers/*/start",
            Fault::Refused(500, "Bind for 127.0.0.1:0 failed: port is already allocated"),
            "image.smoke",
            "hint: another container uses this port",
        ),
        ("GET /containers/*/json", Fault::NoAnswer, "image.smoke", "the engine went away ("),
        ("POST /containers/*/wait", Fault::Cut(4), "image.smoke", "the engine went away ("),
        ("GET /containers/*/logs", Fault::Cut(4), "image.smoke", "cannot read the logs of container"),
        (
            "DELETE /containers/*",
            Fault::Refused(500, "device or resource busy"),
            "image.smoke",
            "resource busy",
        ),
    ] {
        fake.fault(route, 1, fault);
        project.run(&["image", "smoke"]).exits(3).says(told).step(step, "inconclusive");
        assert_eq!(fake.faults_left(), Vec::<&str>::new(), "{route} {fault:?}");
        // A removal that the engine refuses is made up for by whoever comes next.
        let left = usize::from(route.starts_with("DELETE"));
        assert_eq!(fake.things().len(), left, "{route} {fault:?}: {:?}", fake.things());
    }
    project.run(&["image", "smoke"]).exits(0);
    assert_eq!(fake.things(), NOTHING);
}

#[test]
fn a_full_disk_in_a_step_of_a_build_is_the_machine_s_fault() {
    let fake = Fake::start();
    let dockerfile = DOCKERFILE.replace("USER", "RUN fill\nUSER");
    let project = Project::new(&fake, None, WELL).file("Dockerfile", &dockerfile);
    let run = project.run(&["image", "build"]).exits(3).step("image.build", "inconclusive");
    run.says("RUN fill: write /x: no space left on device").says("hint: free some space");
}

#[test]
fn an_engine_that_ends_between_two_calls_is_told() {
    let fake = Fake::start();
    let project = Project::new(&fake, None, WELL);
    fake.fault("POST /containers/*/start", 1, Fault::Dies);
    let run = project.run(&["image", "smoke"]).exits(3).says("the engine went away (");
    run.says("hint: is the engine still running?").step("image.smoke", "inconclusive");
    let run = project.run(&["image", "smoke"]).exits(3).says("no container engine answers");
    run.says("hint: start Docker or Podman").step("image.build", "inconclusive");
}

/// A service, which has to be ready in this time.
const SERVICE: &str =
    "port = 8080\ngrace = '300ms'\nhttp = [{ path = '/', json = { status = 'ok' } }]\nwithin = ";

#[test]
fn what_is_wrong_with_a_container_is_the_image_s_fault() {
    let fake = Fake::start();
    let service = |within: &str| format!("{SERVICE}'{within}'");
    for (mode, settings, told) in [
        ("exit', '3", String::new(), "exits with 0: it ended with exit code 3"),
        ("panic', 'no", "exit = 101".to_owned(), "prints no panic: thread 'main' panicked at"),
        ("memory", "memory = '64MiB'".to_owned(), "out of memory: it may use 64 MiB"),
        ("sleep", "timeout = '300ms'".to_owned(), "ends within 300 ms: it still ran, and was killed"),
        ("dies", service("30s"), "it ended with exit code 9 before it was ready"),
        ("quiet", service("500ms"), "becomes ready within 500 ms: the last time: "),
        ("unwell", service("2s"), "the last time it said: status is warming-up"),
        ("wrong-body", service("30s"), "the answer is no JSON"),
        ("deaf", service("30s"), "stops on SIGTERM within 300 ms: it still ran, and was killed"),
    ] {
        let smoke = format!("[[smoke]]\nname = 'bad'\nargs = ['{mode}']\n{settings}\n");
        let project = Project::new(&fake, None, &smoke);
        project.run(&["image", "smoke"]).exits(1).says(told).step("image.smoke", "failed");
        assert_eq!(fake.things(), NOTHING, "{mode}");
    }
    let project = Project::new(&fake, None, WELL);
    fake.fault(
        "POST /containers/*/start",
        1,
        Fault::Refused(
            400,
            "OCI runtime create failed: exec: \"server\": executable file not found in $PATH",
        ),
    );
    project
        .run(&["image", "smoke"])
        .exits(1)
        .says("executable file not found in $PATH")
        .step("image.smoke", "failed");
    assert_eq!(fake.things(), NOTHING);
}

#[test]
fn a_pull_that_is_refused_leaves_it_open() {
    let registry = Registry::start();
    let fake = Fake::beside(&registry);
    let project = Project::new(&fake, Some(&registry), WELL);
    for (fault, told) in [
        (Fault::Refused(404, "manifest unknown"), "manifest unknown"),
        (
            Fault::Refused(500, "denied: requested access to the resource is denied"),
            "hint: the credentials lack the right",
        ),
        (Fault::Lines(&[r#"{"errorDetail":{"message":"blob: unexpected EOF"}}"#]), "blob: unexpected EOF"),
        (Fault::Cut(30), "the engine went away ("),
    ] {
        fake.fault("POST /images/create", 1, fault);
        let run = project.run(&["image", "push"]).exits(3).says(told);
        // Nobody is led to what has not proven itself.
        run.step("image.pull", "inconclusive").step("image.tag", "cancelled");
        assert_eq!(fake.things(), NOTHING);
    }
}

#[test]
fn an_image_that_was_there_before_stays() {
    let registry = Registry::start();
    let fake = Fake::beside(&registry);
    let project = Project::new(&fake, Some(&registry), WELL);
    project.run(&["image", "push"]).exits(0);
    let pinned = project.image()["pulled"]["reference"].as_str().unwrap().to_owned();
    let engine = crate::support::engine(&fake);
    engine.pull(&pinned.parse().unwrap(), None, &crate::support::limits(), &mut |_| {}).unwrap();
    let before = fake.things();
    project.run(&["cd", "--image", &pinned]).exits(0);
    assert_eq!(fake.things(), before);
}

/// Wherever in a run the engine fails once, or ends: it is never the code's fault, and what can be tidied up is.
#[test]
fn no_failure_of_the_engine_is_taken_for_one_of_the_image() {
    const BRIEF: &str = "[[smoke]]\nname = 'version'\nargs = ['print', 'server 1']\nstdout = ['^server 1']\n";
    let fake = Fake::start();
    Project::new(&fake, None, BRIEF).run(&["image", "smoke"]).exits(0);
    for (place, route) in fake.routes().iter().enumerate() {
        for fault in [Fault::NoAnswer, Fault::Dies] {
            let fake = Fake::start();
            let project = Project::new(&fake, None, BRIEF);
            fake.fault("*", place + 1, fault);
            let run = project.run(&["image", "smoke"]);
            assert!(matches!(run.code, Some(0 | 3)), "{route} {fault:?}: {:?}\n{}", run.code, run.said);
            let is_lost = matches!(fault, Fault::Dies) || route.starts_with("DELETE");
            assert!(is_lost || fake.things().is_empty(), "{route}: {:?}", fake.things());
        }
    }
}

#[test]
fn a_push_that_the_registry_refuses_is_told() {
    let registry = Registry::behind(("alice", "a~?>hunter22"));
    let fake = Fake::beside(&registry);
    let project = Project::new(&fake, Some(&registry), WELL);
    let run = project.run(&["image", "push"]).exits(3);
    run.step("image.push", "inconclusive").step("image.pull", "cancelled").step("image.tag", "cancelled");
    assert_eq!((fake.asked("POST /images/create"), fake.things()), (0, NOTHING));
}

#[test]
fn a_slow_engine_is_waited_for() {
    let fake = Fake::start();
    let project = Project::new(&fake, None, WELL);
    for route in [
        "GET /_ping",
        "POST /build",
        "GET /images/*/get",
        "POST /images/load",
        "POST /containers/create",
        "GET /containers/*/json",
        "POST /containers/*/wait",
        "GET /containers/*/logs",
        "DELETE /images/*",
    ] {
        fake.fault(route, 1, Fault::Drip(Duration::from_micros(20)));
    }
    project.run(&["image", "smoke"]).exits(0);
    assert_eq!((fake.faults_left(), fake.things()), (vec![], NOTHING));
}

#[test]
fn a_build_is_given_arguments_labels_and_who_we_are() {
    let fake = Fake::start();
    let base = "registry.example:5000/team/base:1";
    fake.state(|state| state.keep(Image::named(base, &json!({}))));
    let dockerfile = DOCKERFILE.replace("FROM scratch", &format!("FROM {base}"));
    let settings = format!("build-args = {{ LEVEL = '1', MODE = 'fast' }}\n{WELL}");
    let auth = STANDARD.encode("alice:a~?>hunter22");
    let config = json!({ "auths": { "registry.example:5000": { "auth": auth } } }).to_string();
    let project = Project::new(&fake, None, &settings)
        .file("Dockerfile", &dockerfile)
        .file("target/docker/config.json", &config)
        .env("LEVEL", "2");
    let place = project.path().join("target/docker").display().to_string();
    let project = project.env("DOCKER_CONFIG", &place).env("SOURCE_DATE_EPOCH", "1700000000");
    project.run(&["image", "build"]).exits(0);

    let asked = fake.last("POST /build");
    let args: Value = serde_json::from_str(asked.query("buildargs")).unwrap();
    assert_eq!(args, json!({ "LEVEL": "2", "MODE": "fast", "SOURCE_DATE_EPOCH": "1700000000" }));
    let labels: Value = serde_json::from_str(asked.query("labels")).unwrap();
    assert_eq!(
        labels["org.opencontainers.image.version"],
        project.image()["labels"]["org.opencontainers.image.version"]
    );
    let told = URL_SAFE.decode(asked.header("x-registry-config").unwrap()).unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["registry.example:5000"]["password"], "a~?>hunter22");
    assert_eq!(fake.things(), [format!("image {base}")]);
}

#[test]
fn secrets_of_a_build_are_not_given_to_whoever_cannot_keep_them() {
    let fake = Fake::start();
    let settings = format!("secrets = {{ token = 'env:TOKEN', key = 'context/server' }}\n{WELL}");
    let project = Project::new(&fake, None, &settings);
    project.run(&["image", "build"]).exits(1).says("the build's secret `token`: TOKEN is not set");
    let project = project.env("TOKEN", "hunter22");
    let run =
        project.run(&["image", "build"]).exits(1).says("needs BuildKit, which the classic builder is not");
    assert!(!run.said.contains("hunter22") && fake.asked("POST /build") == 0);
    let missing = format!("secrets = {{ key = 'no/such/file' }}\n{WELL}");
    let project = Project::new(&fake, None, &missing);
    project.run(&["image", "build"]).exits(1).says("the build's secret `key`: ").says("no/such/file");
}
