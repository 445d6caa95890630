//! Wrong use, and what is said about it.

use std::net::TcpListener;

use crate::program::{app, finish, run};

#[test]
fn the_version_is_one_line_on_stdout() {
    let finished = run(&["--version"]);
    assert_eq!(finished.code, Some(0));
    assert_eq!(finished.stdout, format!("app {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(finished.stderr, "");
}

#[test]
fn a_wrong_flag_is_told_with_a_suggestion() {
    run(&["serve", "--lisen", "127.0.0.1:0"]).fails_with(
        2,
        "unexpected argument '--lisen'",
        "did you mean --listen?",
    );
}

#[test]
fn a_wrong_value_in_the_environment_names_its_variable() {
    finish(app().arg("serve").env("APP_LISTEN", "everywhere")).fails_with(2, "'everywhere'", "APP_LISTEN");
    finish(app().arg("serve").env("APP_GRACE_SECONDS", "-1")).fails_with(2, "--grace", "app serve --help");
}

#[test]
fn a_probe_without_a_known_port_is_refused() {
    run(&["healthcheck", "--listen", "0.0.0.0:0"]).fails_with(2, "port 0", "--url");
}

#[test]
fn an_address_in_use_has_its_own_exit_code() {
    let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = other.local_addr().expect("an address").to_string();
    run(&["serve", "--listen", &address]).fails_with(3, &format!("cannot listen on {address}"), "port 0");
}
