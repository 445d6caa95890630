//! The settings of the pipeline: `slipway.toml` between shipped defaults and what a single run overrides.
//!
//! Five layers, the weakest first: shipped defaults, guest defaults (only where there is no `slipway.toml`),
//! `slipway.toml`, variables `SLIPWAY_<SECTION>_<KEY>`, flags. Each value keeps its origin, so that a wrong one is
//! reported where it was written. The JSON Schema made from the types is also what knows, at run time, the keys,
//! their descriptions and what they take.
//!
//! Text and variables are handed in: nothing here reads a file or the environment.

mod cargo;
mod condition;
mod coverage;
mod document;
mod environment;
mod explain;
mod file_path;
mod folder;
mod github;
mod image;
mod kind;
mod layer;
mod lint;
mod load;
mod loaded;
mod merge;
mod name;
#[cfg(test)]
mod page;
mod pattern;
mod problem;
mod program;
mod release;
mod root;
mod run;
mod scan;
mod schema;
mod shape;
mod show;
mod size;
mod smoke;
mod sources;
mod step;
mod test;
mod time_span;
mod variable;
mod wrong;

pub use cargo::Cargo;
pub use condition::{Condition, holds};
pub use coverage::{Backend, Coverage, Drop, FileOverride, FileThreshold, Patch, Threshold};
pub use file_path::FilePath;
pub use folder::Folder;
pub use github::{Attestations, GitHub};
pub use image::{Builder, Healthcheck, Image, OneImage, Push, SizeBudget, Structure};
pub use lint::{Enabled, Lint, Linter};
pub use load::load;
pub use loaded::Loaded;
pub use name::StepName;
pub use pattern::Pattern;
pub use program::Program;
pub use release::Release;
pub use root::{Reports, Settings};
pub use run::Run;
pub use scan::{Scan, Scanner};
pub use schema::schema;
pub use size::Size;
pub use smoke::{Http, Smoke};
pub use sources::{File, Flag, Sources};
pub use step::CustomStep;
pub use test::{Flaky, Runner, Test};
pub use time_span::TimeSpan;
pub use variable::Variable;
