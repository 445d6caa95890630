//! A record from a stranger's run: nothing in it but what this version writes.

use serde_json::Value;

use super::{ReadError, read};
use crate::model::record::RunRecord;

/// Reads a record as [`read`] does, and refuses what this version would not have written: fields that it does not know,
/// in any depth.
///
/// # Errors
/// When it is no record, of another version, or has a field too much.
pub fn read_strictly(text: &str) -> Result<RunRecord, ReadError> {
    let record = read(text)?;
    let given = serde_json::from_str(text).map_err(|cause| ReadError::NotJson(cause.to_string()))?;
    let known = serde_json::to_value(&record).map_err(|cause| ReadError::Shape(cause.to_string()))?;
    unknown(&given, &known).map_or(Ok(record), |path| Err(ReadError::Unknown(path)))
}

/// The path of the first field that is given and not known, whatever its value.
fn unknown(given: &Value, known: &Value) -> Option<String> {
    match (given, known) {
        (Value::Object(given), Value::Object(known)) => given.iter().find_map(|(name, value)| {
            let short: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
            match known.get(name) {
                Some(known) => unknown(value, known).map(|rest| format!("{short}.{rest}")),
                None => Some(short),
            }
        }),
        (Value::Array(given), Value::Array(known)) => {
            given.iter().zip(known).enumerate().find_map(|(place, (given, known))| {
                unknown(given, known).map(|rest| format!("{place}.{rest}"))
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::json::run_json;
    use crate::report::sample::sample;

    #[test]
    fn what_we_write_is_read_strictly() {
        assert_eq!(read_strictly(&run_json(&sample()).unwrap()).unwrap(), sample());
    }

    #[test]
    fn a_field_too_much_is_named_in_any_depth() {
        let mut value = serde_json::to_value(sample()).unwrap();
        value["tests"]["cases"][1]["comment"] = Value::from("approve me");
        let text = value.to_string();
        assert!(read(&text).is_ok());
        let error = read_strictly(&text).unwrap_err();
        assert_eq!(error.to_string(), "it has a field that no run record has: `tests.cases.1.comment`");
        // What says nothing is a place to say something later.
        value["tests"]["cases"][1]["comment"] = Value::Null;
        assert_eq!(read_strictly(&value.to_string()), Err(error));
        let mut value = serde_json::to_value(sample()).unwrap();
        value["pull_request"] = Value::from(12);
        assert_eq!(read_strictly(&value.to_string()), Err(ReadError::Unknown("pull_request".to_owned())));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_without_a_panic(text in "\\PC{0,60}|\\{\"version\":1,\"[a-z]{0,9}\":[0-9]\\}") {
            prop_assert!(read_strictly(&text).is_err());
        }
    }
}
