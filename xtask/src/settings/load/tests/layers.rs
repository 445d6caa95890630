use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::model::gate::Mode;
use crate::settings::{Condition, Enabled, Program, Runner};

fn as_guest() -> Loaded {
    load(&Sources { file: None, env: &BTreeMap::new(), flags: &[] }).unwrap()
}

#[test]
fn an_empty_file_gives_the_defaults() {
    let loaded = loaded("");
    assert_eq!(loaded.settings.mode, Mode::Block);
    assert_eq!(loaded.settings.lint.mode, Mode::Block);
    assert_eq!(loaded.settings.test.timeout.get(), Duration::from_mins(5));
    assert_eq!(loaded.settings.reports.folder.as_str(), "reports");
    assert_eq!(loaded.origin("mode").as_deref(), Some("default"));
    assert_eq!(loaded.layers(), ["defaults", "slipway.toml"]);
}

#[test]
fn a_guest_is_told_and_not_stopped_by_linters() {
    let loaded = as_guest();
    assert_eq!(loaded.settings.lint.mode, Mode::ReportOnly);
    assert_eq!(loaded.settings.test.mode, Mode::Block);
    assert_eq!(loaded.origin("lint.mode").as_deref(), Some("guest default"));
    assert_eq!(loaded.layers(), ["defaults", "guest defaults"]);
}

#[test]
fn a_variable_is_read_by_the_type_of_its_key() {
    let env = [
        ("SLIPWAY_CARGO_EXCLUDE", "fuzz, benches"),
        ("SLIPWAY_CARGO_LOCKED", "1"),
        ("SLIPWAY_LINT_CLIPPY_ENABLED", "never"),
        ("SLIPWAY_TEST_RETRIES", "2"),
        ("SLIPWAY_TEST_RUNNER", "cargo"),
        ("SLIPWAY_TEST_TIMEOUT", "90s"),
        ("SLIPWAY_TEST_NEXTEST_PROFILE", ""),
        ("CARGO_HOME", "/somewhere"),
    ];
    let loaded = try_load("", &env, &[]).unwrap();
    assert_eq!(loaded.settings.cargo.exclude, ["fuzz", "benches"]);
    assert!(loaded.settings.cargo.locked);
    assert_eq!(loaded.settings.lint.clippy.enabled, Enabled::Never);
    assert_eq!(loaded.settings.test.retries, 2);
    assert_eq!(loaded.settings.test.runner, Runner::Cargo);
    assert_eq!(loaded.settings.test.timeout.get(), Duration::from_secs(90));
    assert_eq!(loaded.origin("test.nextest-profile").as_deref(), Some("default"));
}

#[test]
fn layers_are_named_the_weakest_first() {
    let env = [("SLIPWAY_TEST_RETRIES", "2"), ("SLIPWAY_MODE", "block")];
    let flags = [flag("mode", "report-only", "--report-only"), flag("test.retries", 1, "--retries")];
    assert_eq!(
        try_load("", &env, &flags).unwrap().layers(),
        [
            "defaults",
            "slipway.toml",
            "environment: SLIPWAY_MODE, SLIPWAY_TEST_RETRIES",
            "flags: --report-only, --retries"
        ]
    );
}

#[test]
fn a_step_is_read_with_all_its_keys() {
    let text = r#"
[[steps]]
name = "e2e"
title = "end to end"
run = ["npm", "test"]
needs = ["test"]
when = ["pull_request", "not-fork"]
timeout = "20m"
inputs = ["e2e/**"]
env = { HEADLESS = "1" }
folder = "e2e"
mode = "report-only"
junit = ["e2e/*.xml"]
sarif = ["e2e/*.sarif"]
lcov = ["e2e/lcov.info"]

[[steps]]
name = "small"
run = "true"
"#;
    let steps = loaded(text).settings.steps;
    let npm = Program::Arguments { program: "npm".to_owned(), args: vec!["test".to_owned()] };
    assert_eq!(steps[0].run, npm);
    assert_eq!(steps[0].when, [Condition::PullRequest, Condition::NotFork]);
    assert_eq!(steps[0].junit[0].as_str(), "e2e/*.xml");
    assert_eq!(steps[1].run, Program::Shell("true".to_owned()));
    assert_eq!((steps[1].mode, steps[1].timeout), (Mode::Block, None));
}

