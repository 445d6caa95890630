use super::*;

#[test]
fn a_wrong_variable_is_named() {
    let env = [("SLIPWAY_MODE", "blocks"), ("SLIPWAY_RUN_SECRETS", "A,B C"), ("SLIPWAY_TEST_RETRIES", "two")];
    told(
        try_load("", &env, &[]),
        r"
error: wrong value for `mode`: `blocks`
 |
 = note: it is set by SLIPWAY_MODE
 = note: expected `report-only` or `block`
 = help: did you mean `block`?

error: wrong value for `run.secrets[1]`: `B C`
 |
 = note: it is set by SLIPWAY_RUN_SECRETS
 = note: a variable has only letters, digits and `_`, and does not begin with a digit

error: wrong value for `test.retries`: `two`
 |
 = note: it is set by SLIPWAY_TEST_RETRIES
 = note: expected a whole number from 0 to 65535

hint: `cargo xtask config explain KEY` describes a key
",
    );
}

#[test]
fn a_variable_that_is_no_setting_is_refused() {
    let env = [("SLIPWAY_TEST_RETIRES", "2"), ("SLIPWAY_WEATHER", "fine"), ("SLIPWAY_STEPS", "[]")];
    told(
        try_load("", &env, &[]),
        r"
error: the variable SLIPWAY_STEPS is no setting
 |
 = note: steps can be set in slipway.toml only

error: the variable SLIPWAY_TEST_RETIRES is no setting
 |
 = help: did you mean SLIPWAY_TEST_RETRIES?

error: the variable SLIPWAY_WEATHER is no setting
 |
 = help: variables that begin with SLIPWAY_ are settings: unset this one

hint: `cargo xtask config explain` lists all keys
",
    );
}

#[test]
fn a_wrong_flag_is_named() {
    let flags = [flag("mode", "off", "--mode"), flag("test.retries", "two", "--retries")];
    told(
        try_load("", &[], &flags),
        r"
error: wrong value for `mode`: `off`
 |
 = note: it is set by --mode
 = note: expected `report-only` or `block`

error: wrong value for `test.retries`: `two`
 |
 = note: it is set by --retries
 = note: expected a whole number from 0 to 65535

hint: `cargo xtask config explain KEY` describes a key
",
    );
}

#[test]
fn a_flag_for_an_unknown_key_is_refused() {
    let flags = [flag("test", 1, "--set"), flag("test.mod", "block", "--set")];
    told(
        try_load("", &[], &flags),
        r"
error: --set sets an unknown key: `test`
 |
 = note: it is a section: name one of its keys

error: --set sets an unknown key: `test.mod`
 |
 = help: did you mean `test.mode`?

hint: `cargo xtask config explain` lists all keys
",
    );
}

#[test]
fn a_wrong_value_is_refused_where_a_stronger_layer_covers_it() {
    told(
        try_load("test.retries = -1\n", &[("SLIPWAY_TEST_RETRIES", "1")], &[flag("mode", "off", "--mode")]),
        r"
error: wrong value for `test.retries`
 --> slipway.toml:1:16
  |
1 | test.retries = -1
  |                ^^ expected a whole number from 0 to 65535

error: wrong value for `mode`: `off`
 |
 = note: it is set by --mode
 = note: expected `report-only` or `block`

hint: `cargo xtask config explain KEY` describes a key
",
    );
}
