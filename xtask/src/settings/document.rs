//! A TOML file as plain values, and the place of each of them in its text.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// Where a value stands, in bytes of the text.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// Its key; the value itself for an item of a list.
    pub(super) key: Range<usize>,
    /// The value.
    pub(super) value: Range<usize>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub(super) struct Document {
    /// Its path, for messages.
    pub(super) path: String,
    /// What stands in it.
    pub(super) text: String,
    /// The same as values.
    pub(super) table: Table,
    /// By the path of the value: `test.retries`, `steps[0].run`.
    places: BTreeMap<String, Place>,
}

/// What is wrong with the syntax of a file.
#[derive(Debug)]
pub(super) struct SyntaxError {
    /// The parser's words.
    pub(super) message: String,
    /// Where, in bytes of the text.
    pub(super) span: Range<usize>,
}

impl Document {
    pub(super) fn parse(path: &str, text: &str) -> Result<Self, SyntaxError> {
        let tree = DeTable::parse(text).map_err(|error| SyntaxError {
            message: error.message().to_owned(),
            span: error.span().unwrap_or(0..0),
        })?;
        let mut places = BTreeMap::new();
        let table = read_table(tree.get_ref(), "", &mut places);
        Ok(Self { path: path.to_owned(), text: text.to_owned(), table, places })
    }

    /// Where the value of this path stands, or else what it would be part of.
    pub(super) fn place(&self, path: &str) -> Option<&Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return Some(place);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    /// The line of this path, counted from 1.
    pub(super) fn line(&self, path: &str) -> Option<usize> {
        let before = self.text.get(..self.place(path)?.key.start)?;
        Some(before.matches('\n').count() + 1)
    }
}

/// The path of a key in a table; a key that TOML would quote is quoted.
pub(super) fn join(parent: &str, key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let key = if !key.is_empty() && key.chars().all(is_bare) { key.to_owned() } else { format!("{key:?}") };
    if parent.is_empty() { key } else { format!("{parent}.{key}") }
}

fn read_table(table: &DeTable<'_>, path: &str, places: &mut BTreeMap<String, Place>) -> Table {
    let mut read = Table::new();
    for (key, value) in table {
        let path = join(path, key.get_ref());
        places.insert(path.clone(), Place { key: key.span(), value: value.span() });
        read.insert(key.get_ref().to_string(), read_value(value, &path, places));
    }
    read
}

fn read_value(value: &Spanned<DeValue<'_>>, path: &str, places: &mut BTreeMap<String, Place>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        // A number beyond all types becomes the largest, which no key takes.
        DeValue::Integer(number) => Value::Integer(
            i64::from_str_radix(number.as_str(), number.radix())
                .unwrap_or(if number.as_str().starts_with('-') { i64::MIN } else { i64::MAX }),
        ),
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(switch) => Value::Boolean(*switch),
        DeValue::Datetime(time) => Value::Datetime(*time),
        DeValue::Array(items) => {
            let read = items.iter().enumerate().map(|(index, item)| {
                let path = format!("{path}[{index}]");
                places.insert(path.clone(), Place { key: item.span(), value: item.span() });
                read_value(item, &path, places)
            });
            Value::Array(read.collect())
        }
        DeValue::Table(table) => Value::Table(read_table(table, path, places)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_a_place() {
        let text = "mode = \"block\"\n[[steps]]\nname = \"a\"\n[[steps]]\nrun = [\"x\", \"y\"]\n";
        let document = Document::parse("slipway.toml", text).unwrap();
        assert_eq!(&text[document.place("steps[1].run[1]").unwrap().value.clone()], "\"y\"");
        assert_eq!(&text[document.place("steps[1]").unwrap().key.clone()], "[[steps]]");
        assert_eq!(document.line("steps[1].run"), Some(5));
        assert_eq!(document.line("steps[1].unwritten"), Some(4));
        assert_eq!(document.line("unwritten"), None);
    }

    #[test]
    fn a_key_is_quoted_where_toml_would_quote_it() {
        assert_eq!(join("a", "b c"), "a.\"b c\"");
        assert_eq!(join("", "b"), "b");
    }
}
