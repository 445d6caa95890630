//! Containers: what they may not do, how they end, what is known of them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use xtask::tools::docker::{ContainerSpec, Engine, Limits, Privileges, Root, Waited};
use xtask::tools::interrupt::Interrupt;

use super::support::{Test, busybox_image, limits, owner};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("containers::the_exit_code_and_both_streams_are_known", the_exit_code_and_both_streams_are_known),
    ("containers::nothing_is_allowed_that_was_not_asked_for", nothing_is_allowed_that_was_not_asked_for),
    ("containers::too_much_memory_is_told_as_such", too_much_memory_is_told_as_such),
    ("containers::a_published_port_answers", a_published_port_answers),
    ("containers::a_wait_ends_in_time_and_when_interrupted", a_wait_ends_in_time_and_when_interrupted),
    ("containers::a_signal_arrives", a_signal_arrives),
    ("containers::what_cannot_start_is_told", what_cannot_start_is_told),
    ("containers::a_dropped_container_is_gone", a_dropped_container_is_gone),
    ("containers::containers_of_a_network_reach_each_other", containers_of_a_network_reach_each_other),
];

fn shell(engine: &Engine, script: &str) -> ContainerSpec {
    let args = Some(vec!["/bin/sh".to_owned(), "-c".to_owned(), script.to_owned()]);
    ContainerSpec { args, pids: Some(32), ..ContainerSpec::new(busybox_image(engine)) }
}

fn the_exit_code_and_both_streams_are_known(engine: &Engine) {
    let mut spec = shell(engine, "echo out; echo err >&2; echo $WHO; exit 7");
    spec.env.push(("WHO".to_owned(), "me".to_owned()));
    let container = engine.create(&spec, &owner("exit")).unwrap();
    container.start().unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(7));
    let logs = container.logs().unwrap();
    assert_eq!((logs.stdout.as_str(), logs.stderr.as_str()), ("out\nme\n", "err\n"));
    let state = container.state().unwrap();
    assert_eq!((state.exit_code, state.out_of_memory, state.user.as_str()), (Some(7), false, "1000"));
    assert!(state.finished.is_some());
    container.remove().unwrap();
}

fn nothing_is_allowed_that_was_not_asked_for(engine: &Engine) {
    let script = "id -u; touch /x || echo read-only; touch /tmp/x && echo tmp; \
                  grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status | tr -d '\\t'";
    let script = script.replace("grep", "/bin/busybox grep").replace("| tr", "| /bin/busybox tr");
    let mut spec = shell(engine, &script);
    spec.tmpfs.push("/tmp".into());
    let container = engine.create(&spec, &owner("bare")).unwrap();
    container.start().unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(0));
    let expected = "1000\nread-only\ntmp\nCapEff:0000000000000000\nCapBnd:0000000000000000\nNoNewPrivs:1\n";
    assert_eq!(container.logs().unwrap().stdout, expected);

    let open = ContainerSpec {
        root: Root::Writable,
        privileges: Privileges::Default,
        user: Some("0:0".to_owned()),
        ..shell(engine, "touch /x && id -u")
    };
    let container = engine.create(&open, &owner("open")).unwrap();
    container.start().unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(0));
    assert_eq!(container.logs().unwrap().stdout, "0\n");
}

fn too_much_memory_is_told_as_such(engine: &Engine) {
    let mut spec = shell(engine, "exec /bin/tail /dev/zero");
    spec.memory = Some(16 << 20);
    let container = engine.create(&spec, &owner("memory")).unwrap();
    container.start().unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(137));
    assert!(container.state().unwrap().out_of_memory);
}

