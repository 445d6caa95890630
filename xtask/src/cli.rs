//! The command line: verbs, flags, and the way from them to a task. Works nothing itself.

mod arguments;
mod dispatch;

pub use arguments::Arguments;
pub use dispatch::{Start, dispatch};
