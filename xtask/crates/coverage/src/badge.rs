//! `coverage.json`: a badge for a README.
//!
//! The format is the endpoint badge of [shields.io](https://shields.io/badges/endpoint-badge), schema version 1;
//! other badge services read it too.

use crate::{Scale, Share, Tone};

/// The badge of a share, as one line of JSON that ends in a line feed.
#[must_use]
pub fn endpoint(share: Share, scale: &Scale) -> String {
    let (message, color) = match scale.tone(share) {
        Tone::Good => (share.to_string(), "brightgreen"),
        Tone::Fair => (share.to_string(), "yellow"),
        Tone::Poor => (share.to_string(), "red"),
        Tone::Unmeasured => ("not measured".to_owned(), "lightgrey"),
    };
    // No text from outside goes in, so nothing needs an escape.
    format!(r#"{{"schemaVersion":1,"label":"coverage","message":"{message}","color":"{color}"}}"#) + "\n"
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn badge(covered: u64, total: u64) -> Value {
        serde_json::from_str(&endpoint(Share { covered, total }, &Scale::default())).unwrap()
    }

    #[test]
    fn a_badge_is_what_shields_reads() {
        let good =
            json!({"schemaVersion": 1, "label": "coverage", "message": "93.4%", "color": "brightgreen"});
        assert_eq!(badge(934, 1000), good);
        assert_eq!(badge(80, 100)["color"], "yellow");
        assert_eq!(badge(1, 100)["color"], "red");
    }

    #[test]
    fn almost_everything_is_not_everything() {
        assert_eq!(badge(9_996, 10_000)["message"], "99.9%");
    }

    #[test]
    fn a_badge_of_nothing_is_grey() {
        assert_eq!(
            (&badge(0, 0)["message"], &badge(0, 0)["color"]),
            (&json!("not measured"), &json!("lightgrey"))
        );
    }
}
