//! Coverage of Rust programs without any LLVM tool.
//!
//! Everything meets in one model, [`Coverage`]: readers make it, [`Coverage::merge`] joins what several runs saw, and
//! writers render it. A reader never guesses: what was not measured is absent, which is neither 0 % nor 100 %.

pub mod badge;
pub mod baseline;
pub mod cobertura;
pub mod coverage_off;
pub mod embedded;
pub mod lcov;
pub mod llvm_export;
mod merge;
mod model;
pub mod pages;
pub mod patch;
pub mod paths;
mod scale;
pub mod shards;

pub use model::{Branch, Coverage, FileCoverage, Function, Lines, Regions, Share, Span, Totals};
pub use scale::{Scale, Tone};

#[cfg(test)]
mod fixture;

/// The example of the README is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
