//! The ground floor: failures, text and secrets. Knows no other module.

pub mod exit;
pub mod failure;
pub mod nearest;
pub mod secret;
pub mod text;
