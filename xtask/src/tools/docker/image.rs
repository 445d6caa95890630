//! Images that the engine has: taken from archives, named, looked at, written to archives, removed.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::path::Path;

use bollard::models::ImageInspect;
use bollard::query_parameters::{
    ImportImageOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder,
};
use futures_util::StreamExt as _;
use slipway_image::{Reference, Repository, Tag};

use super::engine::{Engine, Limits};
use super::error::{Cause, EngineError};
use super::lines;
use crate::tools::files;

/// How much of an archive is read at once, in bytes.
const CHUNK: usize = 256 << 10;

/// What an engine tells of an image that it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The id: the digest of its configuration with most engines, of its manifest with some.
    pub id: String,
    /// Its names with tags, as the engine writes them.
    pub tags: Vec<String>,
    /// Its names with digests: the registries that it came from or went to.
    pub digests: Vec<Reference>,
    /// All its layers, unpacked, in bytes.
    pub size: u64,
    /// `linux`.
    pub os: String,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// When it was made, in RFC 3339; none when it does not say.
    pub created: Option<String>,
    /// The user of its processes; empty for root.
    pub user: String,
    /// What is run.
    pub entrypoint: Vec<String>,
    /// The arguments of that, or what is run where there is no entrypoint.
    pub command: Vec<String>,
    /// Variables, as `NAME=value`.
    pub env: Vec<String>,
    /// Ports that it says it listens on, such as `8080/tcp`.
    pub ports: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// The command of its health check, as Docker writes it (`CMD`, …); empty without.
    pub health_check: Vec<String>,
    /// The digests of its layers, unpacked, from the lowest.
    pub layers: Vec<String>,
}

impl Image {
    fn of(told: ImageInspect) -> Self {
        let config = told.config.unwrap_or_default();
        let digests = told.repo_digests.unwrap_or_default();
        Self {
            id: told.id.unwrap_or_default(),
            tags: told.repo_tags.unwrap_or_default(),
            digests: digests.iter().filter_map(|name| name.parse().ok()).collect(),
            size: told.size.and_then(|size| size.try_into().ok()).unwrap_or_default(),
            os: told.os.unwrap_or_default(),
            architecture: told.architecture.unwrap_or_default(),
            created: told.created.map(|time| time.to_rfc3339()).filter(|time| !time.starts_with("0001-")),
            user: config.user.unwrap_or_default(),
            entrypoint: config.entrypoint.unwrap_or_default(),
            command: config.cmd.unwrap_or_default(),
            env: config.env.unwrap_or_default(),
            ports: config.exposed_ports.unwrap_or_default(),
            labels: config.labels.unwrap_or_default().into_iter().collect(),
            health_check: config.healthcheck.and_then(|check| check.test).unwrap_or_default(),
            layers: told.root_fs.and_then(|root| root.layers).unwrap_or_default(),
        }
    }
}

impl Engine {
    /// Takes an archive that `docker save` or this toolkit wrote, and gives the names or ids of its images as the engine
    /// tells them.
    ///
    /// # Errors
    /// When the archive cannot be read, when the engine refuses it, and when a limit is met.
    pub fn load(&self, archive: &Path, limits: &Limits) -> Result<Vec<String>, EngineError> {
        let subject = archive.display().to_string();
        let here = |error: std::io::Error| {
            EngineError::new("load the image", &subject, Cause::Here(error.to_string()))
        };
        let file = files::open(archive).map_err(here)?;
        let chunks = futures_util::stream::unfold(file, |mut file| async {
            let mut chunk = vec![0; CHUNK];
            match file.read(&mut chunk) {
                Ok(0) => None,
                Ok(read) => {
                    chunk.truncate(read);
                    Some((Ok(chunk.into()), file))
                }
                Err(error) => Some((Err(error), file)),
            }
        });
        let options = ImportImageOptionsBuilder::default().quiet(true).build();
        let docker = self.patient(limits);
        let mut stream = Box::pin(docker.import_image(options, bollard::body_try_stream(chunks), None));
        let work = async {
            let mut loaded = Vec::new();
            while let Some(item) = lines::next(&mut stream).await? {
                if let Some(error) = item.error_detail {
                    return Err(Cause::Failed(error.message.unwrap_or_default()));
                }
                loaded.extend(item.stream.iter().flat_map(|text| text.lines()).filter_map(loaded_image));
            }
            Ok(loaded)
        };
        self.long("load the image", &subject, limits, work)
    }

    /// Gives an image one more name.
    ///
    /// # Errors
    /// When the engine refuses, most often because there is no such image.
    pub fn tag(&self, image: &str, repository: &Repository, tag: &Tag) -> Result<(), EngineError> {
        let options =
            TagImageOptionsBuilder::default().repo(&repository.to_string()).tag(tag.as_str()).build();
        self.ask("tag image", image, self.docker.tag_image(image, Some(options)))
    }

    /// What the engine tells of an image: by its id, a tag, or a name with a digest.
    ///
    /// # Errors
    /// When the engine has no such image, or does not say.
    pub fn inspect(&self, image: &str) -> Result<Image, EngineError> {
        self.ask("inspect image", image, self.docker.inspect_image(image)).map(Image::of)
    }

    /// Removes a name of an image, and the image with its last name. That it was gone already is no error.
    ///
    /// # Errors
    /// When the engine refuses: a container uses it.
    pub fn remove_image(&self, image: &str) -> Result<(), EngineError> {
        let options = RemoveImageOptionsBuilder::default().force(true).build();
        match self.ask("remove image", image, self.docker.remove_image(image, Some(options), None)) {
            Err(error) if error.is_not_found() => Ok(()),
            done => done.map(|_| ()),
        }
    }

    /// Writes an image to an archive, as `docker save` does. What is there already is replaced; nothing is left when it
    /// fails.
    ///
    /// # Errors
    /// When the engine has no such image, when the archive cannot be written, and when a limit is met.
    pub fn save(&self, image: &str, archive: &Path, limits: &Limits) -> Result<(), EngineError> {
        let here =
            |error: std::io::Error| Cause::Here(format!("cannot write {}: {error}", archive.display()));
        let folder =
            archive.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |cause| EngineError::new("save image", image, cause);
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(here).map_err(failed)?;
        let docker = self.patient(limits);
        let mut stream = Box::pin(docker.export_image(image));
        let work = async {
            while let Some(chunk) = stream.next().await {
                file.write_all(&chunk.map_err(Cause::from)?).map_err(here)?;
            }
            Ok(())
        };
        self.long("save image", image, limits, work)?;
        file.persist(archive).map_err(|error| failed(here(error.error)))?;
        Ok(())
    }
}

/// The image in a line such as `Loaded image: name:tag` or `Loaded image ID: sha256:…`.
fn loaded_image(line: &str) -> Option<String> {
    let rest = line.strip_prefix("Loaded image")?;
    let (_, name) = rest.split_once(": ")?;
    Some(name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_loaded_image_is_read() {
        assert_eq!(loaded_image("Loaded image: app:1.0").as_deref(), Some("app:1.0"));
        assert_eq!(loaded_image("Loaded image ID: sha256:ab").as_deref(), Some("sha256:ab"));
        assert_eq!(loaded_image("Loading layer"), None);
    }
}
