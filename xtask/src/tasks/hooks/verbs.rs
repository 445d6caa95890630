//! What hooks are made of. A task calls no other one, so they are handed over.

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::pipeline::Session;

/// The verbs that hooks carry out.
#[expect(missing_debug_implementations, reason = "functions have nothing to show")]
#[derive(Clone, Copy)]
pub struct Verbs<'a> {
    /// `lint`.
    pub lint: &'a dyn Fn(&Session, Look) -> Result<Exit, Failure>,
    /// `test`.
    pub test: &'a dyn Fn(&Session, Look) -> Result<Exit, Failure>,
}
