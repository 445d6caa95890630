//! What all scanners give, whatever they are called: findings, and how much they saw. Seeing nothing tells nothing.

use std::collections::BTreeSet;

use crate::model::finding::Finding;

/// The step that scanners' findings belong to.
pub const STEP: &str = "image.scan";

/// What one scan gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// What was found; see [`crate::model::flaw::Flaw`].
    pub findings: Vec<Finding>,
    /// How many packages it looked at.
    pub packages: u64,
    /// What kinds of packages: `debian`, `cargo`, `rustbinary`.
    pub kinds: BTreeSet<String>,
    /// Sentences for the report.
    pub notes: Vec<String>,
    /// When the database was made, RFC 3339; none when it does not tell.
    pub database: Option<String>,
}
