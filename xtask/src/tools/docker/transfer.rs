//! Images on their way to and from registries, through the engine.

use bollard::auth::DockerCredentials;
use bollard::models::ProgressDetail;
use bollard::query_parameters::{CreateImageOptionsBuilder, PushImageOptionsBuilder};
use slipway_image::{Digest, Reference, Repository, Tag};

use super::engine::{Engine, Limits};
use super::error::{Cause, EngineError};
use super::image::Image;
use super::lines;
use crate::kit::secret::Secret;

/// Who we are to a registry.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A name and its password or token.
    Password {
        /// The name.
        user: String,
        /// The password or token.
        password: Secret,
    },
    /// A token that a credential helper gave for getting further ones.
    Identity(Secret),
}

/// How far a layer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// The layer, as the engine calls it; empty for a line about the whole image.
    pub layer: String,
    /// What happens to it, in the engine's words.
    pub status: String,
    /// How many bytes are done; may exceed `total`, which is of the unpacked layer.
    pub done: u64,
    /// Of how many; 0 when nobody knows.
    pub total: u64,
}

impl Credentials {
    pub(super) fn for_registry(&self, registry: &str) -> DockerCredentials {
        let server = if registry == "docker.io" { "https://index.docker.io/v1/" } else { registry };
        let server = Some(server.to_owned());
        match self {
            Self::Password { user, password } => DockerCredentials {
                username: Some(user.clone()),
                password: Some(password.expose().to_owned()),
                serveraddress: server,
                ..DockerCredentials::default()
            },
            Self::Identity(token) => DockerCredentials {
                identitytoken: Some(token.expose().to_owned()),
                serveraddress: server,
                ..DockerCredentials::default()
            },
        }
    }
}

impl Engine {
    /// Pushes an image under a name that it has, and gives the digest that the registry then has under that name.
    ///
    /// # Errors
    /// When the registry refuses, when a limit is met, and when the engine and the registry do not name the same digest.
    pub fn push(
        &self,
        (repository, tag): (&Repository, &Tag),
        credentials: Option<&Credentials>,
        limits: &Limits,
        progress: &mut dyn FnMut(Transfer),
    ) -> Result<Digest, EngineError> {
        let name = repository.tagged(tag).to_string();
        let credentials = credentials.map(|it| it.for_registry(repository.registry()));
        let options = PushImageOptionsBuilder::default().tag(tag.as_str()).build();
        let pushed = repository.to_string();
        let docker = self.patient(limits);
        let mut stream = Box::pin(docker.push_image(&pushed, Some(options), credentials.clone()));
        let work = async {
            let mut told = None;
            while let Some(item) = lines::next(&mut stream).await? {
                if let Some(error) = item.error_detail {
                    return Err(Cause::Failed(error.message.unwrap_or_default()));
                }
                let Some(status) = item.status else { continue };
                told = digest_in(&status, tag).or(told);
                progress(transfer(String::new(), status, item.progress_detail));
            }
            Ok(told)
        };
        let told = self.long("push image", &name, limits, work)?;
        let failed = |why: String| EngineError::new("push image", &name, Cause::Malformed(why));
        let told = told
            .or_else(|| digest_at(&self.inspect(&name).ok()?, repository))
            .ok_or_else(|| failed("it names no digest after the push".to_owned()))?;
        let read = self.docker.inspect_registry_image(&name, credentials);
        let read = self.ask("read back image", &name, read)?.descriptor.digest.unwrap_or_default();
        if read != told.as_str() {
            return Err(failed(format!("{told} was pushed, but the registry has {read} under this name")));
        }
        Ok(told)
    }

    /// Pulls an image, best by its digest, and gives what the engine then tells of it.
    ///
    /// # Errors
    /// When the registry refuses, when a limit is met, and when what came has another digest.
    pub fn pull(
        &self,
        reference: &Reference,
        credentials: Option<&Credentials>,
        limits: &Limits,
        progress: &mut dyn FnMut(Transfer),
    ) -> Result<Image, EngineError> {
        // A digest wins over a tag, and engines differ in what they do with both.
        let reference = match &reference.digest {
            Some(digest) => reference.repository.at(digest),
            None => reference.clone(),
        };
        let name = reference.to_string();
        let credentials = credentials.map(|it| it.for_registry(reference.repository.registry()));
        let mut options = CreateImageOptionsBuilder::default();
        options = match (&reference.digest, &reference.tag) {
            (None, Some(tag)) => options.from_image(&reference.repository.to_string()).tag(tag.as_str()),
            (None, None) => options.from_image(&name).tag("latest"),
            (Some(_), _) => options.from_image(&name),
        };
        let docker = self.patient(limits);
        let mut stream = Box::pin(docker.create_image(Some(options.build()), None, credentials));
        let work = async {
            while let Some(item) = lines::next(&mut stream).await? {
                if let Some(error) = item.error_detail {
                    return Err(Cause::Failed(error.message.unwrap_or_default()));
                }
                progress(transfer(
                    item.id.unwrap_or_default(),
                    item.status.unwrap_or_default(),
                    item.progress_detail,
                ));
            }
            Ok(())
        };
        self.long("pull image", &name, limits, work)?;
        let image = self.inspect(&name)?;
        match &reference.digest {
            Some(wanted) if !image.digests.iter().any(|it| it.digest.as_ref() == Some(wanted)) => {
                let cause = Cause::Malformed("what came does not have this digest".to_owned());
                Err(EngineError::new("pull image", &name, cause))
            }
            _ => Ok(image),
        }
    }
}

fn transfer(layer: String, status: String, detail: Option<ProgressDetail>) -> Transfer {
    let detail = detail.unwrap_or_default();
    let bytes = |number: Option<i64>| number.and_then(|number| number.try_into().ok()).unwrap_or_default();
    Transfer { layer, status, done: bytes(detail.current), total: bytes(detail.total) }
}

/// The digest in the last line of a push: `TAG: digest: sha256:… size: 527`.
fn digest_in(status: &str, tag: &Tag) -> Option<Digest> {
    let rest = status.strip_prefix(tag.as_str())?.strip_prefix(": digest: ")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The digest under which an image went to or came from a repository.
fn digest_at(image: &Image, repository: &Repository) -> Option<Digest> {
    image.digests.iter().find(|name| name.repository == *repository)?.digest.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn the_digest_of_a_push_is_read() {
        let tag: Tag = "1.0".parse().unwrap();
        let status = format!("1.0: digest: {DIGEST} size: 527");
        assert_eq!(digest_in(&status, &tag), DIGEST.parse().ok());
        assert_eq!(digest_in(&status, &"1".parse().unwrap()), None);
        assert_eq!(digest_in("1.0: digest: sha256:ab size: 5", &tag), None);
    }

    #[test]
    fn credentials_do_not_print() {
        let credentials = Credentials::Password { user: "me".to_owned(), password: Secret::new("hunter22") };
        assert!(!format!("{credentials:?}").contains("hunter22"));
        let hub = credentials.for_registry("docker.io");
        assert_eq!(hub.serveraddress.as_deref(), Some("https://index.docker.io/v1/"));
    }
}
