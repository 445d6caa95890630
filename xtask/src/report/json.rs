//! `run.json`: the record itself, the only hand-over between jobs. Written for any reader; read strictly by version.

mod image;
mod strange;

use std::fmt;

pub use self::image::image_json;
pub use self::strange::read_strictly;

use super::RenderError;
use crate::model::record::{RunRecord, VERSION};

/// The record as pretty JSON with a line feed at its end.
///
/// # Errors
/// When the record cannot be written as JSON; it has no map with keys that are not text, so it always can.
pub fn run_json(record: &RunRecord) -> Result<String, RenderError> {
    let text = serde_json::to_string_pretty(record).map_err(|cause| RenderError::new("run.json", cause))?;
    Ok(text + "\n")
}

/// Why a text is not a run record that this version reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is no JSON at all.
    NotJson(String),
    /// It does not say its version: something else wrote it.
    NoVersion,
    /// It is of another version.
    OtherVersion(u64),
    /// It is of this version, but a field is missing or of another kind.
    Shape(String),
    /// It has this field, which no record has.
    Unknown(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(cause) => write!(f, "it is not JSON: {cause}"),
            Self::NoVersion => f.write_str("it has no `version`: it is not a run record"),
            Self::OtherVersion(found) => {
                write!(f, "it is a run record of version {found}, and this toolkit reads version {VERSION}")
            }
            Self::Unknown(path) => write!(f, "it has a field that no run record has: `{path}`"),
            Self::Shape(cause) => {
                write!(f, "it says version {VERSION}, but does not have its shape: {cause}")
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads a record. Fields that this version does not know are ignored.
///
/// # Errors
/// When it is no record, or of another version.
pub fn read(text: &str) -> Result<RunRecord, ReadError> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|cause| ReadError::NotJson(cause.to_string()))?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        None => Err(ReadError::NoVersion),
        Some(version) if version == u64::from(VERSION) => {
            serde_path_to_error::deserialize(value).map_err(|cause| ReadError::Shape(cause.to_string()))
        }
        Some(other) => Err(ReadError::OtherVersion(other)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::sample::sample;

    #[test]
    fn what_was_written_is_read_back() {
        let text = run_json(&sample()).unwrap();
        assert!(text.ends_with("}\n"));
        assert_eq!(read(&text).unwrap(), sample());
    }

    #[test]
    fn what_was_written_is_of_the_committed_schema() {
        let schema = serde_json::from_str(include_str!("../../schema/run.schema.json")).unwrap();
        let instance = serde_json::from_str(&run_json(&sample()).unwrap()).unwrap();
        jsonschema::validate(&schema, &instance).unwrap();
    }

    #[test]
    fn an_unknown_field_is_ignored() {
        let mut value = serde_json::to_value(sample()).unwrap();
        value["later"] = serde_json::json!({ "a": 1 });
        assert_eq!(read(&value.to_string()).unwrap(), sample());
    }

    #[test]
    fn each_wrong_text_is_refused_in_its_own_words() {
        assert!(read("<xml>").unwrap_err().to_string().starts_with("it is not JSON"));
        assert_eq!(read("{}").unwrap_err(), ReadError::NoVersion);
        assert_eq!(read("[1]").unwrap_err(), ReadError::NoVersion);
        let other = "it is a run record of version 2, and this toolkit reads version 1";
        assert_eq!(read("{\"version\": 2}").unwrap_err().to_string(), other);
        let mut value = serde_json::to_value(sample()).unwrap();
        value["steps"][0]["duration_ms"] = "long".into();
        assert!(read(&value.to_string()).unwrap_err().to_string().contains("steps[0].duration_ms"));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
