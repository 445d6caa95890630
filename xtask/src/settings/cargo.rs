//! `[cargo]`: what cargo builds.

use serde::{Deserialize, Serialize};

/// What cargo builds; holds for linting and for testing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Cargo {
    /// Features to switch on, as `--features` takes them: `serde` or `package/serde`.
    pub features: Vec<String>,
    /// Switch on all features of all packages.
    pub all_features: bool,
    /// Leave out the default features.
    pub no_default_features: bool,
    /// Packages of the workspace to leave out.
    pub exclude: Vec<String>,
    /// Fail when `Cargo.lock` would have to change.
    pub locked: bool,
}
