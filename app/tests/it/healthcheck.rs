//! The probe of `app healthcheck` against services in every state.

use std::net::TcpListener;

use rustix::process::Signal;

use crate::program::{app, finish, run};
use crate::service::Service;

#[test]
fn a_ready_service_passes_in_silence() {
    let service = Service::start(&[]);
    let finished = run(&["healthcheck", "--url", &format!("http://{}/health/ready", service.address)]);
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!((finished.stdout.as_str(), finished.stderr.as_str()), ("", ""));
}

#[test]
fn the_address_of_the_listener_is_enough() {
    let service = Service::start(&[]);
    let everywhere = format!("0.0.0.0:{}", service.address.port());
    let finished = finish(app().arg("healthcheck").env("APP_LISTEN", everywhere));
    assert_eq!(finished.code, Some(0), "{finished:?}");
}

#[test]
fn the_url_in_the_environment_goes_before_the_listener() {
    let service = Service::start(&[]);
    let url = format!("http://{}/nowhere", service.address);
    let listen = service.address.to_string();
    finish(app().arg("healthcheck").env("APP_LISTEN", listen).env("APP_HEALTHCHECK_URL", url)).fails_with(
        1,
        "/nowhere answered 404 Not Found instead of 200 OK",
        "not its health path",
    );
}

#[test]
fn a_stopping_service_does_not_pass() {
    let service = Service::start(&["--drain", "60"]);
    service.begin_stop(Signal::TERM);
    run(&["healthcheck", "--listen", &service.address.to_string()]).fails_with(
        1,
        "answered 503 Service Unavailable",
        "not ready",
    );
}

#[test]
fn a_service_that_does_not_run_does_not_pass() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let free = free.expect("a free port").to_string();
    run(&["healthcheck", "--listen", &free]).fails_with(
        1,
        "Connection refused",
        "check that the service runs",
    );
}

#[test]
fn a_service_that_says_nothing_is_given_up() {
    // The kernel accepts for a listener; nobody answers.
    let mute = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = mute.local_addr().expect("an address").to_string();
    run(&["healthcheck", "--listen", &address, "--timeout", "1"]).fails_with(
        1,
        "did not answer within 1 s",
        "--timeout",
    );
}
