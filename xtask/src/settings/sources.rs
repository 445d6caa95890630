//! Where settings come from, as the caller hands them in.

use std::collections::BTreeMap;

/// A settings file that was read.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its path as messages shall name it, such as `slipway.toml`.
    pub path: &'a str,
    /// What stands in it.
    pub text: &'a str,
}

/// A setting given on the command line.
#[derive(Clone, Debug)]
pub struct Flag {
    /// The key, such as `test.retries`.
    pub key: String,
    /// The value.
    pub value: toml::Value,
    /// The flag as messages shall name it, such as `--retries`.
    pub name: String,
}

/// All that settings are made from, besides the shipped defaults. It cannot be printed: the environment holds secrets.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The repository's `slipway.toml`; none makes it a guest.
    pub file: Option<File<'a>>,
    /// The environment; only names that begin with `SLIPWAY_` are looked at, each of which must be a setting.
    pub env: &'a BTreeMap<String, String>,
    /// Flags, the later ones stronger.
    pub flags: &'a [Flag],
}
