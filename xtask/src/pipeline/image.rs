//! Images: from a program to what was pushed, pulled back, run and scanned. A step does its part for all images, in their
//! order, and one that goes wrong does not keep it from the next.

mod naming;
mod target;

pub use naming::{Naming, Wanted, inputs, naming};
pub use target::{Target, targets};
