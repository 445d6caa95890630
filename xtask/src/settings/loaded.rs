//! Settings that were loaded, and where each value came from.

use sha2::{Digest as _, Sha256};

use crate::kit::text::hex;

use super::layer::{Layer, Rank};
use super::merge::Winners;
use super::root::Settings;

/// Settings that were loaded, and where each value came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The effective settings.
    pub settings: Settings,
    pub(super) layers: Vec<Layer>,
    pub(super) winners: Winners,
}

impl Loaded {
    /// Where the value of a key was written: `default`, `guest default`, `slipway.toml:3`, `SLIPWAY_MODE`, `--mode`.
    /// None when there is no such key, or when no step is written.
    #[must_use]
    pub fn origin(&self, key: &str) -> Option<String> {
        let layer = self.layers.get(*self.winners.get(key)?)?;
        Some(layer.origin(key))
    }

    /// The shipped default of a key, as TOML in a Markdown code span.
    #[cfg(test)]
    pub(super) fn default(&self, key: &str) -> String {
        self.layers[0].leaves.get(key).map(|value| format!("`{value}`")).unwrap_or_default()
    }

    /// The layers that say something, the weakest first: `defaults`, `slipway.toml`, `environment: SLIPWAY_MODE`,
    /// `flags: --mode`.
    #[must_use]
    pub fn layers(&self) -> Vec<String> {
        let mut names: Vec<(Rank, String)> = Vec::new();
        for layer in &self.layers {
            match (names.last_mut(), layer.rank) {
                (Some((rank, names)), same) if *rank == same => {
                    names.push_str(", ");
                    names.push_str(&layer.name);
                }
                (_, Rank::Defaults) => names.push((Rank::Defaults, "defaults".to_owned())),
                (_, Rank::Guest) => names.push((Rank::Guest, "guest defaults".to_owned())),
                (_, Rank::File) => names.push((Rank::File, layer.name.clone())),
                (_, Rank::Environment) => names.push((layer.rank, format!("environment: {}", layer.name))),
                (_, Rank::Flags) => names.push((layer.rank, format!("flags: {}", layer.name))),
            }
        }
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// SHA-256 of the effective settings, in hexadecimal. The same values give the same digest, wherever and however
    /// they were written.
    #[must_use]
    pub fn digest(&self) -> String {
        // Maps with text as keys and numbers that are whole: this cannot fail, and if it did, no digest would be equal
        // to an empty one by chance.
        let canonical = serde_json::to_vec(&self.settings).unwrap_or_default();
        hex(&Sha256::digest(&canonical))
    }
}
