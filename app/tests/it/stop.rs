//! How a service stops. A request whose head is sent by half is in flight for as long as a test needs.

use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use crate::connection::Connection;
use crate::service::Service;

fn begin_request(service: &Service) -> Connection {
    let mut connection = service.connect();
    connection.send("GET /health/live HTTP/1.1\r\nHost: test\r\n");
    // An answer on a later connection shows that the earlier one is accepted. That its bytes are read as well
    // cannot be seen from outside; it takes microseconds.
    assert_eq!(service.connect().ask("GET", "/health/live").status(), "200");
    thread::sleep(Duration::from_millis(50));
    connection
}

#[test]
fn an_idle_service_stops_at_once_on_either_signal() {
    for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT")] {
        let service = Service::start(&["--grace", "0"]);
        let _connected_but_silent = service.connect();
        assert_eq!(service.begin_stop(signal)["signal"], name);
        service.next_event("stopped");
        assert_eq!(service.end(), (Some(0), String::new()), "{name}");
    }
}

#[test]
fn a_request_in_flight_is_answered_before_the_end() {
    let service = Service::start(&[]);
    let mut request = begin_request(&service);
    service.begin_stop(Signal::TERM);
    request.send("\r\n");
    assert_eq!(request.answer().status(), "200");
    service.next_event("stopped");
    assert_eq!(service.end(), (Some(0), String::new()));
}

#[test]
fn a_draining_service_is_alive_not_ready_and_then_gone() {
    let service = Service::start(&["--drain", "1"]);
    service.begin_stop(Signal::TERM);
    let ready = service.connect().ask("GET", "/health/ready");
    assert_eq!((ready.status(), ready.json()["status"].as_str()), ("503", Some("stopping")));
    assert_eq!(service.connect().ask("GET", "/health/live").status(), "200");
    service.next_event("stopped");
    assert!(TcpStream::connect(service.address).is_err(), "the listener is closed");
    assert_eq!(service.end().0, Some(0));
}

#[test]
fn a_request_that_outlasts_the_grace_time_is_cut_off_and_told() {
    let service = Service::start(&["--grace", "1"]);
    let _request = begin_request(&service);
    service.begin_stop(Signal::TERM);
    let (code, said) = service.end();
    assert_eq!(code, Some(4));
    assert!(said.starts_with("error: stopped with requests unfinished after a grace time of 1 s"), "{said}");
    assert!(said.contains("\n\nhint: allow more time with --grace"), "{said}");
}

#[test]
fn a_second_signal_ends_the_grace_time() {
    let service = Service::start(&["--grace", "60"]);
    let _request = begin_request(&service);
    service.begin_stop(Signal::TERM);
    service.signal(Signal::INT);
    let (code, said) = service.end();
    assert_eq!(code, Some(4));
    assert!(said.starts_with("error: stopped at once by a second signal (SIGINT)"), "{said}");
}

#[test]
fn a_second_signal_ends_the_drain_time() {
    let service = Service::start(&["--drain", "60"]);
    service.begin_stop(Signal::TERM);
    service.signal(Signal::TERM);
    assert_eq!(service.end().0, Some(4));
}
