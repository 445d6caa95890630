//! Secrets: a type that cannot be printed, and a redactor that removes their values from text that came from outside.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

const MASK: &str = "***";

/// Shorter values are not searched for: masking every `1` of a log would hide the log, not a secret.
const SHORTEST: usize = 6;

/// User name, password and token for the registry that images are pushed to. They are no settings: a settings file is no
/// place for them.
pub const REGISTRY_VARIABLES: [&str; 3] =
    ["SLIPWAY_REGISTRY_USERNAME", "SLIPWAY_REGISTRY_PASSWORD", "SLIPWAY_REGISTRY_TOKEN"];

/// The token for GitHub's API, in this order: ours, GitHub Actions', GitHub's program's.
pub const GITHUB_VARIABLES: [&str; 3] = ["SLIPWAY_GITHUB_TOKEN", "GITHUB_TOKEN", "GH_TOKEN"];

/// A GitHub App in the token's place: its number, its private key or the file that holds it, and where it is installed.
pub const APP_VARIABLES: [&str; 4] = [
    "SLIPWAY_GITHUB_APP_ID",
    "SLIPWAY_GITHUB_APP_PRIVATE_KEY",
    "SLIPWAY_GITHUB_APP_PRIVATE_KEY_FILE",
    "SLIPWAY_GITHUB_APP_INSTALLATION_ID",
];

/// What asks GitHub for a token that proves to others which workflow this is.
const IDENTITY_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// Whether a variable is for this program alone. Whatever it runs is built from code of many people: build scripts,
/// tests and macros of all dependencies; they get it only where somebody says so.
#[must_use]
pub fn is_withheld(variable: &str) -> bool {
    let known = [REGISTRY_VARIABLES.as_slice(), &GITHUB_VARIABLES, &APP_VARIABLES, &[IDENTITY_VARIABLE]];
    known.iter().any(|names| names.contains(&variable))
}

/// A value that must not reach a log, a report or an argument list.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself: for the one place that hands it to its user, never for text.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// Replaces the values of known secrets by `***`: each line of a value by itself, as it is and as JSON and XML write it,
/// and the base64 form of the whole.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    needles: Vec<Secret>,
}

impl Redactor {
    /// A redactor for these secrets.
    pub fn new(secrets: impl IntoIterator<Item = Secret>) -> Self {
        let mut needles: Vec<String> = Vec::new();
        for secret in secrets {
            let value = secret.expose();
            let lines = value.lines().map(str::trim).filter(|line| line.len() >= SHORTEST);
            needles.extend(lines.flat_map(written));
            if value.len() >= SHORTEST {
                needles.push(STANDARD_NO_PAD.encode(value));
            }
        }
        // The longest first: a secret that holds another one is masked whole.
        needles.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        needles.dedup();
        Self { needles: needles.into_iter().map(Secret).collect() }
    }

    /// The text without any secret.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for needle in &self.needles {
            if clean.contains(needle.expose()) {
                clean = clean.replace(needle.expose(), MASK);
            }
        }
        clean
    }

    /// The values that a CI service has to be told to mask, one line each.
    pub fn values(&self) -> impl Iterator<Item = &Secret> {
        self.needles.iter()
    }
}

/// A line as it stands in plain text, in JSON and in XML. What a format hides otherwise, such as `\u0061` for `a`, is
/// found once it is decoded.
fn written(line: &str) -> [String; 7] {
    let json: String = line
        .chars()
        .map(|character| match character {
            '"' | '\\' => format!("\\{character}"),
            '\t' => "\\t".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let least = line.replace('&', "&amp;").replace('<', "&lt;");
    let text = least.replace('>', "&gt;");
    let quoted = text.replace('"', "&quot;");
    let slashes = json.replace('/', "\\/");
    let html = quoted.replace('\'', "&#39;");
    [line.to_owned(), json, slashes, least, text, html, quoted.replace('\'', "&apos;")]
}

/// Whether a variable of this name holds a secret, by the names that CI services and cargo use.
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    let name = name.to_uppercase();
    ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "PRIVATE_KEY", "API_KEY", "ACCESS_KEY", "CREDENTIALS"]
        .iter()
        .any(|word| name.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter22")), "***");
    }

    #[test]
    fn each_line_and_the_base64_form_are_masked() {
        let redactor = Redactor::new([Secret::new("first-line\nsecond-line")]);
        let text =
            format!("a first-line b second-line c {} d", STANDARD_NO_PAD.encode("first-line\nsecond-line"));
        assert_eq!(redactor.redact(&text), "a *** b *** c *** d");
    }

    #[test]
    fn a_value_is_masked_as_json_and_xml_write_it() {
        let redactor = Redactor::new([Secret::new(r#"a"b\c/d<e>f&g'h"#)]);
        for form in [
            r#"a"b\c/d<e>f&g'h"#,
            r#"a\"b\\c/d<e>f&g'h"#,
            r#"a\"b\\c\/d<e>f&g'h"#,
            r#"a"b\c/d&lt;e>f&amp;g'h"#,
            r#"a"b\c/d&lt;e&gt;f&amp;g'h"#,
            r"a&quot;b\c/d&lt;e&gt;f&amp;g&apos;h",
            r"a&quot;b\c/d&lt;e&gt;f&amp;g&#39;h",
        ] {
            assert_eq!(redactor.redact(form), "***", "{form}");
        }
    }

    #[test]
    fn short_values_do_not_hide_the_log() {
        assert_eq!(Redactor::new([Secret::new("1")]).redact("101"), "101");
    }

    #[test]
    fn secret_names_are_known() {
        assert!(is_secret_name("CARGO_REGISTRY_TOKEN"));
        assert!(is_secret_name("SLIPWAY_REGISTRY_PASSWORD"));
        assert!(!is_secret_name("CARGO_TERM_COLOR"));
    }
}
