//! What a test printed: its end, kept within bounds, and the one line that tells why it failed.

pub mod cause;
pub mod tail;