#[test]
fn the_digest_is_of_values_not_of_how_they_are_written() {
    let digest = |text: &str| loaded(text).digest();
    assert_eq!(digest(""), digest("mode = 'block'\nrun = { timeout = '3600s' } # one hour"));
    assert_ne!(digest(""), digest("mode = 'report-only'"));
    assert_eq!(digest("").len(), 64);
}

/// Pieces that make settings, nearly settings and nonsense when put together.
fn file() -> impl Strategy<Value = String> {
    let pieces = [
        "mode",
        "=",
        "\"block\"",
        "\n",
        "[test]\n",
        "[[steps]]\n",
        "[lint.clippy]\n",
        "name = 'a'\n",
        "run = ['a']\n",
        "run = 3\n",
        "retries = -1\n",
        "retries = 9_999_999_999_999_999_999_999\n",
        "x.y = {z = [1, {a = 1}]}\n",
        "\r\n",
        "\t",
        "\u{feff}",
        "é = 'ü'\n",
        "'''",
        "\"\"\"",
        "env = { 'a b' = 'x' }\n",
        "inputs = ['[']\n",
        "[",
        "]",
        "{",
        ",",
        "# \u{202e}\u{1b}[31m\n",
        "\0",
        "1e999",
        "0xfff",
        "nan",
        "1979-05-27",
        "\\",
        "timeout = '5x'\n",
        "\u{1f980}",
    ];
    let piece =
        prop_oneof![9 => prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => ".{0,4}"];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in file()) {
        if let Err(failure) = try_load(&text, &[], &[]) {
            prop_assert!(failure.to_string().starts_with("error: "));
            let hidden = ['\u{1b}', '\u{202e}', '\0'];
            prop_assert!(!failure.to_string().contains(hidden));
        }
    }

    #[test]
    fn any_variable_is_read_or_refused(name in "[A-Z_]{0,12}|MODE|RUN_SECRETS|TEST_RETRIES", value in any::<String>()) {
        let _ = try_load("", &[(&format!("SLIPWAY_{name}"), &value)], &[]);
    }

    #[test]
    fn any_key_is_explained_or_refused(key in "(steps|test|lint|clippy|mode|run|[.\\[\\]0]|.){0,6}") {
        let _ = loaded("").explain(&key);
    }

    #[test]
    fn the_strongest_layer_holds(
        file in any::<Option<u16>>(), variable in any::<Option<u16>>(), flags in prop::collection::vec(any::<u16>(), 0..3),
    ) {
        let text = file.map(|retries| format!("test.retries = {retries}")).unwrap_or_default();
        let value = variable.map(|retries| retries.to_string()).unwrap_or_default();
        let flags: Vec<Flag> =
            flags.iter().map(|retries| flag("test.retries", i64::from(*retries), "--retries")).collect();
        let loaded = try_load(&text, &[("SLIPWAY_TEST_RETRIES", &value)], &flags).unwrap();
        let flagged = flags.last().and_then(|flag| u16::try_from(flag.value.as_integer()?).ok());
        prop_assert_eq!(loaded.settings.test.retries, flagged.or(variable).or(file).unwrap_or(0));
    }
}

#[test]
fn nesting_without_end_is_refused() {
    assert!(try_load(&"[".repeat(100_000), &[], &[]).is_err());
    assert!(try_load(&format!("x = {}", "[".repeat(100_000)), &[], &[]).is_err());
    assert!(try_load(&format!("x = {}", "{a=".repeat(100_000)), &[], &[]).is_err());
    assert!(try_load(&format!("{}a = 1", "a.".repeat(10_000)), &[], &[]).is_err());
}
