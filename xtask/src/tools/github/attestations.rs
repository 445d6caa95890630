//! Who says that they have built something. What they say is for GitHub's program to verify; here it is only counted.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::answers::encode;
use super::client::GitHub;
use super::error::GitHubError;

#[derive(Deserialize)]
struct WiredPage {
    #[serde(default)]
    attestations: Vec<IgnoredAny>,
}

impl GitHub {
    /// How many attestations there are of a digest, which has its algorithm before it: `sha256:…`.
    ///
    /// # Errors
    /// See [`GitHubError`].
    pub fn attestations(&self, digest: &str) -> Result<usize, GitHubError> {
        // The colon belongs to the path: RFC 3986, section 3.3.
        let digest = encode(digest).replace("%3A", ":");
        match self.pages::<WiredPage>(self.at(&format!("attestations/{digest}"))) {
            Ok(pages) => Ok(pages.iter().map(|page| page.attestations.len()).sum()),
            Err(error) if error.is_gone() => Ok(0),
            Err(error) => Err(error),
        }
    }
}
