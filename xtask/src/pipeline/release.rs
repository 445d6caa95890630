//! A release: the bytes that were tested get a version, in the registry, in git and on GitHub. Nothing is built.
//!
//! | module | is for |
//! |---|---|
//! | `plan` | which version comes next, and what has changed |
//! | `world` | what all steps know: the release, its images, GitHub, the journal |
//! | `run` | one step after the other, the journal before and after each |
//! | `image`, `version`, `proof`, `promote`, `tag`, `draft`, `assets`, `publish` | one step each: how it stands, and doing it |
//! | `steps`, `stop` | the steps as data, and why one did not do its part |
//! | `files` | the files of a release, and their digests |
//!
//! A step looks at the world first, does only what is missing, and looks again. So a release that was killed anywhere goes on
//! where it was, and the journal only tells which release that is and whether its bytes are still the same.

mod assets;
mod draft;
mod files;
mod image;
mod plan;
mod promote;
mod proof;
mod publish;
mod run;
mod steps;
mod stop;
mod tag;
mod version;
mod world;

pub use plan::{Planned, plan};
pub use run::{run, show};
pub use world::{Asked, Status, World, unfinished};
