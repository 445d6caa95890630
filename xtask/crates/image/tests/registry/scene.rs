//! A push where something goes wrong.

use std::sync::Arc;

use slipway_image::registry::{Credentials, Options, Push, Pushed, RegistryError};

use super::fake::{Fake, What};
use super::support::{Clock, Image, client, image, repository, tags, told};

/// A push of an image to a registry where something goes wrong, on a clock that does not wait.
pub(crate) struct Scene {
    pub(crate) fake: Fake,
    pub(crate) clock: Arc<Clock>,
    pub(crate) image: Image,
    pub(crate) options: Options,
}

impl Scene {
    pub(crate) fn new(sizes: &[usize]) -> Self {
        let clock = Arc::new(Clock::default());
        let options = Options { watch: clock.clone(), parallel: 1, ..Options::default() };
        Self { fake: Fake::start(), clock, image: image(sizes), options }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    pub(crate) fn fault(self, method: &'static str, path: &'static str, times: usize, what: What) -> Self {
        self.fake.fault(method, path, times, what);
        self
    }

    pub(crate) fn push(&self) -> Result<Pushed, RegistryError> {
        let registry = client(&self.fake, Credentials::anonymous(), self.options.clone());
        let to = repository(&self.fake, "app");
        let tags = tags(&["1"]);
        let push =
            Push { root: &self.image.root, blobs: &self.image.folder, to: &to, tags: &tags, mount_from: &[] };
        registry.push(&push)
    }

    /// Pushes, and looks whether all is right on the other side.
    pub(crate) fn works(&self) -> Pushed {
        let pushed = self.push().unwrap();
        let layer = self.image.layers[0].digest.to_string();
        self.fake.store(|store| {
            assert_eq!(store.blobs[&("app".to_owned(), layer)].len() as u64, self.image.layers[0].size);
            assert_eq!(store.tags[&("app".to_owned(), "1".to_owned())], self.image.root.digest.to_string());
        });
        assert_eq!(self.fake.faults_left(), 0);
        pushed
    }

    /// Pushes, and gives what is told.
    pub(crate) fn fails(&self) -> String {
        told(&self.push().unwrap_err())
    }

    pub(crate) fn pauses(&self) -> Vec<u64> {
        self.clock
            .waits
            .lock()
            .unwrap()
            .iter()
            .map(|(_, delay)| u64::try_from(delay.as_millis()).unwrap())
            .collect()
    }

    pub(crate) fn ranges(&self) -> Vec<String> {
        let requests = self.fake.requests();
        requests.iter().filter_map(|asked| asked.header("content-range")).map(ToOwned::to_owned).collect()
    }
}
