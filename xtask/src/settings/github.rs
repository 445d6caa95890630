//! `[github]`: what jobs on GitHub hand to each other.

use serde::{Deserialize, Serialize};

/// What jobs on GitHub hand to each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct GitHub {
    /// The artifact in which a run leaves `run.json` for `comment` and `cd`.
    pub artifact: String,
    /// Whether `cd` verifies who built an image.
    pub attestations: Attestations,
}

/// Whether `cd` verifies who built an image, by `gh attestation verify`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Attestations {
    /// Where somebody has attested it; otherwise it is skipped, and said so.
    Auto,
    /// Always: an image that nobody has attested, and a missing `gh`, keep it from being delivered.
    Require,
    /// Never.
    Never,
}
