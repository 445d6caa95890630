//! Containers over the engine's API: what they do, and what goes wrong in the midst of each call.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use xtask::tools::docker::{
    ContainerSpec, Engine, Health, HealthStatus, Limits, Phase, Privileges, Root, State, Waited,
};

use crate::fake::Fault;
use crate::support::{IMAGE, doing, interrupted, limits, owner, with_image};

#[test]
fn the_exit_code_and_both_streams_are_known() {
    let (fake, engine) = with_image();
    let container = engine.create(&doing(&["panic", "no"]), &owner()).unwrap();
    assert_eq!(container.state().unwrap().phase, Phase::Created);
    assert_eq!(container.state().unwrap().started, None);
    container.start().unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(101));
    let logs = container.logs().unwrap();
    assert_eq!(logs.stdout, "");
    assert_eq!(logs.stderr, "thread 'main' panicked at src/main.rs:1:1:\nno\n");
    let state = container.state().unwrap();
    assert_eq!((state.phase, state.exit_code, state.out_of_memory), (Phase::Ended, Some(101), false));
    assert_eq!((state.user.as_str(), state.health), ("1000", None));
    assert_eq!(state.finished.as_deref(), Some("2026-01-02T03:04:06.7Z"));
    container.remove().unwrap();
    assert_eq!(fake.things(), ["image app:1"]);
}

#[test]
fn nothing_is_allowed_that_was_not_asked_for() {
    let (fake, engine) = with_image();
    let spec = ContainerSpec {
        memory: Some(64 << 20),
        pids: Some(32),
        tmpfs: vec!["/tmp".into()],
        ports: vec![8080],
        health_interval: Some(Duration::from_millis(500)),
        env: vec![("WHO".to_owned(), "me".to_owned())],
        labels: [("more".to_owned(), "yes".to_owned())].into(),
        ..doing(&["exit", "0"])
    };
    drop(engine.create(&spec, &owner()).unwrap());
    let sent = fake.last("POST /containers/create").json();
    let host = &sent["HostConfig"];
    assert_eq!(host["ReadonlyRootfs"], true);
    assert_eq!(host["CapDrop"], serde_json::json!(["ALL"]));
    assert_eq!(host["SecurityOpt"], serde_json::json!(["no-new-privileges"]));
    assert_eq!((&host["Memory"], &host["MemorySwap"]), (&(64 << 20).into(), &(64 << 20).into()));
    assert_eq!((&host["PidsLimit"], &host["Tmpfs"]["/tmp"]), (&32.into(), &"".into()));
    assert_eq!(host["PortBindings"]["8080/tcp"][0]["HostIp"], "127.0.0.1");
    assert_eq!(sent["Healthcheck"]["Interval"], 500_000_000);
    assert_eq!((&sent["Env"][0], &sent["Labels"]["more"]), (&"WHO=me".into(), &"yes".into()));
    assert_eq!(sent["Labels"]["slipway.run"], "engine-test");

    let open =
        ContainerSpec { root: Root::Writable, privileges: Privileges::Default, ..ContainerSpec::new(IMAGE) };
    drop(engine.create(&open, &owner()).unwrap());
    let host = fake.last("POST /containers/create").json()["HostConfig"].clone();
    assert_eq!((&host["ReadonlyRootfs"], &host["CapDrop"]), (&false.into(), &serde_json::Value::Null));
    assert_eq!(fake.things(), ["image app:1"]);
}

#[test]
fn a_published_port_answers_and_health_is_known() {
    let (_fake, engine) = with_image();
    let spec = ContainerSpec { ports: vec![8080], ..doing(&["serve"]) };
    let container = engine.create(&spec, &owner()).unwrap();
    container.start().unwrap();
    let state = container.until(&limits(), State::is_healthy).unwrap();
    assert_eq!(state.health, Some(Health { status: HealthStatus::Healthy, last: "ok".to_owned() }));
    let published = &state.ports[&8080];
    let mut stream = TcpStream::connect((published.host.as_str(), published.port)).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
    container.signal("SIGTERM").unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(0));
    let error = container.signal("SIGTERM").unwrap_err();
    assert!(error.to_string().ends_with("is not running"), "{error}");
}

#[test]
fn a_container_that_never_becomes_healthy_is_waited_for_no_longer_than_that() {
    let (_fake, engine) = with_image();
    let container = engine.create(&doing(&["unwell"]), &owner()).unwrap();
    container.start().unwrap();
    let short = Limits::within(Duration::from_millis(150));
    let error = container.until(&short, State::is_healthy).unwrap_err();
    assert!(error.to_string().ends_with(": not done within 0.15 s"), "{error}");
    let health = container.state().unwrap().health.unwrap();
    assert_eq!((health.status, health.last.as_str()), (HealthStatus::Unhealthy, "status is warming-up"));
    assert!(container.until(&interrupted(), State::is_healthy).unwrap_err().is_interrupt());
}

