//! What a key takes, in words and as a check of shape.

use serde_json::Value as Json;
use toml::Value;

use super::schema::Node;

/// What a key takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `true` or `false`.
    Switch,
    /// A whole number from 0 to this.
    Count(i64),
    /// Any text.
    Text,
    /// A number, whole or not, between these two.
    Number(i64, i64),
    /// Text of some form, described by this phrase.
    Form(String),
    /// One of these words.
    Choice(Vec<Word>),
    /// A list of this.
    List(Box<Kind>),
    /// Names with texts.
    Map,
    /// Any of these.
    Either(Vec<Kind>),
    /// A table with keys of its own.
    Section,
    /// What the schema says nothing about.
    Anything,
}

/// A word that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// The word.
    pub(super) word: String,
    /// What choosing it means.
    pub(super) doc: String,
}

impl Node {
    /// What it takes.
    pub(super) fn kind(self) -> Kind {
        Kind::of(self)
    }
}

impl Kind {
    fn of(node: Node) -> Self {
        let schema = node.definition();
        if node.is_section() {
            return Self::Section;
        }
        if let Some(words) = schema["oneOf"].as_array() {
            return Self::Choice(words.iter().filter_map(Word::of).collect());
        }
        if let Some(kinds) = schema["anyOf"].as_array() {
            return Self::Either(kinds.iter().map(|kind| Node::at(kind).kind()).collect());
        }
        let named = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
        match (named, node.items()) {
            (Some("boolean"), _) => Self::Switch,
            (Some("integer"), _) => Self::Count(schema["maximum"].as_i64().unwrap_or(i64::MAX)),
            (Some("number"), _) => {
                let limit = |name: &str| schema[name].as_i64();
                Self::Number(limit("minimum").unwrap_or(i64::MIN), limit("maximum").unwrap_or(i64::MAX))
            }
            (Some("string"), _) if node.is_named_type() => {
                schema["description"].as_str().map_or(Self::Text, Self::form)
            }
            (Some("string"), _) => Self::Text,
            (Some("array"), Some(items)) => Self::List(Box::new(items.kind())),
            (Some("object"), _) => Self::Map,
            _ => Self::Anything,
        }
    }

    /// Types that check their text are described in one sentence, which fits behind "expected" as well.
    fn form(description: &str) -> Self {
        let phrase = description.trim_end_matches('.').replace('\n', " ");
        let mut letters = phrase.chars();
        let first = letters.next().map(|c| c.to_ascii_lowercase());
        Self::Form(first.into_iter().chain(letters).collect())
    }

    /// What is expected, as a phrase.
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Switch => "`true` or `false`".to_owned(),
            Self::Count(most) => format!("a whole number from 0 to {most}"),
            Self::Number(least, most) => format!("a number from {least} to {most}"),
            Self::Text => "a string".to_owned(),
            Self::Form(phrase) => phrase.clone(),
            Self::Choice(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("`{}`", word.word)).collect();
                either(&words)
            }
            Self::List(items) => match items.as_ref() {
                Self::Text => "a list of strings".to_owned(),
                Self::Section => "a list of tables".to_owned(),
                items => format!("a list, each item {}", items.expected()),
            },
            Self::Map => "a table of strings".to_owned(),
            Self::Either(kinds) => either(&kinds.iter().map(Self::expected).collect::<Vec<_>>()),
            Self::Section => "a table".to_owned(),
            Self::Anything => "something else".to_owned(),
        }
    }

    /// Whether a value has the right shape; the form of a text is not looked at.
    pub(super) fn fits(&self, value: &Value) -> bool {
        match self {
            Self::Switch => value.is_bool(),
            Self::Count(most) => value.as_integer().is_some_and(|number| (0..=*most).contains(&number)),
            Self::Number(least, most) => number(value).is_some_and(|number| within(number, *least, *most)),
            Self::Text | Self::Form(_) => value.is_str(),
            Self::Choice(_) => self.words().any(|word| value.as_str() == Some(word)),
            Self::List(items) => {
                value.as_array().is_some_and(|list| list.iter().all(|item| items.fits(item)))
            }
            Self::Map | Self::Section => value.is_table(),
            Self::Either(kinds) => kinds.iter().any(|kind| kind.fits(value)),
            Self::Anything => true,
        }
    }

    /// The words that can be chosen.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let words = if let Self::Choice(words) = self { words.as_slice() } else { &[] };
        words.iter().map(|word| word.word.as_str())
    }

    /// A value from the text of a variable. Text that does not fit is kept, so that it is reported like any other
    /// wrong value.
    pub(super) fn read(&self, text: &str) -> Value {
        let text = text.trim();
        let read = match self {
            Self::Switch => match text {
                "true" | "1" => Some(Value::Boolean(true)),
                "false" | "0" => Some(Value::Boolean(false)),
                _ => None,
            },
            Self::Count(_) => text.parse().ok().map(Value::Integer),
            Self::Number(..) => {
                text.parse().map(Value::Integer).or_else(|_| text.parse().map(Value::Float)).ok()
            }
            Self::List(items) => {
                let items = text.split(',').map(|item| items.read(item));
                Some(Value::Array(items.collect()))
            }
            _ => None,
        };
        read.unwrap_or_else(|| Value::String(text.to_owned()))
    }
}

impl Word {
    fn of(schema: &Json) -> Option<Self> {
        let doc = schema["description"].as_str().unwrap_or_default().replace('\n', " ");
        Some(Self { word: schema["const"].as_str()?.to_owned(), doc })
    }
}

/// A whole number or not.
#[expect(clippy::cast_precision_loss, reason = "limits and what lies between them are small")]
fn number(value: &Value) -> Option<f64> {
    value.as_float().or_else(|| value.as_integer().map(|number| number as f64))
}

#[expect(clippy::cast_precision_loss, reason = "limits are small")]
fn within(number: f64, least: i64, most: i64) -> bool {
    (least as f64..=most as f64).contains(&number)
}

/// `a`, `a or b`, `a, b or c`.
fn either(phrases: &[String]) -> String {
    match phrases {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(key: &str) -> String {
        Node::find(key).unwrap().kind().expected()
    }

    #[test]
    fn every_kind_is_said_in_words() {
        assert_eq!(expected("cargo.locked"), "`true` or `false`");
        assert_eq!(expected("test.retries"), "a whole number from 0 to 65535");
        assert_eq!(expected("coverage.lines.min"), "a number from 0 to 100");
        assert_eq!(expected("test.runner"), "`auto`, `nextest` or `cargo`");
        assert_eq!(expected("run.grace"), "a length of time, such as `500ms`, `90s`, `5m` or `1h`");
        assert_eq!(expected("cargo.features"), "a list of strings");
        assert_eq!(expected("steps"), "a list of tables");
        assert_eq!(expected("steps.run"), "a string or a list of strings");
        assert_eq!(expected("steps.env"), "a table of strings");
        assert_eq!(expected("steps.title"), "a string");
        assert_eq!(
            expected("steps.inputs"),
            "a list, each item a glob below the root of the repository, such as `src/**/*.rs`"
        );
    }

    #[test]
    fn a_variable_is_read_by_the_type_of_its_key() {
        let list = Kind::List(Box::new(Kind::Text));
        assert_eq!(list.read("a, b"), Value::from(vec!["a", "b"]));
        assert_eq!(Kind::Switch.read("1"), Value::Boolean(true));
        assert_eq!(Kind::Count(9).read(" 3 "), Value::Integer(3));
        assert_eq!(Kind::Number(0, 100).read("7.5"), Value::Float(7.5));
        assert_eq!(Kind::Count(9).read("three"), Value::from("three"));
    }
}
