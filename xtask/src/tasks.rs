//! The verbs, one a file: its arguments, its plan, its facts. A verb imports no other verb; `ci` may.

#[cfg(feature = "docker")]
pub mod cd;
pub mod ci;
#[cfg(feature = "github")]
pub mod comment;
pub mod config;
pub mod coverage;
pub mod doctor;
pub mod hooks;
#[cfg(feature = "docker")]
pub mod image;
#[cfg(feature = "github")]
pub mod init;
pub mod lint;
#[cfg(all(feature = "docker", feature = "github"))]
pub mod release;
pub mod report;
#[cfg(feature = "github")]
pub mod status;
pub mod test;