#[test]
fn a_wait_ends_in_time_and_when_interrupted() {
    let (fake, engine) = with_image();
    let container = engine.create(&doing(&["sleep"]), &owner()).unwrap();
    container.start().unwrap();
    let short = Limits::within(Duration::from_millis(50));
    assert_eq!(container.wait(&short).unwrap(), Waited::StillRunning);
    assert!(container.wait(&interrupted()).unwrap_err().is_interrupt());
    assert!(container.state().unwrap().is_running());
    drop(container);
    assert_eq!(fake.things(), ["image app:1"], "a running one is removed too");
}

#[test]
fn out_of_memory_is_told_as_such() {
    let (_fake, engine) = with_image();
    let container = engine.create(&doing(&["memory"]), &owner()).unwrap();
    container.start().unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(137));
    assert!(container.state().unwrap().out_of_memory);
}

#[test]
fn what_cannot_be_made_or_started_is_told() {
    let (fake, engine) = with_image();
    let error = engine.create(&ContainerSpec::new("none:1"), &owner()).unwrap_err();
    assert_eq!(error.to_string(), "cannot create a container of none:1: No such image: none:1");
    assert!(error.is_not_found());
    let spec =
        ContainerSpec { entrypoint: Some(vec!["/no/program".to_owned()]), ..ContainerSpec::new(IMAGE) };
    let container = engine.create(&spec, &owner()).unwrap();
    let error = container.start().unwrap_err();
    assert!(error.to_string().contains("exec: \"/no/program\""), "{error}");
    drop(container);

    for (route, status, words, hint) in [
        ("POST /containers/create", 409, "Conflict. The container name \"/a\" is already in use", None),
        (
            "POST /containers/create",
            500,
            "mkdir /var/lib: no space left on device",
            Some("docker system prune"),
        ),
        (
            "POST /containers/*/start",
            500,
            "Bind for 127.0.0.1:80 failed: port is already allocated",
            Some("docker ps"),
        ),
    ] {
        fake.fault(route, 1, Fault::Refused(status, words));
        let started = engine.create(&doing(&["sleep"]), &owner()).and_then(|container| container.start());
        let error = started.unwrap_err();
        assert!(error.to_string().ends_with(words), "{error}");
        assert_eq!(error.hint().is_some(), hint.is_some(), "{error}");
        assert!(error.hint().unwrap_or_default().contains(hint.unwrap_or_default()));
    }
    assert_eq!((fake.things(), fake.faults_left()), (vec!["image app:1".to_owned()], vec![]));
}

/// Every call, with the connection that ends before the answer, with rubbish in place of it, and with half of it.
#[test]
fn each_call_survives_an_engine_that_does_not() {
    let (fake, engine) = with_image();
    let spec = doing(&["print", "text"]);
    for (fault, words) in [
        (Fault::NoAnswer, "the engine went away ("),
        (Fault::Rubbish, "the engine's answer is not understood ("),
        (Fault::Cut(5), "the engine "),
    ] {
        fake.fault("POST /containers/create", 1, fault);
        let error = engine.create(&spec, &owner()).unwrap_err().to_string();
        assert!(
            error.starts_with("cannot create a container of app:1: ") && error.contains(words),
            "{error}"
        );
        let container = engine.create(&spec, &owner()).unwrap();
        fake.fault("GET /containers/*/json", 1, fault);
        let error = container.state().unwrap_err().to_string();
        assert!(error.starts_with("cannot inspect container ") && error.contains(words), "{error}");
        container.start().unwrap();
        if !matches!(fault, Fault::Rubbish) {
            fake.fault("POST /containers/*/wait", 1, fault);
            let error = container.wait(&limits()).unwrap_err().to_string();
            assert!(error.starts_with("cannot wait for container ") && error.contains(words), "{error}");
            fake.fault("GET /containers/*/logs", 1, fault);
            let error = container.logs().unwrap_err().to_string();
            assert!(error.starts_with("cannot read the logs of container "), "{error}");
        }
    }
    // A cut connection has lost the answers, not what was done: that is what the labels are for.
    let reaped = engine.remove_run(&owner()).unwrap();
    assert!(reaped.containers.len() <= 1, "{reaped:?}");
    assert_eq!((fake.things(), fake.faults_left()), (vec!["image app:1".to_owned()], vec![]));
}

