//! Releases, as rules: what commits say of themselves, which version comes next, which steps a release has, and what is
//! kept of it between two tries. Nothing here asks git, GitHub or a registry.

mod agreement;
mod change;
mod commit;
mod history;
mod journal;
mod next;
mod steps;
mod tag;

pub use agreement::{Claim, Disagreement, holds, in_file};
pub use change::{Change, Kind};
pub use commit::Commit;
pub use history::changes;
pub use journal::{FORMAT, Journal, JournalError, Proven, State};
pub use next::{Bump, Last, bump, is_wanted, next};
pub use steps::{Standing, StepId};
pub use tag::{Released, version_of};
