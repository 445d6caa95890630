//! Why a step did not do its part.

use crate::kit::exit::Exit;
use crate::kit::failure::Failure;

/// Why a step did not do its part.
#[derive(Debug)]
pub(super) enum Stop {
    /// Something is wrong, and nobody was told yet.
    Failure(Failure),
    /// It was told.
    Told(Exit),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}
