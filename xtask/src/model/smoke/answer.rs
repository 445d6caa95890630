//! What a service answers, against what it should.

use serde_json::Value;

use crate::kit::text::{beginning, terminal};

/// Bytes of an answer that are repeated in a message.
const SHOWN: usize = 400;

/// An answer of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, or its beginning.
    pub body: String,
}

impl Answer {
    /// What is wrong with the status, if anything.
    ///
    /// # Errors
    /// A sentence when it is another one.
    pub fn has_status(&self, expected: u16) -> Result<(), String> {
        if self.status == expected {
            return Ok(());
        }
        Err(format!("it answered {}, not {expected}: {}", self.status, self.shown()))
    }

    /// A value of a JSON body is as expected. What is no string is compared as JSON writes it.
    ///
    /// # Errors
    /// A sentence when the body is no JSON, has no such value, or has another one.
    pub fn has_value(&self, place: &str, expected: &str) -> Result<(), String> {
        let body: Value = serde_json::from_str(&self.body)
            .map_err(|error| format!("the answer is no JSON ({error}): {}", self.shown()))?;
        let Some(value) = find(&body, place) else {
            return Err(format!("the answer has no {place}: {}", self.shown()));
        };
        let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        if text == expected {
            return Ok(());
        }
        Err(format!("{place} is {value}, not {expected:?}: {}", self.shown()))
    }

    /// The beginning of the body, for messages.
    #[must_use]
    pub fn shown(&self) -> String {
        match self.body.trim() {
            "" => "an empty body".to_owned(),
            body => beginning(&terminal(body), SHOWN).into_owned(),
        }
    }
}

/// By JSON pointer (RFC 6901) when it begins with `/`, otherwise by the name of a member.
fn find<'a>(body: &'a Value, place: &str) -> Option<&'a Value> {
    if place.is_empty() || place.starts_with('/') { body.pointer(place) } else { body.get(place) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(body: &str) -> Answer {
        Answer { status: 200, body: body.to_owned() }
    }

    #[test]
    fn another_status_is_told_with_the_answer() {
        let answer = Answer { status: 503, body: "busy\n".to_owned() };
        assert_eq!(answer.has_status(503), Ok(()));
        assert_eq!(answer.has_status(200).unwrap_err(), "it answered 503, not 200: busy");
        assert!(Answer::default().has_status(200).unwrap_err().ends_with("an empty body"));
    }

    #[test]
    fn values_are_found_by_name_and_by_pointer() {
        let answer = answer(r#"{"status":"ok","n":3,"a/b":true,"list":[{"name":"db"}],"x":{"y":null}}"#);
        for (place, value) in [
            ("status", "ok"),
            ("n", "3"),
            ("/list/0/name", "db"),
            ("a/b", "true"),
            ("/x/y", "null"),
            ("/a~1b", "true"),
        ] {
            assert_eq!(answer.has_value(place, value), Ok(()), "{place}");
        }
        let wrong = answer.has_value("status", "up").unwrap_err();
        assert!(wrong.starts_with(r#"status is "ok", not "up": "#), "{wrong}");
        assert!(
            answer.has_value("/list/1/name", "db").unwrap_err().starts_with("the answer has no /list/1/name")
        );
    }

    #[test]
    fn a_page_is_no_json() {
        let page = answer("<!doctype html>").has_value("status", "ok").unwrap_err();
        assert!(page.starts_with("the answer is no JSON (") && page.ends_with("<!doctype html>"), "{page}");
    }

    proptest! {
        #[test]
        fn any_body_is_compared(body in any::<String>(), place in any::<String>()) {
            let _ = answer(&body).has_value(&place, "x");
        }
    }
}
