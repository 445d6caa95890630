use super::*;

#[test]
fn a_name_with_other_characters_is_refused() {
    refused(
        r#"[[steps]]
name = "a b"
run = "true"
"#,
        r#"
error: wrong value for `steps[0].name`
 --> slipway.toml:2:8
  |
2 | name = "a b"
  |        ^^^^^ a name has only letters, digits, `-` and `_`

hint: `cargo xtask config explain steps.name` describes it
"#,
    );
}

#[test]
fn an_empty_command_is_refused() {
    refused(
        r#"[[steps]]
name = "a"
run = ""
"#,
        r#"
error: wrong value for `steps[0].run`
 --> slipway.toml:3:7
  |
3 | run = ""
  |       ^^ there is nothing to run

hint: `cargo xtask config explain steps.run` describes it
"#,
    );
}

#[test]
fn a_command_of_another_type_is_refused() {
    refused(
        r#"[[steps]]
name = "a"
run = 3
"#,
        r"
error: wrong value for `steps[0].run`
 --> slipway.toml:3:7
  |
3 | run = 3
  |       ^ expected a string or a list of strings

hint: `cargo xtask config explain steps.run` describes it
",
    );
}

#[test]
fn two_steps_of_one_name_are_both_shown() {
    refused(
        r#"[[steps]]
name = "smoke"
run = "true"

[[steps]]
name = "Smoke"
run = "true"
"#,
        r#"
error: two steps have the same name: `Smoke`
 --> slipway.toml:6:8
  |
2 | name = "smoke"
  |        ------- by this step
...
6 | name = "Smoke"
  |        ^^^^^^^ this name is taken

hint: `cargo xtask config explain steps.name` describes it
"#,
    );
}

#[test]
fn a_run_of_an_image_that_there_is_not_is_refused() {
    refused(
        r#"[[images]]
name = "app"

[[images]]
name = "worker"

[[smoke]]
name = "up"
image = "ap"
"#,
        r#"
error: there is no image `ap`
 --> slipway.toml:9:9
  |
9 | image = "ap"
  |         ^^^^ none of [[images]] has this name
  |
  = note: the images are app, worker
  = help: did you mean `app`?

hint: `cargo xtask config explain smoke.image` describes it
"#,
    );
    let run = "[[smoke]]\nname = 'up'\n";
    for good in [
        "[[images]]\nname = 'app'\n[[smoke]]\nname = 'up'\nimage = 'app'",
        &format!("{run}image = 'ap'"),
        run,
    ] {
        assert!(try_load(good, &[], &[]).is_ok(), "{good}");
    }
}

#[test]
fn a_variable_of_a_step_must_be_text() {
    refused(
        r#"[[steps]]
name = "a"
run = "true"
env = { RETRIES = 1 }
"#,
        r"
error: wrong value for `steps[0].env.RETRIES`
 --> slipway.toml:4:19
  |
4 | env = { RETRIES = 1 }
  |                   ^ expected a string

hint: `cargo xtask config explain steps.env` describes it
",
    );
}

#[test]
fn a_variable_that_no_shell_can_set_is_refused() {
    refused(
        r#"[[steps]]
name = "a"
run = "true"
env = { "A B" = "1" }
"#,
        r#"
error: wrong value for `steps[0].env."A B"`
 --> slipway.toml:4:9
  |
4 | env = { "A B" = "1" }
  |         ^^^^^ a variable has only letters, digits and `_`, and does not begin with a digit

hint: `cargo xtask config explain steps.env` describes it
"#,
    );
}

#[test]
fn a_condition_that_is_no_event_is_refused() {
    refused(
        r#"[[steps]]
name = "a"
run = "true"
when = ["ci", "pull-request"]
"#,
        r#"
error: wrong value for `steps[0].when[1]`
 --> slipway.toml:4:15
  |
4 | when = ["ci", "pull-request"]
  |               ^^^^^^^^^^^^^^ expected `local`, `ci`, `push`, `pull_request`, `merge_group`, `workflow_run`, `schedule`, `workflow_dispatch`, `release`, `fork` or `not-fork`
  |
  = help: did you mean `pull_request`?

hint: `cargo xtask config explain steps.when` describes it
"#,
    );
}

#[test]
fn an_absolute_folder_is_refused() {
    refused(
        r#"[[steps]]
name = "a"
run = "true"
folder = "/tmp"
"#,
        r#"
error: wrong value for `steps[0].folder`
 --> slipway.toml:4:10
  |
4 | folder = "/tmp"
  |          ^^^^^^ the path must be relative to the root of the repository, not absolute

hint: `cargo xtask config explain steps.folder` describes it
"#,
    );
}

#[test]
fn what_is_no_glob_is_refused() {
    refused(
        r#"[[steps]]
name = "a"
run = "true"
inputs = ["src/**", "a["]
"#,
        r#"
error: wrong value for `steps[0].inputs[1]`
 --> slipway.toml:4:21
  |
4 | inputs = ["src/**", "a["]
  |                     ^^^^ not a glob: unclosed character class; missing ']'

hint: `cargo xtask config explain steps.inputs` describes it
"#,
    );
}
