//! Logging in as a GitHub App: a short-lived JSON Web Token, signed with the App's key, is exchanged for a token for one
//! repository with no more rights than are needed, which lasts an hour and is made anew before that is over.
//!
//! Source: GitHub's documentation, "Generating a JSON Web Token (JWT) for a GitHub App" and "Generating an installation
//! access token for a GitHub App".

mod key;

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

pub use key::BadKey;
use key::Key;

use crate::kit::secret::{APP_VARIABLES, Secret};
use crate::tools::files;
use crate::tools::variables::Variables;

/// Clocks differ: GitHub recommends to date the token so many seconds back.
const BACK: u64 = 60;

/// GitHub takes no token that lives longer than ten minutes, by its clock.
const LIFE: u64 = 9 * 60;

/// The most bytes of a key: ten times those of the longest that GitHub makes.
const LARGEST: u64 = 64 << 10;

/// A GitHub App, able to sign.
#[derive(Clone, Debug)]
pub struct App {
    /// Its number, or its client id.
    id: String,
    key: Arc<Key>,
    /// Where it is installed; looked up otherwise.
    installation: Option<u64>,
    /// What its tokens may do, at most.
    rights: Vec<Right>,
    /// The variable that its key is from.
    pub origin: &'static str,
}

/// The App of a client.
#[derive(Debug)]
pub(super) struct Installed {
    pub(super) app: App,
    /// When its token has to be made anew; none before the first.
    pub(super) due: Mutex<Option<Instant>>,
    /// Who writes with its tokens, such as `parcels[bot]`; none before the first.
    pub(super) login: Mutex<Option<String>>,
}

impl Installed {
    /// Without a token yet.
    pub(super) fn new(app: App) -> Self {
        Self { app, due: Mutex::default(), login: Mutex::default() }
    }
}

/// A right, as GitHub's API names it, and whether it is one to write: `("pull_requests", true)`.
pub type Right = (&'static str, bool);

/// What comments, statuses, checks and the artifacts of a run need.
const RIGHTS: [Right; 7] = [
    ("actions", false),
    ("checks", true),
    ("contents", false),
    ("issues", true),
    ("pull_requests", true),
    ("security_events", true),
    ("statuses", true),
];

/// Why an App cannot log in, as far as that shows without GitHub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadApp {
    /// This variable is missing beside others.
    Missing(&'static str),
    /// The key is given as text and as a file.
    Twice,
    /// This variable holds something else than what belongs there.
    Malformed(&'static str, &'static str),
    /// The file with the key cannot be read.
    File(String),
    /// The key cannot be used.
    Key(&'static str, BadKey),
}

impl fmt::Display for BadApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [_, text, file, _] = APP_VARIABLES;
        match self {
            Self::Missing(name) => write!(f, "a GitHub App is asked for, and {name} is not set"),
            Self::Twice => write!(f, "{text} and {file} are both set, and one key is enough"),
            Self::Malformed(name, wanted) => write!(f, "{name} is not {wanted}"),
            Self::File(reason) => write!(f, "the key of the GitHub App: {reason}"),
            Self::Key(origin, error) => write!(f, "the key of the GitHub App, from {origin}, {error}"),
        }
    }
}

impl std::error::Error for BadApp {}

impl BadApp {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Missing(_) | Self::Twice | Self::Malformed(..) | Self::File(_) => {
                "docs/login.md tells which variables a GitHub App needs; unset all of them to log in by a token"
            }
            Self::Key(..) => {
                "take the file that GitHub gave when the key was made, whole; it begins with -----BEGIN RSA PRIVATE KEY-----"
            }
        }
    }
}

impl fmt::Display for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GitHub App {}, key from {}", self.id, self.origin)
    }
}

impl App {
    /// The App that the environment names; none when it names none.
    ///
    /// # Errors
    /// When it names one that cannot log in.
    pub fn find(env: &Variables) -> Result<Option<Self>, BadApp> {
        let [id, text, file, installation] = APP_VARIABLES
            .map(|name| env.get(name).map(|value| value.trim()).filter(|value| !value.is_empty()));
        let [name_of_id, name_of_text, name_of_file, name_of_installation] = APP_VARIABLES;
        let (Some(id), (pem, origin)) = (match (id, text, file) {
            (None, None, None) => return Ok(None),
            (_, Some(_), Some(_)) => return Err(BadApp::Twice),
            (Some(_), None, None) => return Err(BadApp::Missing(name_of_text)),
            (id, Some(text), None) => (id, (Secret::new(text), name_of_text)),
            (id, None, Some(file)) => (id, (read(file)?, name_of_file)),
        }) else {
            return Err(BadApp::Missing(name_of_id));
        };
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.') {
            return Err(BadApp::Malformed(name_of_id, "the number or the client id of a GitHub App"));
        }
        let number =
            |text: &str| text.parse().map_err(|_| BadApp::Malformed(name_of_installation, "a number"));
        let key = Key::parse(&pem).map_err(|error| BadApp::Key(origin, error))?;
        Ok(Some(Self {
            id: id.to_owned(),
            key: Arc::new(key),
            installation: installation.map(number).transpose()?,
            rights: RIGHTS.to_vec(),
            origin,
        }))
    }

    /// The same, asking for this right too.
    #[must_use]
    pub fn with(mut self, right: Right) -> Self {
        self.rights.retain(|(name, _)| *name != right.0);
        self.rights.push(right);
        self
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn installation(&self) -> Option<u64> {
        self.installation
    }

    pub(super) fn rights(&self) -> &[Right] {
        &self.rights
    }

    /// A token by which GitHub knows the App itself, for a few minutes from this time on.
    pub(super) fn sign(&self, now: SystemTime) -> Result<Secret, BadKey> {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = part(&json!({ "alg": "RS256", "typ": "JWT" }));
        let claims = part(&json!({ "iat": now.saturating_sub(BACK), "exp": now + LIFE, "iss": self.id }));
        let text = format!("{head}.{claims}");
        let signature = self.key.sign(text.as_bytes())?;
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

fn read(file: &str) -> Result<Secret, BadApp> {
    let path = Path::new(file);
    let size = path.metadata().map_or(0, |about| about.len());
    if size > LARGEST {
        return Err(BadApp::File(format!("{file} has {size} bytes, which no key has")));
    }
    files::read(path).map(Secret::new).map_err(|error| BadApp::File(error.to_string()))
}
