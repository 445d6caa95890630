//! What killed runs left behind: found by its labels, removed when the process that made it is gone.

use std::collections::HashMap;

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
    ListVolumesOptionsBuilder, RemoveVolumeOptions,
};

use super::container::labelled;
use super::engine::Engine;
use super::error::EngineError;
use super::owner::{LENT, Owner, RUN, is_image_of_dead};

/// What was removed, by id or name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reaped {
    /// Containers, by id.
    pub containers: Vec<String>,
    /// Networks, by name.
    pub networks: Vec<String>,
    /// Volumes, by name.
    pub volumes: Vec<String>,
    /// Images that the engine had for a run only, by name.
    pub images: Vec<String>,
}

impl Reaped {
    /// Nothing was left behind.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.containers.is_empty()
            && self.networks.is_empty()
            && self.volumes.is_empty()
            && self.images.is_empty()
    }
}

impl Engine {
    /// Removes the containers, networks, volumes and images of runs on this machine whose process is gone.
    ///
    /// # Errors
    /// When the engine does not list or remove them; what was removed until then stays so.
    pub fn reap(&self) -> Result<Reaped, EngineError> {
        self.reap_where(Owner::is_dead, is_image_of_dead)
    }

    /// Removes whatever is left of one run.
    ///
    /// # Errors
    /// As [`Engine::reap`].
    pub fn remove_run(&self, owner: &Owner) -> Result<Reaped, EngineError> {
        self.reap_where(|other| other == owner, |name| owner.has_image(name))
    }

    fn reap_where(
        &self,
        is_due: impl Fn(&Owner) -> bool,
        is_image_due: impl Fn(&str) -> bool,
    ) -> Result<Reaped, EngineError> {
        let is_due =
            |labels: &HashMap<String, String>| Owner::from_labels(labels).is_some_and(|owner| is_due(&owner));
        let mut reaped = Reaped::default();

        let options = ListContainersOptionsBuilder::default().all(true).filters(&labelled(RUN)).build();
        let listed = self.ask("list containers", "", self.docker.list_containers(Some(options)))?;
        for container in listed.into_iter().filter(|it| it.labels.as_ref().is_some_and(is_due)) {
            let Some(id) = container.id else { continue };
            self.remove_container(&id)?;
            reaped.containers.push(id);
        }

        let options = ListNetworksOptionsBuilder::default().filters(&labelled(RUN)).build();
        let listed = self.ask("list networks", "", self.docker.list_networks(Some(options)))?;
        for network in listed.into_iter().filter(|it| it.labels.as_ref().is_some_and(is_due)) {
            let (Some(id), Some(name)) = (network.id, network.name) else { continue };
            self.remove_network(&id, &name)?;
            reaped.networks.push(name);
        }

        let options = ListVolumesOptionsBuilder::default().filters(&labelled(RUN)).build();
        let listed = self.ask("list volumes", "", self.docker.list_volumes(Some(options)))?;
        for volume in listed.volumes.unwrap_or_default().into_iter().filter(|it| is_due(&it.labels)) {
            let removal = self.docker.remove_volume(&volume.name, None::<RemoveVolumeOptions>);
            match self.ask("remove volume", &volume.name, removal) {
                Err(error) if error.is_not_found() => {}
                done => done?,
            }
            reaped.volumes.push(volume.name);
        }

        let filter = HashMap::from([("reference".to_owned(), vec![format!("{LENT}*")])]);
        let options = ListImagesOptionsBuilder::default().filters(&filter).build();
        let listed = self.ask("list images", "", self.docker.list_images(Some(options)))?;
        let names = listed.into_iter().flat_map(|image| image.repo_tags);
        for name in names.filter(|name| is_image_due(name)) {
            self.remove_image(&name)?;
            reaped.images.push(name);
        }
        Ok(reaped)
    }
}
