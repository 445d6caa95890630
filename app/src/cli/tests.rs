//! What the command line means, without running it. What the environment adds is shown with
//! the real executable, where a test can set it.

use clap::CommandFactory as _;

use super::*;

fn read(line: &str) -> Result<Request, Failure> {
    parse(line.split(' ').map(OsString::from))
}

fn refusal(line: &str) -> String {
    let failure = read(line).expect_err("a wrong command line");
    assert_eq!(failure.exit(), Exit::BadInput, "{line}");
    failure.to_string()
}

#[test]
fn the_definition_is_sound() {
    CommandLine::command().debug_assert();
}

#[test]
fn serve_takes_address_and_times() {
    let request = read("app serve --listen [::1]:0 --grace 3 --drain 2 --log-format json");
    let Ok(Request::Run(Command::Serve(arguments))) = request else { panic!("not serve: {request:?}") };
    let settings = arguments.settings();
    assert_eq!(settings.listen, "[::1]:0".parse().expect("an address"));
    assert_eq!((settings.drain, settings.grace), (Duration::from_secs(2), Duration::from_secs(3)));
    assert_eq!(arguments.log_format, LogFormat::Json);
}

#[test]
fn healthcheck_asks_the_listener_unless_told_otherwise() {
    for (line, expected) in [
        ("app healthcheck --listen 0.0.0.0:9", "http://127.0.0.1:9/health/ready"),
        ("app healthcheck --listen 0.0.0.0:9 --url http://other/", "http://other/"),
    ] {
        let request = read(line);
        let Ok(Request::Run(Command::Healthcheck(arguments))) = request else {
            panic!("{line}: {request:?}")
        };
        assert_eq!(arguments.probe_url().expect("an address to ask").to_string(), expected, "{line}");
    }
}

#[test]
fn a_wrong_value_is_told_with_the_way_to_a_right_one() {
    assert_eq!(
        refusal("app serve --listen localhost"),
        "error: invalid value 'localhost' for '--listen <ADDR>': not an IP address with a port\n\n\
         hint: give both as --listen or APP_LISTEN, for example 127.0.0.1:8080 or [::1]:8080"
    );
    assert!(refusal("app healthcheck --url https://localhost/").contains("not a plain http URL"));
    assert!(refusal("app serve --grace soon").contains("--grace <SECONDS>"));
    assert!(refusal("app serve --log-format xml").contains("hint: give text or json"));
}

#[test]
fn a_typing_error_is_answered_with_a_suggestion() {
    assert!(refusal("app serve --lisen 127.0.0.1:0").ends_with("hint: did you mean --listen?"));
    assert!(refusal("app server").ends_with("hint: did you mean serve?"));
}

#[test]
fn no_command_is_an_error_with_a_hint() {
    let text = refusal("app");
    assert!(text.starts_with("error: ") && text.contains("\n\nhint: `app --help`"), "{text}");
}
