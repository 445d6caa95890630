//! Code scanning: findings go up as SARIF, and GitHub looks at them later.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Deserialize;
use serde_json::json;

use super::answers;
use super::client::GitHub;
use super::error::GitHubError;
use super::wire::{Ask, Verb};
use crate::model::forge::{Analysis, Processed};

/// How often is asked what became of them; between two times others are given way.
const LOOKS: u32 = 10;

/// The most reasons that are told.
const REASONS: usize = 5;

#[derive(Deserialize)]
struct Taken {
    id: String,
}

#[derive(Deserialize)]
struct Wired {
    processing_status: Option<String>,
    #[serde(default)]
    errors: Option<Vec<String>>,
}

impl GitHub {
    /// Hands findings to code scanning, and waits a little for what it makes of all of them. To send the same again is no harm: of
    /// one commit and one category the last ones count.
    ///
    /// # Errors
    /// See [`GitHubError`]; with [`GitHubError::status`] 403 or 404 there is no code scanning here, or the token lacks the
    /// right.
    pub fn scan(&self, analyses: &[Analysis<'_>]) -> Result<Vec<Processed>, GitHubError> {
        let ids = analyses.iter().map(|analysis| self.hand_in(analysis)).collect::<Result<Vec<_>, _>>()?;
        let mut all = vec![Processed::Pending; ids.len()];
        for look in 0..LOOKS {
            if look > 0 {
                self.give_way()?;
            }
            for (id, processed) in ids.iter().zip(&mut all).filter(|(_, it)| **it == Processed::Pending) {
                *processed = self.processed(id)?;
            }
            if !all.contains(&Processed::Pending) {
                break;
            }
        }
        Ok(all)
    }

    /// Gives the id by which it is asked for later.
    fn hand_in(&self, analysis: &Analysis<'_>) -> Result<String, GitHubError> {
        let body = json!({
            "commit_sha": analysis.commit,
            "ref": analysis.git_ref,
            "sarif": packed(analysis.sarif)?,
        });
        let ask = Ask::new(Verb::Post, self.at("code-scanning/sarifs"), Some(body));
        let Taken { id } = self.write(&ask, |answer| answers::json(&ask, answer), || Ok(None))?;
        // It becomes a part of a route.
        if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            Ok(id)
        } else {
            Err(answers::unexpected(&ask, "its id is none".to_owned()))
        }
    }

    fn processed(&self, id: &str) -> Result<Processed, GitHubError> {
        let found = self.one::<Wired>(self.at(&format!("code-scanning/sarifs/{id}")));
        let Wired { processing_status, errors } = match found {
            // It was taken a moment ago.
            Err(error) if error.is_gone() => return Ok(Processed::Pending),
            found => found?,
        };
        Ok(match processing_status.as_deref() {
            Some("complete") => Processed::Complete,
            Some("failed") => {
                Processed::Failed(errors.unwrap_or_default().into_iter().take(REASONS).collect())
            }
            _ => Processed::Pending,
        })
    }
}

/// As GitHub wants it: gzip in base64.
fn packed(text: &str) -> Result<String, GitHubError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let bytes = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    let bytes =
        bytes.map_err(|error| GitHubError::Unusable(format!("findings cannot be packed: {error}")))?;
    Ok(STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_packed_unpacks() {
        let text = "{\"version\": \"2.1.0\"}".repeat(100);
        let bytes = STANDARD.decode(packed(&text).unwrap()).unwrap();
        let mut back = String::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut back).unwrap();
        assert_eq!(back, text);
    }
}
