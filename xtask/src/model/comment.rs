//! The one comment on a pull request: whose it is, which run it tells of, and what keeps it the only one.

mod marker;
mod page;
mod upsert;

pub use marker::{Marker, Order};
pub use page::{Page, Part};
pub use upsert::{Action, Event, Hold, Mine, Outcome, PAUSE, Upsert};

/// A comment, as far as we look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id; later comments have higher ones.
    pub id: u64,
    /// Who wrote it; empty when that account is gone.
    pub author: String,
    /// Its text.
    pub body: String,
}
