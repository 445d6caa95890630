//! Coverage: from the profiles that tests left, and the executables that left them, to counts; and from counts to
//! files.

pub mod llvm;
pub mod objects;
pub mod profiles;
pub mod reports;
pub mod source;
pub mod tracefiles;
