//! Building an image from a Dockerfile: by BuildKit where the engine has it, else by the classic builder.

use super::context::Context;
use super::engine::Engine;
use super::error::Cause;

mod archive;
mod buildkit;
mod classic;
mod dockerfile;
mod error;
mod files;
mod progress;
mod session;
mod spec;
mod transport;

pub use error::BuildError;
pub use spec::{BuildSpec, Builder, Built, Cache, Event};

impl Engine {
    /// Builds an image, and tells of each step as it happens.
    ///
    /// # Errors
    /// When a step fails: with its line in the Dockerfile and the last lines that it printed. When the Dockerfile cannot be
    /// read, when the engine goes away, and when a limit is met; the engine then stops the build.
    pub fn build(&self, spec: &BuildSpec, progress: &mut dyn FnMut(Event)) -> Result<Built, BuildError> {
        let context = Context::list(&spec.root, &spec.dockerfile)
            .map_err(|error| BuildError::before(&spec.dockerfile, Cause::Here(error.to_string())))?;
        if spec.builder == Builder::Auto && !self.answer().is_podman {
            match buildkit::build(self, spec, &context, progress) {
                Err(buildkit::Failure::Missing(why)) => {
                    progress(Event::Notice(format!(
                        "the engine has no BuildKit ({why}): the classic builder is used"
                    )));
                }
                Err(buildkit::Failure::Build(error)) => return Err(*error),
                Ok(built) => return Ok(built),
            }
        } else if spec.builder == Builder::Auto {
            progress(Event::Notice("Podman has no BuildKit: its classic builder is used".to_owned()));
        }
        classic::build(self, spec, &context, progress)
    }
}
