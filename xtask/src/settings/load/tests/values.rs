use super::*;

#[test]
fn a_value_of_another_type_is_shown_in_its_place() {
    refused(
        r#"[test]
retries = "two"
"#,
        r#"
error: wrong value for `test.retries`
 --> slipway.toml:2:11
  |
2 | retries = "two"
  |           ^^^^^ expected a whole number from 0 to 65535

hint: `cargo xtask config explain test.retries` describes it
"#,
    );
}

#[test]
fn a_word_that_cannot_be_chosen_gets_a_suggestion() {
    refused(
        r#"mode = "blok"
"#,
        r#"
error: wrong value for `mode`
 --> slipway.toml:1:8
  |
1 | mode = "blok"
  |        ^^^^^^ expected `report-only` or `block`
  |
  = help: did you mean `block`?

hint: `cargo xtask config explain mode` describes it
"#,
    );
}

#[test]
fn several_wrong_values_are_told_at_once() {
    refused(
        r#"[run]
timeout = "5d"
grace = 3
jobs = -1
secrets = ["A", "B C"]
"#,
        r#"
error: wrong value for `run.timeout`
 --> slipway.toml:2:11
  |
2 | timeout = "5d"
  |           ^^^^ a length of time is a whole number with `ms`, `s`, `m` or `h` behind it

error: wrong value for `run.grace`
 --> slipway.toml:3:9
  |
3 | grace = 3
  |         ^ expected a length of time, such as `500ms`, `90s`, `5m` or `1h`

error: wrong value for `run.jobs`
 --> slipway.toml:4:8
  |
4 | jobs = -1
  |        ^^ expected a whole number from 0 to 65535

error: wrong value for `run.secrets[1]`
 --> slipway.toml:5:17
  |
5 | secrets = ["A", "B C"]
  |                 ^^^^^ a variable has only letters, digits and `_`, and does not begin with a digit

hint: `cargo xtask config explain KEY` describes a key
"#,
    );
}

#[test]
fn a_number_beyond_all_types_is_refused() {
    refused(
        r"[test]
retries = 99999999999999999999
",
        r"
error: wrong value for `test.retries`
 --> slipway.toml:2:11
  |
2 | retries = 99999999999999999999
  |           ^^^^^^^^^^^^^^^^^^^^ expected a whole number from 0 to 65535

hint: `cargo xtask config explain test.retries` describes it
",
    );
}

#[test]
fn a_folder_that_leads_out_is_refused() {
    refused(
        r#"[reports]
folder = "../reports"
"#,
        r#"
error: wrong value for `reports.folder`
 --> slipway.toml:2:10
  |
2 | folder = "../reports"
  |          ^^^^^^^^^^^^ the path must not lead out of the repository: `..` is not allowed

hint: `cargo xtask config explain reports.folder` describes it
"#,
    );
}
