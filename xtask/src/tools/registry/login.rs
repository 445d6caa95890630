//! Who we are to a registry, once that is found, and why it cannot be found.

use std::fmt;
use std::path::PathBuf;

use slipway_image::registry::{self, CredentialsError};

use crate::kit::secret::Secret;
use crate::tools::docker::Credentials;

/// What was found.
#[derive(Clone, Debug)]
pub struct Login {
    /// Who we are; none for nobody.
    pub credentials: Option<Credentials>,
    /// Where that stands, without its value: `GITHUB_TOKEN`.
    pub origin: String,
    /// What could not be read before it was found elsewhere.
    pub passed_over: Option<LoginError>,
}

/// Why it cannot be found out who we are. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// One variable is set, and another one that goes with it is not.
    Half {
        /// The one that is set.
        set: &'static str,
        /// The one that is missing.
        missing: &'static str,
    },
    /// Docker's configuration, or a helper that it names, cannot be used.
    Configuration {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// What was found cannot be sent.
    Unusable {
        /// Where it stands.
        origin: String,
        /// Why.
        error: CredentialsError,
    },
}

impl Login {
    pub(super) fn nobody() -> Self {
        Self { credentials: None, origin: "no credentials".to_owned(), passed_over: None }
    }

    pub(super) fn new(credentials: Credentials, origin: impl Into<String>) -> Self {
        Self { credentials: Some(credentials), origin: origin.into(), passed_over: None }
    }

    /// The same for our own client of registries.
    ///
    /// # Errors
    /// When a registry would not take them, such as a password that ends in a line break.
    pub fn for_client(&self) -> Result<registry::Credentials, LoginError> {
        let wrap = |secret: &Secret| registry::Secret::new(secret.expose());
        let made = match &self.credentials {
            None => Ok(registry::Credentials::anonymous()),
            Some(Credentials::Password { user, password }) => {
                registry::Credentials::password(user.as_str(), wrap(password))
            }
            Some(Credentials::Identity(token)) => registry::Credentials::identity_token(wrap(token)),
        };
        made.map_err(|error| LoginError::Unusable { origin: self.origin.clone(), error })
    }
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Half { set, missing } => write!(f, "{set} is set and {missing} is not: set both"),
            Self::Configuration { path, reason } => write!(f, "{}: {reason}", path.display()),
            Self::Unusable { origin, error } => write!(f, "{origin}: {error}"),
        }
    }
}

impl std::error::Error for LoginError {}
