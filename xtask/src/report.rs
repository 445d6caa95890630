//! Renderers of the run record, one a file: pure functions from what is known to what is read.
//! They do no input or output, know no clock and decide nothing: the verdict stands in the record.

pub mod annotations;
pub mod comment;
mod covered;
mod failure;
#[cfg(test)]
mod hostile;
pub mod html;
mod images;
pub mod json;
pub mod junit;
pub mod notes;
pub mod outputs;
mod pick;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod status;
pub mod summary;
pub mod table;

mod words;

pub use failure::RenderError;
