//! What the verbs share: from the command line's wishes to a session, from a session's steps to facts, gates,
//! record and reports. Knows no verb.

#[cfg(feature = "github")]
pub mod against;
#[cfg(feature = "github")]
pub mod checks;
#[cfg(feature = "github")]
pub mod comment;
pub mod comparison;
pub mod covered;
pub mod custom;
#[cfg(all(feature = "docker", feature = "github"))]
pub mod delivery;
pub mod dry_run;
#[cfg(feature = "github")]
pub mod forge;
pub mod gating;
#[cfg(feature = "github")]
pub mod handover;
#[cfg(feature = "docker")]
pub mod image;
pub mod job;
#[cfg(feature = "github")]
pub mod provenance;
pub mod publish;
pub mod recording;
#[cfg(all(feature = "docker", feature = "github"))]
pub mod release;
pub mod required;
pub mod run;
pub mod scanning;
pub mod session;
#[cfg(feature = "docker")]
pub mod smoke;
mod stamp;
#[cfg(feature = "github")]
pub mod statuses;
#[cfg(feature = "github")]
pub mod stored;

pub use job::Job;
pub use session::{Request, Session};
