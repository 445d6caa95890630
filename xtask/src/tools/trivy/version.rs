//! Which Trivy, and how old its vulnerability database is.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// The versions of the program and of its database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Of the program, such as `0.76.0`.
    pub program: String,
    /// When the database was made; none when there is no database.
    pub database: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Told {
    version: String,
    #[serde(rename = "VulnerabilityDB")]
    database: Option<Database>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Database {
    updated_at: Option<String>,
}

/// Reads what `trivy version --format=json` prints; none when that is something else.
#[must_use]
pub fn read_version(text: &str) -> Option<Version> {
    let told: Told = serde_json::from_str(text).ok()?;
    let made = told.database.and_then(|database| database.updated_at);
    let made = made.and_then(|time| DateTime::parse_from_rfc3339(&time).ok());
    Some(Version { program: told.version, database: made.map(|time| time.to_utc()) })
}

/// How old a database is; nothing for one from the future.
#[must_use]
pub fn age(made: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    now.signed_duration_since(made).to_std().unwrap_or_default()
}