#[test]
fn an_engine_that_tells_byte_by_byte_is_understood() {
    let (fake, engine) = with_image();
    let container = engine.create(&doing(&["print", "slow text"]), &owner()).unwrap();
    container.start().unwrap();
    for route in ["POST /containers/*/wait", "GET /containers/*/logs"] {
        fake.fault(route, 1, Fault::Drip(Duration::from_millis(1)));
    }
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(0));
    assert_eq!(container.logs().unwrap().stdout, "slow text\n");
}

#[test]
fn a_wait_that_says_nothing_is_no_end() {
    let (fake, engine) = with_image();
    let container = engine.create(&doing(&["exit", "0"]), &owner()).unwrap();
    container.start().unwrap();
    fake.fault("POST /containers/*/wait", 1, Fault::Lines(&[]));
    let error = container.wait(&limits()).unwrap_err();
    assert!(error.to_string().contains("no answer before the end of the connection"), "{error}");
    fake.fault("POST /containers/*/wait", 1, Fault::Stall(0));
    let begun = Instant::now();
    let short = Limits::within(Duration::from_millis(100));
    assert_eq!(container.wait(&short).unwrap(), Waited::StillRunning);
    assert!(begun.elapsed() < Duration::from_secs(5));
    // Podman and older engines word a failure in the answer itself.
    let words = r#"{"StatusCode":1,"Error":{"Message":"the container is lost"}}"#;
    let lines: &'static [&'static str] = Box::leak(Box::new([words]));
    fake.fault("POST /containers/*/wait", 1, Fault::Lines(lines));
    let error = container.wait(&limits()).unwrap_err();
    assert!(error.to_string().contains("the container is lost"), "{error}");
}

#[test]
fn a_removal_that_somebody_else_does_is_one_too() {
    let (fake, engine) = with_image();
    let made = || engine.create(&doing(&["exit", "0"]), &owner()).unwrap();
    let container = made();
    fake.fault(
        "DELETE /containers/*",
        1,
        Fault::Refused(409, "removal of container a is already in progress"),
    );
    container.remove().unwrap();
    let container = made();
    fake.state(|state| state.containers.clear());
    container.remove().unwrap();
    let container = made();
    fake.fault(
        "DELETE /containers/*",
        1,
        Fault::Refused(500, "driver \"overlay2\" failed to remove root filesystem"),
    );
    let error = container.remove().unwrap_err();
    assert!(error.to_string().contains("failed to remove root filesystem"), "{error}");
    assert_eq!(engine.remove_run(&owner()).unwrap().containers.len(), 1);
}

#[test]
fn networks_are_made_and_removed() {
    let (fake, engine) = with_image();
    let network = engine.create_network("net", &owner()).unwrap();
    assert_eq!(network.name(), "net");
    let error = engine.create_network("net", &owner()).unwrap_err();
    assert_eq!(error.to_string(), "cannot create network net: network with name net already exists");
    let spec = ContainerSpec { network: Some("net".to_owned()), ..doing(&["sleep"]) };
    let container = engine.create(&spec, &owner()).unwrap();
    let error = network.remove().unwrap_err();
    assert!(error.to_string().contains("has active endpoints"), "{error}");
    drop(container);
    drop(engine.create_network("other", &owner()).unwrap());
    assert_eq!(fake.things(), ["image app:1", "network net"]);
    assert_eq!(engine.remove_run(&owner()).unwrap().networks, ["net"]);
    assert_eq!(fake.things(), ["image app:1"]);
}

#[test]
fn an_engine_at_a_port_is_one_too() {
    let (fake, _) = with_image();
    let engine = Engine::find(&[("DOCKER_HOST".to_owned(), fake.port())].into()).unwrap();
    let spec = ContainerSpec { ports: vec![8080], ..doing(&["serve"]) };
    let container = engine.create(&spec, &owner()).unwrap();
    container.start().unwrap();
    assert_eq!(container.state().unwrap().ports[&8080].host, "127.0.0.1");
    let sent = fake.last("POST /containers/create").json();
    assert_eq!(sent["HostConfig"]["PortBindings"]["8080/tcp"][0]["HostIp"], "127.0.0.1");
    container.remove().unwrap();
    fake.fault("GET /containers/json", 1, Fault::Cut(0));
    assert!(engine.reap().unwrap_err().to_string().contains("the engine went away ("));
}

#[test]
fn podman_is_not_asked_for_what_it_does_not_have() {
    let (fake, engine) = with_image();
    drop(engine.create(&doing(&["exit", "0"]), &owner()).unwrap());
    let logs = || fake.last("POST /containers/create").json()["HostConfig"]["LogConfig"].clone();
    assert_eq!(logs()["Type"], "json-file");
    fake.state(|state| state.is_podman = true);
    let engine = crate::support::engine(&fake);
    drop(engine.create(&doing(&["exit", "0"]), &owner()).unwrap());
    assert!(logs().is_null());
}
