//! One folder in place of another.

use super::normal;

/// Paths below one folder are taken for paths below another: `/builds/thing=/home/me/thing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrefixMap {
    from: String,
    to: String,
}

impl PrefixMap {
    /// From `from=to`, as `--remap-path-prefix` of rustc is written: `to` may hold no `=`, `from` may. An empty `to`
    /// is the workspace root. None without `=`, or without `from`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.rsplit_once('=')?;
        let from = normal::path(from);
        (!from.is_empty()).then(|| Self { from, to: normal::path(to) })
    }

    /// Longer prefixes are tried first.
    pub(super) fn length(&self) -> usize {
        self.from.len()
    }

    /// The path below the other folder; none for one that does not lie below the first. `/a/b` does not lie below
    /// `/a/bc`, nor the other way round.
    pub(super) fn apply(&self, path: &str) -> Option<String> {
        let rest = normal::strip(&self.from, path)?;
        let separator =
            if self.to.is_empty() || self.to.ends_with('/') || rest.is_empty() { "" } else { "/" };
        Some(format!("{}{separator}{rest}", self.to))
    }
}
