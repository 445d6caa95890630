//! What is run, and what its runs need of their surroundings.

use crate::kit::secret::Redactor;
use crate::tools::interrupt::Interrupt;
use crate::tools::runtime::Packaged;

/// The image that is run.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its name in the settings.
    pub image: &'a str,
    /// What is run: a reference with a digest, or where the unpacked image comes from.
    pub reference: &'a str,
    /// How it says that it wants to be run.
    pub packaged: &'a Packaged,
}

/// What runs need of their surroundings.
pub struct Surroundings<'a> {
    /// Removes secrets from what was printed.
    pub redactor: &'a Redactor,
    /// Somebody may ask to stop.
    pub interrupt: &'a Interrupt,
    /// Takes each line of the log.
    pub log: &'a dyn Fn(&str),
}
