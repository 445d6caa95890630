//! What is asked of every way to run tests.

use crate::pipeline::Session;

/// What both jobs work with.
#[derive(Clone)]
pub(super) struct Wish<'a> {
    pub(super) session: &'a Session,
    /// Only tests whose names contain one of these.
    pub(super) filters: Vec<String>,
    /// Cargo's flags for features and packages.
    pub(super) flags: Vec<String>,
}