fn a_published_port_answers(engine: &Engine) {
    let mut spec = shell(engine, "echo hello > /tmp/index.html; exec /bin/httpd -f -p 8080 -h /tmp");
    spec.tmpfs.push("/tmp".into());
    spec.ports.push(8080);
    let container = engine.create(&spec, &owner("port")).unwrap();
    container.start().unwrap();
    let state = container.until(&limits(), |state| !state.ports.is_empty()).unwrap();
    let published = &state.ports[&8080];
    let mut answer = String::new();
    for _ in 0..100 {
        answer.clear();
        let tried = TcpStream::connect((published.host.as_str(), published.port)).and_then(|mut stream| {
            stream.write_all(b"GET /index.html HTTP/1.0\r\n\r\n")?;
            stream.read_to_string(&mut answer)
        });
        if tried.is_ok() && !answer.is_empty() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(answer.starts_with("HTTP/1.") && answer.ends_with("hello\n"), "{answer}");
}

fn a_wait_ends_in_time_and_when_interrupted(engine: &Engine) {
    let container = engine.create(&shell(engine, "exec sleep 60"), &owner("wait")).unwrap();
    container.start().unwrap();
    let short = Limits::within(Duration::from_millis(300));
    assert_eq!(container.wait(&short).unwrap(), Waited::StillRunning);
    let interrupt = Interrupt::default();
    interrupt.raise();
    let error = container.wait(&Limits { interrupt, ..limits() }).unwrap_err();
    assert!(error.is_interrupt(), "{error}");
    assert!(container.state().unwrap().is_running());
}

fn a_signal_arrives(engine: &Engine) {
    let script = "trap 'echo bye; exit 3' TERM; echo up; while :; do sleep 0.05; done";
    let container = engine.create(&shell(engine, script), &owner("signal")).unwrap();
    container.start().unwrap();
    while !container.logs().unwrap().stdout.contains("up") {
        std::thread::sleep(Duration::from_millis(20));
    }
    container.signal("SIGTERM").unwrap();
    assert_eq!(container.wait(&limits()).unwrap(), Waited::Exited(3));
    assert_eq!(container.logs().unwrap().stdout, "up\nbye\n");
    let error = container.signal("SIGTERM").unwrap_err();
    assert!(error.to_string().contains("is not running"), "{error}");
}

fn what_cannot_start_is_told(engine: &Engine) {
    let mut spec = shell(engine, "");
    spec.entrypoint = Some(vec!["/no/such/program".to_owned()]);
    let container = engine.create(&spec, &owner("start")).unwrap();
    let error = container.start().unwrap_err();
    assert!(error.to_string().contains("/no/such/program"), "{error}");
    let missing = ContainerSpec::new("slipway-live/none:1");
    let error = engine.create(&missing, &owner("start")).unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("slipway-live/none:1"), "{error}");
}

fn a_dropped_container_is_gone(engine: &Engine) {
    let owner = owner("drop");
    let container = engine.create(&shell(engine, "exec sleep 60"), &owner).unwrap();
    container.start().unwrap();
    drop(container);
    assert!(engine.remove_run(&owner).unwrap().is_empty());
}

fn containers_of_a_network_reach_each_other(engine: &Engine) {
    let owner = owner("network");
    let network = engine.create_network(&format!("{}-net", owner.run()), &owner).unwrap();
    let inside = |script: &str| {
        let mut spec = shell(engine, script);
        spec.network = Some(network.name().to_owned());
        spec.tmpfs.push("/tmp".into());
        engine.create(&spec, &owner).unwrap()
    };
    let server = inside("echo near > /tmp/index.html; exec httpd -f -p 8080 -h /tmp");
    server.start().unwrap();
    let name = server.id().get(..12).unwrap();
    let fetch = format!(
        "for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://{name}:8080/ && exit 0; sleep 0.2; done; exit 1"
    );
    let client = inside(&fetch);
    client.start().unwrap();
    assert_eq!(client.wait(&limits()).unwrap(), Waited::Exited(0), "{:?}", client.logs());
    assert_eq!(client.logs().unwrap().stdout, "near\n");
    let error = engine.create_network("none", &owner).unwrap_err();
    assert!(error.to_string().starts_with("cannot create network none: "), "{error}");
    drop((server, client));
    network.remove().unwrap();
    assert!(engine.remove_run(&owner).unwrap().is_empty());
}
