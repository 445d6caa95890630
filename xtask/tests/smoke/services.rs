//! Services: the whole contract, and each way in which it is broken.

use std::net::{Ipv4Addr, TcpListener};

use xtask::model::step::Status;
use xtask::pipeline::smoke::Smoked;

use super::support::{Image, checks, faults, free_port, is_allowed};

const HEALTH: &str = "http = [{ path = '/health', json = { status = 'ok' }, body = ['\"db\"'] }]";

/// Runs a mode of the program as a service with these further settings.
fn service(mode: &str, settings: &str) -> Smoked {
    let port = free_port().to_string();
    Image::of(&[mode, &port]).smoke(&format!("[[smoke]]\nname = 'up'\nport = {port}\n{settings}"))
}

#[test]
fn a_service_that_is_well() {
    if !is_allowed() {
        return;
    }
    let smoked = service("serve", HEALTH);
    let expected = [
        "passed starts",
        "passed runs as a user that is not root",
        "passed becomes ready within 60 s",
        "passed GET /health answers 200",
        "passed GET /health answers status = \"ok\"",
        "passed GET /health answers /\"db\"/",
        "passed stops on SIGTERM within 10 s",
        "passed exits with 0",
        "passed needs at most 512 MiB of memory",
        "passed prints no panic",
    ];
    assert_eq!(checks(&smoked), expected);
    assert_eq!(smoked.status, Status::Passed);
    let record = &smoked.records[0];
    assert!(record.ready_ms.is_some_and(|ready| ready < 30_000));
    assert_eq!((record.end.as_deref(), &record.output), (Some("exit code 0"), &None));
}

#[test]
fn a_port_that_never_opens() {
    if !is_allowed() {
        return;
    }
    let smoked = service("quiet", &format!("within = '300ms'\n{HEALTH}"));
    let faults = faults(&smoked);
    assert_eq!(faults[0], "timed out becomes ready within 300 ms: the last time: the connection was refused");
    assert_eq!(faults[1], "skipped GET /health answers 200: it was not ready");
    assert_eq!(faults.len(), 4, "{faults:?}");
    assert!(smoked.records[0].output.as_deref().unwrap().contains("not listening"));
    assert_eq!((smoked.status, smoked.records[0].ready_ms), (Status::Failed, None));
    let without = service("quiet", "within = '300ms'");
    assert_eq!(self::faults(&without).len(), 1);
}

#[test]
fn a_service_that_dies() {
    if !is_allowed() {
        return;
    }
    let faults = faults(&service("dies", HEALTH));
    assert_eq!(faults[0], "failed becomes ready within 60 s: it ended with exit code 9 before it was ready");
    assert!(
        faults
            .contains(&"failed stops on SIGTERM within 10 s: it had ended by itself: exit code 9".to_owned())
    );
}

#[test]
fn wrong_answers() {
    if !is_allowed() {
        return;
    }
    let smoked = service("wrong-body", HEALTH);
    let faults = faults(&smoked);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults[0].starts_with("failed GET /health answers status = \"ok\": the answer is no JSON ("),
        "{}",
        faults[0]
    );
    assert_eq!(
        faults[1],
        "failed GET /health answers /\"db\"/: nothing in the answer matches /\"db\"/: <!doctype html><title>hello</title>"
    );
    let faults = self::faults(&service("unwell", &format!("within = '300ms'\n{HEALTH}")));
    assert_eq!(
        faults[0],
        "timed out becomes ready within 300 ms: the last time: it answered 503, not 200: starting"
    );
    let faults = self::faults(&service("moved", "within = '300ms'\nhttp = [{ path = '/' }]"));
    assert!(faults[0].ends_with("it answered 302, not 200: an empty body"), "{}", faults[0]);
    assert_eq!(self::faults(&service("moved", "http = [{ path = '/', status = 302 }]")), [""; 0]);
}

#[test]
fn a_service_that_does_not_stop() {
    if !is_allowed() {
        return;
    }
    let smoked = service("deaf", &format!("grace = '300ms'\n{}", HEALTH.replace(", body = ['\"db\"']", "")));
    let faults = faults(&smoked);
    assert!(
        faults[0].starts_with("timed out stops on SIGTERM within 300 ms: it still ran, and was killed"),
        "{}",
        faults[0]
    );
    assert_eq!(faults[1], "skipped exits with 0: it did not stop when asked");
    assert_eq!(faults.len(), 2);
}

#[test]
fn another_exit_code_than_it_should() {
    if !is_allowed() {
        return;
    }
    assert_eq!(faults(&service("serve-then-exit", "")), ["failed exits with 0: it ended with exit code 7"]);
    assert_eq!(faults(&service("serve-then-exit", "exit = 7")), [""; 0]);
}

#[test]
fn a_panic_in_a_worker() {
    if !is_allowed() {
        return;
    }
    let faults = faults(&service("panics-in-a-thread", ""));
    assert!(faults[0].starts_with("failed prints no panic: thread '<unnamed>'"), "{}", faults[0]);
    assert_eq!(faults.len(), 1);
}

#[test]
fn a_taken_port_is_inconclusive() {
    if !is_allowed() {
        return;
    }
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let smoked = Image::of(&["serve", "1"]).smoke(&format!("[[smoke]]\nname = 'up'\nport = {port}"));
    assert_eq!((smoked.status, smoked.environment), (Status::Inconclusive, true));
    assert!(smoked.reason.unwrap().starts_with(&format!("port {port} is taken by another program")));
}

#[test]
fn an_image_with_a_health_check_and_one_port_needs_no_entry() {
    if !is_allowed() {
        return;
    }
    let port = free_port();
    let text = port.to_string();
    let mut image = Image::of(&["serve", &text]);
    image.packaged.ports = vec![port];
    image.packaged.healthcheck = ["CMD", "/app/service", "healthcheck", &text].map(ToOwned::to_owned).into();
    let smoked = image.smoke("");
    assert!(checks(&smoked).contains(&"passed is well by its own health check within 60 s".to_owned()));
    assert_eq!(smoked.status, Status::Passed, "{:?}", faults(&smoked));
    assert_eq!(smoked.records[0].name, "default");

    image.packaged.healthcheck[3] = "1".to_owned();
    let smoked = image.smoke(&format!("[[smoke]]\nname = 'up'\nport = {port}\nwithin = '300ms'"));
    let said = "timed out is well by its own health check within 300 ms: the last time it said: exit code 1 nobody listens";
    assert_eq!(faults(&smoked), [said]);
}
