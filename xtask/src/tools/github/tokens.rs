//! The tokens of an App: gotten where it is installed, and anew before they end.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::time::{Duration, Instant, SystemTime};

use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Value, json};

use super::app::App;
use super::client::GitHub;
use super::error::GitHubError;
use super::why_not::WhyNot;
use super::wire::{Ask, Verb, Wire};
use super::{answers, limits};
use crate::kit::secret::{Redactor, Secret};

/// A token is made anew when it has less than this left.
const RESERVE: Duration = Duration::from_mins(10);

/// How long a token lives when the answer does not say.
const USUAL: Duration = Duration::from_hours(1);

/// GitHub's answer to where an App is installed, as far as it matters.
#[derive(Deserialize)]
struct Installation {
    id: u64,
    app_slug: String,
    #[serde(default)]
    permissions: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Made {
    token: String,
    expires_at: String,
}

impl GitHub {
    /// Puts a token of the App into the connection when there is none, or when the last one ends soon.
    pub(super) fn renew(&self) -> Result<(), GitHubError> {
        let Some(tokens) = &self.app else { return Ok(()) };
        let mut due = tokens.due.lock().unwrap_or_else(PoisonError::into_inner);
        if due.is_some_and(|due| Instant::now() < due) {
            return Ok(());
        }
        let (token, life, login) = self.token(&tokens.app)?;
        *tokens.login.lock().unwrap_or_else(PoisonError::into_inner) = Some(login);
        self.wire.log_in(&token)?;
        *self.redactor.lock().unwrap_or_else(PoisonError::into_inner) = Redactor::new([token]);
        *due = Some(Instant::now() + life.saturating_sub(RESERVE));
        Ok(())
    }

    /// Under which name the App writes; none for whoever is no App. A token that an App was given may not ask for it.
    pub(super) fn app_login(&self) -> Result<Option<String>, GitHubError> {
        let Some(tokens) = &self.app else { return Ok(None) };
        self.renew()?;
        Ok(tokens.login.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// A token, how long it lives, and the login of who writes with it.
    fn token(&self, app: &App) -> Result<(Secret, Duration, String), GitHubError> {
        let signed = app.sign(SystemTime::now());
        let signed =
            signed.map_err(|error| GitHubError::Unusable(format!("the key of the GitHub App {error}")))?;
        let wire = Wire::new(self.wire.address(), Some(&signed), self.patience.request)?;
        let told = |error| self.refusal(app, error);
        let ask = Ask::get(
            app.installation()
                .map_or_else(|| self.at("installation"), |id| format!("/app/installations/{id}")),
        );
        let found: Installation = answers::json(&ask, &self.read_over(&wire, &ask).map_err(told)?)?;
        let body = json!({
            "repositories": [self.repository.name()],
            "permissions": permissions(app, &found.permissions),
        });
        let route = format!("/app/installations/{}/access_tokens", found.id);
        let ask = Ask::new(Verb::Post, route, Some(body));
        // Made twice, it is two tokens, of which one ends unused.
        let answer = self.read_over(&wire, &ask).map_err(told)?;
        let made: Made = answers::json(&ask, &answer)?;
        let end = DateTime::parse_from_rfc3339(&made.expires_at).ok();
        let life = end.zip(limits::now(&answer)).and_then(|(end, now)| (end - now).to_std().ok());
        Ok((Secret::new(made.token), life.unwrap_or(USUAL), format!("{}[bot]", found.app_slug)))
    }

    /// What GitHub's refusal means here.
    fn refusal(&self, app: &App, error: GitHubError) -> GitHubError {
        let GitHubError::Refused(refused) = &error else { return error };
        let message = refused.message.to_lowercase();
        let is_of_time = ["'iat'", "'exp'", "issued at", "expiration time", "expired"];
        let why = match refused.status {
            401 if is_of_time.iter().any(|words| message.contains(words)) => WhyNot::Clock,
            401 => WhyNot::Key,
            404 if app.installation().is_some() => WhyNot::NoSuchInstallation,
            404 => WhyNot::NotInstalled(self.repository.to_string()),
            403 | 422 => WhyNot::Rights,
            _ => return error,
        };
        GitHubError::App { app: app.id().to_owned(), why, said: error.to_string() }
    }
}

/// What we want, as far as the App was given it: GitHub refuses all when one right of them was not.
fn permissions(app: &App, granted: &BTreeMap<String, String>) -> Value {
    let wanted = app.rights().iter().filter_map(|(name, write)| {
        let level = match granted.get(*name)?.as_str() {
            "read" => "read",
            _ if *write => "write",
            _ => "read",
        };
        Some(((*name).to_owned(), json!(level)))
    });
    Value::Object(wanted.collect())
}
