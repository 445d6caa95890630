//! One line of the language: `type=semver,pattern={{version}}`. All that can be wrong with it is found when it is read,
//! on whatever event.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::csv;
use super::error::{Problem, TagError};
use super::pattern::Pattern;
use super::template::{Scope, Template};

/// A rule of tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub(super) line: String,
    pub(super) what: What,
    pub(super) enable: Template,
    pub(super) priority: f64,
    pub(super) prefix: Option<Template>,
    pub(super) suffix: Option<Template>,
}

/// What a rule makes a tag of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Schedule { pattern: Template },
    Semver(Versioned),
    Pep440(Versioned),
    Match { pattern: Pattern, group: usize, value: Option<Template> },
    Edge { branch: Option<String> },
    Branch,
    Tag,
    PullRequest,
    Raw { value: Template },
    ShortSha,
    LongSha,
}

/// A rule of versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Versioned {
    pub(super) pattern: Template,
    /// What the version is read from, instead of the tag.
    pub(super) value: Option<Template>,
    /// What picks the version out of that, by its first group.
    pub(super) pick: Option<Pattern>,
}

/// A kind of rule: its name, how early it comes, and the attributes that only it has.
struct Kind {
    name: &'static str,
    priority: f64,
    legal: &'static [&'static str],
}

const KINDS: [Kind; 8] = [
    Kind {
        name: "schedule",
        priority: 1000.0,
        legal: &["type", "enable", "priority", "prefix", "suffix", "pattern"],
    },
    Kind { name: "semver", priority: 900.0, legal: &VERSIONED },
    Kind { name: "pep440", priority: 900.0, legal: &VERSIONED },
    Kind {
        name: "match",
        priority: 800.0,
        legal: &["type", "enable", "priority", "prefix", "suffix", "pattern", "group", "value"],
    },
    Kind {
        name: "edge",
        priority: 700.0,
        legal: &["type", "enable", "priority", "prefix", "suffix", "branch"],
    },
    Kind {
        name: "ref",
        priority: 600.0,
        legal: &["type", "enable", "priority", "prefix", "suffix", "event"],
    },
    Kind {
        name: "raw",
        priority: 200.0,
        legal: &["type", "enable", "priority", "prefix", "suffix", "value"],
    },
    Kind {
        name: "sha",
        priority: 100.0,
        legal: &["type", "enable", "priority", "prefix", "suffix", "format"],
    },
];

const VERSIONED: [&str; 8] = ["type", "enable", "priority", "prefix", "suffix", "pattern", "value", "match"];

const TYPES: [&str; 8] = ["schedule", "semver", "pep440", "match", "edge", "ref", "raw", "sha"];

/// The lines of a text that say something: no empty ones, and none that begin with `#`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

impl Rule {
    /// Reads rules, one a line. Empty lines and lines that begin with `#` are none.
    ///
    /// # Errors
    /// The first line that is no rule, with what is wrong.
    pub fn all(text: &str) -> Result<Vec<Self>, TagError> {
        lines(text).map(str::parse).collect()
    }

    fn parse(line: &str) -> Result<Self, Problem> {
        let mut attributes = Attributes::parse(line)?;
        let kind = attributes.kind()?;
        attributes.check(kind)?;
        let enable = attributes.take("enable").unwrap_or_else(|| "true".to_owned());
        let priority = attributes.take("priority").map_or(Ok(kind.priority), |text| priority(&text))?;
        let what = attributes.what(kind.name)?;
        let own = match what {
            What::PullRequest => Some("pr-"),
            What::ShortSha | What::LongSha => Some("sha-"),
            _ => None,
        };
        let prefix = attributes.take("prefix").or_else(|| own.map(str::to_owned));
        let affix =
            |text: Option<String>| text.map(|text| Template::parse(&text, Scope::Everywhere)).transpose();
        Ok(Self {
            line: line.to_owned(),
            what,
            enable: Template::parse(&enable, Scope::Everywhere)?,
            priority,
            prefix: affix(prefix)?,
            suffix: affix(attributes.take("suffix"))?,
        })
    }
}

impl FromStr for Rule {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let line = text.trim();
        Self::parse(line).map_err(|problem| problem.at(line))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

/// The attributes of a line. A value without a name is that of `value`.
struct Attributes(BTreeMap<String, String>);

impl Attributes {
    fn parse(line: &str) -> Result<Self, Problem> {
        let mut all = BTreeMap::new();
        for field in csv::fields(line)? {
            let (name, value) = csv::attribute(&field);
            if name.is_some() || !value.is_empty() {
                all.insert(name.unwrap_or_else(|| "value".to_owned()), value.to_owned());
            }
        }
        Ok(Self(all))
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    fn needed(&mut self, name: &'static str) -> Result<String, Problem> {
        self.take(name).ok_or(Problem::Missing(name))
    }

    fn kind(&mut self) -> Result<&'static Kind, Problem> {
        let name = self.take("type").unwrap_or_else(|| "raw".to_owned());
        let kind = KINDS.iter().find(|kind| kind.name == name);
        kind.ok_or(Problem::Unknown { what: "type", found: name, legal: &TYPES })
    }

    fn check(&self, kind: &Kind) -> Result<(), Problem> {
        let unknown = self.0.keys().find(|name| !kind.legal.contains(&name.as_str()));
        unknown.map_or(Ok(()), |name| {
            Err(Problem::Unknown { what: "attribute of this type", found: name.clone(), legal: kind.legal })
        })
    }

