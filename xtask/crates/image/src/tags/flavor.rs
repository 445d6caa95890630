//! What holds for all rules: `latest=auto|true|false`, `prefix=…`, `suffix=…`, each of the latter with `onlatest=true`.

use std::str::FromStr;

use super::csv;
use super::error::{Problem, TagError};
use super::rule::lines;
use super::template::{Scope, Template};

const LEGAL: [&str; 4] = ["latest", "prefix", "suffix", "onlatest"];

/// What holds for all rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flavor {
    pub(super) latest: Latest,
    pub(super) prefix: Affix,
    pub(super) suffix: Affix,
}

/// Whether the tag `latest` is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Latest {
    /// Where the first tag is that of a stable release.
    #[default]
    Auto,
    Always,
    Never,
}

/// A text before or behind each tag whose rule has none of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Affix {
    pub(super) text: Option<Template>,
    pub(super) on_latest: bool,
}

impl FromStr for Flavor {
    type Err = TagError;

    /// Reads lines; of what is said twice the last counts.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut flavor = Self::default();
        for line in lines(text) {
            flavor.read(line).map_err(|problem| problem.at(line))?;
        }
        Ok(flavor)
    }
}

impl Flavor {
    fn read(&mut self, line: &str) -> Result<(), Problem> {
        let mut affix = None;
        for field in csv::fields(line)? {
            let (name, value) = csv::attribute(&field);
            let unknown = |found: &str| Problem::Unknown {
                what: "attribute of a flavor",
                found: found.to_owned(),
                legal: &LEGAL,
            };
            match name.as_deref() {
                Some("latest") => self.latest = latest(value)?,
                Some("prefix") => affix = Some(self.prefix.set(value)?),
                Some("suffix") => affix = Some(self.suffix.set(value)?),
                Some("onlatest") => {
                    let on = truth("onlatest", value)?;
                    *affix.as_deref_mut().ok_or(Problem::Value {
                        name: "onlatest",
                        found: value.to_owned(),
                        takes: "a `prefix` or `suffix` before it, in the same line",
                    })? = on;
                }
                Some(name) => return Err(unknown(name)),
                None => return Err(unknown(value)),
            }
        }
        Ok(())
    }
}

impl Affix {
    /// Sets the text, and gives what `onlatest` behind it would set.
    fn set(&mut self, value: &str) -> Result<&mut bool, Problem> {
        self.text = Some(Template::parse(value, Scope::Everywhere)?).filter(|text| !text.is_empty());
        Ok(&mut self.on_latest)
    }
}

fn latest(value: &str) -> Result<Latest, Problem> {
    match value {
        "auto" => Ok(Latest::Auto),
        "true" => Ok(Latest::Always),
        "false" => Ok(Latest::Never),
        _ => Err(Problem::Value {
            name: "latest",
            found: value.to_owned(),
            takes: "`auto`, `true` or `false`",
        }),
    }
}

/// `true` or `false`.
pub(super) fn truth(name: &'static str, value: &str) -> Result<bool, Problem> {
    value.parse().map_err(|_| Problem::Value { name, found: value.to_owned(), takes: "`true` or `false`" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_lines_win() {
        let flavor: Flavor =
            "latest=true\n# not this\nprefix=a-,onlatest=true\nlatest = false\n".parse().unwrap();
        assert_eq!(flavor.latest, Latest::Never);
        assert!(flavor.prefix.on_latest && !flavor.suffix.on_latest);
        assert_eq!("prefix=".parse::<Flavor>().unwrap(), Flavor::default());
        assert_eq!("".parse::<Flavor>().unwrap(), Flavor::default());
    }

    #[test]
    fn what_is_no_flavor_is_told() {
        for (line, told) in [
            ("latest=maybe", "`latest` is `maybe`, and takes `auto`, `true` or `false`"),
            ("prefx=a", "`prefx` is no attribute of a flavor; did you mean `prefix`?"),
            (
                "zebra",
                "`zebra` is no attribute of a flavor; there are `latest`, `prefix`, `suffix` and `onlatest`",
            ),
            (
                "onlatest=true",
                "`onlatest` is `true`, and takes a `prefix` or `suffix` before it, in the same line",
            ),
            ("prefix=a,onlatest=yes", "`onlatest` is `yes`, and takes `true` or `false`"),
        ] {
            assert_eq!(line.parse::<Flavor>().unwrap_err().to_string(), format!("`{line}`: {told}"));
        }
    }
}
