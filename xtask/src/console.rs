//! Shows progress to people and to CI services. Decides nothing, and nothing depends on it.
//! What a person reads goes to standard error; standard output is for data.

use crate::model::progress::{Progress, Sink};

mod actions;
mod json;
mod live;
mod look;
mod plain;
mod say;

pub use look::{Detail, Format, Look};

/// A console. Dropping it takes away what it drew.
pub struct Console(Box<dyn Sink + Send>);

impl Console {
    /// The console for this look.
    #[must_use]
    pub fn new(look: Look) -> Self {
        match look {
            Look { format: Format::Json, .. } => Self(Box::new(json::Json)),
            Look { actions: true, .. } => Self(Box::new(actions::Actions::new(look))),
            Look { terminal: true, detail: Detail::Normal, .. } => Self(Box::new(live::Live::new(look))),
            _ => Self(Box::new(plain::Plain::new(look))),
        }
    }
}

impl Sink for Console {
    fn tell(&self, progress: &Progress) {
        self.0.tell(progress);
    }
}