    fn what(&mut self, kind: &str) -> Result<What, Problem> {
        Ok(match kind {
            "schedule" => {
                let pattern = self.take("pattern").unwrap_or_else(|| "nightly".to_owned());
                What::Schedule { pattern: Template::parse(&pattern, Scope::Everywhere)? }
            }
            "semver" => What::Semver(self.versioned(Scope::Semver)?),
            "pep440" => What::Pep440(self.versioned(Scope::Pep440)?),
            "match" => {
                let pattern = Pattern::parse(&self.needed("pattern")?)?;
                let group = self.take("group").map_or(Ok(0), |text| group(&text))?;
                What::Match { pattern, group, value: self.value()? }
            }
            "edge" => What::Edge { branch: self.take("branch").filter(|branch| !branch.is_empty()) },
            "ref" => match self.needed("event")?.as_str() {
                "branch" => What::Branch,
                "tag" => What::Tag,
                "pr" => What::PullRequest,
                found => return Err(value("event", found, "`branch`, `tag` or `pr`")),
            },
            "sha" => match self.take("format").as_deref() {
                None | Some("short") => What::ShortSha,
                Some("long") => What::LongSha,
                Some(found) => return Err(value("format", found, "`short` or `long`")),
            },
            _ => What::Raw { value: Template::parse(&self.needed("value")?, Scope::Everywhere)? },
        })
    }

    fn versioned(&mut self, scope: Scope) -> Result<Versioned, Problem> {
        Ok(Versioned {
            pattern: Template::parse(&self.needed("pattern")?, scope)?,
            value: self.value()?,
            pick: self
                .take("match")
                .filter(|text| !text.is_empty())
                .map(|text| Pattern::parse(&text))
                .transpose()?,
        })
    }

    fn value(&mut self) -> Result<Option<Template>, Problem> {
        let value = self.take("value").filter(|text| !text.is_empty());
        value.map(|text| Template::parse(&text, Scope::Everywhere)).transpose()
    }
}

fn value(name: &'static str, found: &str, takes: &'static str) -> Problem {
    Problem::Value { name, found: found.to_owned(), takes }
}

fn priority(text: &str) -> Result<f64, Problem> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| value("priority", text, "a number"))
}

fn group(text: &str) -> Result<usize, Problem> {
    text.parse().map_err(|_| value("group", text, "the number of a group, `0` for all that matches"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rules_have_the_defaults_of_their_kind() {
        let of = |line: &str| line.parse::<Rule>().unwrap();
        assert_eq!(of("type=sha").what, What::ShortSha);
        assert_eq!(of("type=sha").priority.to_string(), "100");
        assert_eq!(of("type=ref,event=pr").prefix, of("type=raw,a,prefix=pr-").prefix);
        assert_eq!(of("latest").what, of("type=raw,value=latest").what);
        assert_eq!(of("TYPE=raw, Value = a=b ,priority=-1.5").priority.to_string(), "-1.5");
        assert_eq!(Rule::all("\n# no\n a \n b # c\n").unwrap().len(), 2);
    }

    #[test]
    fn kinds_and_their_names_agree() {
        assert_eq!(KINDS.map(|kind| kind.name), TYPES);
    }

    #[test]
    fn what_is_no_rule_is_told_with_what_would_be() {
        for (line, told) in [
            ("type=semvr,pattern=x", "`semvr` is no type; did you mean `semver`?"),
            (
                "type=docker",
                "`docker` is no type; there are `schedule`, `semver`, `pep440`, `match`, `edge`, `ref`, `raw` and `sha`",
            ),
            ("type=ref,evnt=branch", "`evnt` is no attribute of this type; did you mean `event`?"),
            (
                "type=sha,foo",
                "`value` is no attribute of this type; there are `type`, `enable`, `priority`, `prefix`, `suffix` and \
                 `format`",
            ),
            ("type=ref", "the attribute `event` is missing"),
            ("type=raw", "the attribute `value` is missing"),
            ("type=semver", "the attribute `pattern` is missing"),
            ("type=ref,event=branches", "`event` is `branches`, and takes `branch`, `tag` or `pr`"),
            ("type=sha,format=tiny", "`format` is `tiny`, and takes `short` or `long`"),
            (
                "type=match,pattern=a,group=x",
                "`group` is `x`, and takes the number of a group, `0` for all that matches",
            ),
            ("type=raw,a,priority=high", "`priority` is `high`, and takes a number"),
            ("type=raw,{{brnch}}", "`{{brnch}}` is not known here; did you mean `{{branch}}`?"),
            (
                "type=raw,value=\"a\"",
                "a quote stands inside a value; quotes go around a whole attribute, as in `type=match,\"pattern=a{1,2}\"`",
            ),
        ] {
            let error = line.parse::<Rule>().unwrap_err();
            assert_eq!(error.to_string(), format!("`{line}`: {told}"));
        }
    }

    proptest! {
        #[test]
        fn no_line_is_too_much(line in "(type=|semver|match|raw|sha|,|\"|pattern=|value=|\\{\\{|\\}\\}|/|\\(|\\PC){0,16}") {
            let _ = Rule::all(&line);
        }
    }
}
