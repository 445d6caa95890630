//! Settings from all layers, and every message that a wrong one gets, whole: the messages are what people see.

use std::collections::BTreeMap;

use super::*;
use crate::settings::sources::File;

mod layers;
mod origins;
mod shape;
mod steps;
mod values;

/// Settings with this `slipway.toml`.
pub(crate) fn loaded(text: &str) -> Loaded {
    try_load(text, &[], &[]).unwrap()
}

/// Settings with this `slipway.toml`, these variables and these flags.
pub(crate) fn try_load(text: &str, env: &[(&str, &str)], flags: &[Flag]) -> Result<Loaded, Failure> {
    load(&Sources { file: Some(File { path: "slipway.toml", text }), env: &variables(env), flags })
}

fn variables(env: &[(&str, &str)]) -> BTreeMap<String, String> {
    env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn flag(key: &str, value: impl Into<toml::Value>, name: &str) -> Flag {
    Flag { key: key.to_owned(), value: value.into(), name: name.to_owned() }
}

/// This `slipway.toml` is refused with this message.
fn refused(text: &str, expected: &str) {
    told(try_load(text, &[], &[]), expected);
}

/// The failure reads like this, between line feeds.
fn told(result: Result<Loaded, Failure>, expected: &str) {
    let failure = result.unwrap_err();
    assert_eq!(failure.exit().code(), 2);
    assert_eq!(format!("\n{failure}\n"), expected);
}
