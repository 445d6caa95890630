use super::*;

#[test]
fn all_unknown_keys_are_told_at_once() {
    refused(
        r#"[lnt]
mode = "block"

[lint.clippy]
mod = "block"

[[steps]]
name = "a"
run = "true"
need = ["test"]
weather = "fine"
"#,
        r#"
error: unknown key `lnt`
 --> slipway.toml:1:2
  |
1 | [lnt]
  |  ^^^ there is no such setting
  |
  = help: did you mean `lint`?

error: unknown key `lint.clippy.mod`
 --> slipway.toml:5:1
  |
5 | mod = "block"
  | ^^^ there is no such setting
  |
  = help: did you mean `lint.clippy.mode`?

error: unknown key `steps[0].need`
  --> slipway.toml:10:1
   |
10 | need = ["test"]
   | ^^^^ there is no such setting
   |
   = help: did you mean `needs`?

error: unknown key `steps[0].weather`
  --> slipway.toml:11:1
   |
11 | weather = "fine"
   | ^^^^^^^ there is no such setting

hint: `cargo xtask config explain KEY` describes a key
"#,
    );
}

#[test]
fn a_key_in_the_wrong_section_is_found_in_the_right_one() {
    refused(
        r"retries = 1
",
        r"
error: unknown key `retries`
 --> slipway.toml:1:1
  |
1 | retries = 1
  | ^^^^^^^ there is no such setting
  |
  = help: did you mean `test.retries`?

hint: `cargo xtask config explain` lists all keys
",
    );
}

#[test]
fn broken_syntax_is_shown() {
    refused(
        r#"mode = "block"
[test
retries = 1
"#,
        r"
error: slipway.toml is not valid TOML
 --> slipway.toml:2:6
  |
2 | [test
  |      ^ unclosed table, expected `]`
",
    );
}

#[test]
fn a_key_that_stands_twice_is_shown() {
    refused(
        r#"mode = "block"
mode = "report-only"
"#,
        r#"
error: slipway.toml is not valid TOML
 --> slipway.toml:2:1
  |
2 | mode = "report-only"
  | ^^^^ duplicate key
"#,
    );
}

#[test]
fn a_value_in_place_of_a_section_is_refused() {
    refused(
        r#"test = "fast"
"#,
        r#"
error: `test` is a section
 --> slipway.toml:1:1
  |
1 | test = "fast"
  | ^^^^ write its keys under `[test]`

hint: `cargo xtask config explain test` describes it
"#,
    );
}

#[test]
fn one_bracket_is_not_enough_for_a_step() {
    refused(
        r#"[steps]
name = "a"
"#,
        r"
error: `steps` is a list of tables
 --> slipway.toml:1:2
  |
1 | [steps]
  |  ^^^^^ write `[[steps]]`, with two brackets

hint: `cargo xtask config explain steps` describes it
",
    );
}

#[test]
fn a_step_without_name_or_run_is_refused() {
    refused(
        r#"[[steps]]
title = "nothing"
"#,
        r"
error: a step has no `name`
 --> slipway.toml:1:1
  |
1 | [[steps]]
  | ^^^^^^^^^ this one needs `name`

error: a step has no `run`
 --> slipway.toml:1:1
  |
1 | [[steps]]
  | ^^^^^^^^^ this one needs `run`

hint: `cargo xtask config explain KEY` describes a key
",
    );
}

#[test]
fn a_step_that_is_no_table_is_refused() {
    refused(
        r"steps = [1]
",
        r"
error: wrong value for `steps[0]`
 --> slipway.toml:1:10
  |
1 | steps = [1]
  |          ^ expected a table

hint: `cargo xtask config explain steps` describes it
",
    );
}
