//! Networks that a run makes and always removes.

use bollard::models::NetworkCreateRequest;

use super::engine::Engine;
use super::error::EngineError;
use super::owner::Owner;

/// A network of ours; it is removed when this value is dropped. Containers in it have to be gone by then.
#[derive(Debug)]
pub struct Network<'engine> {
    engine: &'engine Engine,
    /// Names may hold what a path of the API cannot.
    id: String,
    name: String,
    is_removed: bool,
}

impl Engine {
    /// Makes a bridge network of this name, in which containers reach each other.
    ///
    /// # Errors
    /// When the engine refuses: most often because the name is taken, or because it has no address range left.
    pub fn create_network(&self, name: &str, owner: &Owner) -> Result<Network<'_>, EngineError> {
        let request = NetworkCreateRequest {
            name: name.to_owned(),
            labels: Some(owner.labels()),
            ..NetworkCreateRequest::default()
        };
        let made = self.ask("create network", name, self.docker.create_network(request))?;
        Ok(Network { engine: self, id: made.id, name: name.to_owned(), is_removed: false })
    }

    pub(super) fn remove_network(&self, id: &str, name: &str) -> Result<(), EngineError> {
        match self.ask("remove network", name, self.docker.remove_network(id)) {
            Err(error) if error.is_not_found() => Ok(()),
            done => done,
        }
    }
}

impl Network<'_> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes it.
    ///
    /// # Errors
    /// When the engine refuses: a container is still in it.
    pub fn remove(mut self) -> Result<(), EngineError> {
        self.is_removed = true;
        self.engine.remove_network(&self.id, &self.name)
    }
}

impl Drop for Network<'_> {
    fn drop(&mut self) {
        if !self.is_removed {
            // Nobody is there to be told; the next run removes what is left of this one.
            let _ = self.engine.remove_network(&self.id, &self.name);
        }
    }
}
