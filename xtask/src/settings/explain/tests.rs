use crate::settings::Flag;
use crate::settings::load::tests::{loaded, try_load};

#[test]
fn a_key_shows_what_it_takes_and_who_set_it() {
    let flag = Flag { key: "test.retries".to_owned(), value: 3.into(), name: "--retries".to_owned() };
    let file = "[test]\nretries = 1\n";
    let loaded = try_load(file, &[("SLIPWAY_TEST_RETRIES", "2")], &[flag]).unwrap();
    let expected = "\
test.retries
How often a failed test is tried again. One that then passes is flaky; see `test.flaky`.

takes     a whole number from 0 to 65535
variable  SLIPWAY_TEST_RETRIES

   default               0
   slipway.toml:2        1
   SLIPWAY_TEST_RETRIES  2
-> --retries             3
";
    assert_eq!(loaded.explain("test.retries").unwrap(), expected);
}

#[test]
fn words_are_listed_with_their_meaning() {
    let expected = "\
test.runner
What runs the tests.

takes     `auto`, `nextest` or `cargo`
          auto     `nextest` when it is installed, `cargo` otherwise.
          nextest  `cargo nextest run`; doctests by `cargo test --doc`.
          cargo    `cargo test`.
variable  SLIPWAY_TEST_RUNNER

-> default  \"auto\"
";
    assert_eq!(loaded("").explain("test.runner").unwrap(), expected);
}

#[test]
fn a_section_lists_its_keys() {
    let expected = "\
[test.flaky]
Tests that pass only when tried again.

test.flaky.max   How many flaky tests are allowed.
test.flaky.mode  Whether too many flaky tests fail the run.
";
    assert_eq!(loaded("").explain("test.flaky").unwrap(), expected);
    let all = loaded("").explain("").unwrap();
    assert!(all.contains("\nreports   Where reports go.\n"), "{all}");
}

#[test]
fn steps_are_explained_without_a_variable() {
    let loaded = loaded("[[steps]]\nname = \"a\"\nrun = \"true\"\n");
    let steps = loaded.explain("steps").unwrap();
    assert!(steps.starts_with("[[steps]]\n"), "{steps}");
    assert!(steps.ends_with("\n\n-> slipway.toml:1  1 step\n"), "{steps}");
    let expected = "\
steps.run
What is run: a string by `sh -euc`, a list as a program with its arguments, without a shell.

takes     a string or a list of strings
variable  none: tables can be set in slipway.toml only
";
    assert_eq!(loaded.explain("steps.run").unwrap(), expected);
}

#[test]
fn an_unknown_key_gets_a_suggestion() {
    for (key, hint) in [
        ("test.retires", "did you mean `test.retries`?"),
        ("retries", "did you mean `test.retries`?"),
        ("lint.clipy", "did you mean `lint.clippy`?"),
        ("steps.runs", "did you mean `steps.run`?"),
        ("weather", "`cargo xtask config explain` lists all keys"),
    ] {
        let failure = loaded("").explain(key).unwrap_err();
        assert_eq!(failure.to_string(), format!("error: there is no setting `{key}`\n\nhint: {hint}"));
    }
}
