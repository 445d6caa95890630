//! What the verbs share: from the command line's wishes to a session, from a session's steps to facts, gates,
//! record and reports. Knows no verb.

#[cfg(feature = "github")]
pub mod comment;
pub mod comparison;
pub mod covered;
pub mod custom;
pub mod dry_run;
pub mod gating;
#[cfg(feature = "docker")]
pub mod image;
pub mod job;
pub mod publish;
pub mod recording;
pub mod required;
pub mod run;
pub mod scanning;
pub mod session;
#[cfg(feature = "docker")]
pub mod smoke;
mod stamp;

pub use job::Job;
pub use session::{Request, Session};
