//! The container engine, over its own API. [`Engine::find`] connects to it; everything that is asked of it blocks, has a
//! time limit, and gives types of ours. `endpoint` and `find` need only the standard library, so that `doctor` can ask in
//! every build of the toolkit; the rest comes with the feature `docker`.
//!
//! | module | is for |
//! |---|---|
//! | `endpoint`, `find` | where an engine listens |
//! | `engine`, `lines`, `error` | the connection, its limits, how it answers, what can go wrong |
//! | `owner`, `reap` | whose things are, and removing what killed runs left |
//! | `container`, `state`, `network` | running images |
//! | `context`, `build` | the files of a build, and building |
//! | `image`, `transfer` | images here, and on their way to and from registries |

#[cfg(feature = "docker")]
pub mod build;
#[cfg(feature = "docker")]
pub mod container;
#[cfg(feature = "docker")]
pub mod context;
pub mod endpoint;
#[cfg(feature = "docker")]
pub mod engine;
#[cfg(feature = "docker")]
pub mod error;
pub mod find;
#[cfg(feature = "docker")]
pub mod image;
#[cfg(feature = "docker")]
mod lines;
#[cfg(feature = "docker")]
pub mod network;
#[cfg(feature = "docker")]
pub mod owner;
#[cfg(feature = "docker")]
pub mod reap;
#[cfg(feature = "docker")]
pub mod state;
#[cfg(feature = "docker")]
pub mod transfer;

#[cfg(feature = "docker")]
pub use build::{BuildError, BuildSpec, Builder, Built, Cache, Event};
#[cfg(feature = "docker")]
pub use container::{Container, ContainerSpec, Logs, Privileges, Root, Waited};
#[cfg(feature = "docker")]
pub use engine::{Engine, Limits};
#[cfg(feature = "docker")]
pub use error::{Cause, EngineError};
pub use find::{Found, NoEngine};
#[cfg(feature = "docker")]
pub use image::Image;
#[cfg(feature = "docker")]
pub use network::Network;
#[cfg(feature = "docker")]
pub use owner::Owner;
#[cfg(feature = "docker")]
pub use reap::Reaped;
#[cfg(feature = "docker")]
pub use state::{Health, HealthStatus, Phase, Published, State};
#[cfg(feature = "docker")]
pub use transfer::{Credentials, Transfer};

use super::variables::Variables;

/// What the engine answers, such as `answers at unix:///var/run/docker.sock (API 1.41)`.
///
/// # Errors
/// When none answers: all that was tried.
pub fn ping(env: &Variables) -> Result<String, NoEngine> {
    let found = find::find(env)?;
    let version = found.answer.api_version.map_or_else(String::new, |version| format!(" (API {version})"));
    Ok(format!("answers at {}{version}", found.endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_that_is_not_there_does_not_answer() {
        let env = Variables::from([("DOCKER_HOST".to_owned(), "unix:///no/such/socket".to_owned())]);
        let error = ping(&env).unwrap_err();
        assert!(error.to_string().contains("/no/such/socket does not exist"), "{error}");
    }
}
