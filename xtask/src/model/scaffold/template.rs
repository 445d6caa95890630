//! Templates: files with places for values, and parts that are there only where something is known.
//!
//! `@name@` stands for a value. A line that ends with `#? name` is there only where `name` is known, and so are the lines
//! between `#?begin name` and `#?end`. All three are comments of YAML, TOML and shell, or text of theirs, so a template is
//! itself a file of its kind.

use std::collections::BTreeMap;

/// What is known, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Values(BTreeMap<&'static str, String>);

impl Values {
    /// And this.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name, value.to_owned());
        self
    }

    fn knows(&self, name: &str) -> bool {
        self.0.contains_key(name.trim())
    }
}

/// The text with its values. A place whose value is not known stays: tests look for one that is left.
pub(super) fn render(template: &str, values: &Values) -> String {
    let mut text = String::with_capacity(template.len());
    let mut is_left_out = false;
    for line in template.lines() {
        if let Some(name) = line.strip_prefix("#?begin ") {
            is_left_out = !values.knows(name);
        } else if line == "#?end" {
            is_left_out = false;
        } else if !is_left_out && let Some(line) = kept(line, values) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    values.0.iter().fold(text, |text, (name, value)| text.replace(&format!("@{name}@"), value))
}

/// The line without its condition, unless that does not hold.
fn kept<'a>(line: &'a str, values: &Values) -> Option<&'a str> {
    match line.rsplit_once(" #? ") {
        Some((line, name)) => values.knows(name).then_some(line),
        None => Some(line),
    }
}

/// As it stands between the quotes of a string in TOML.
pub(super) fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    // JSON's strings are TOML's, but for this character.
    quoted[1..quoted.len() - 1].replace('\u{7f}', "\\u007f")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_put_in() {
        let values = Values::default().with("name", "a b").with("other", "@name@");
        assert_eq!(render("x: \"@name@\"\n", &values), "x: \"a b\"\n");
        assert_eq!(render("@missing@\n", &values), "@missing@\n");
    }

    #[test]
    fn lines_and_parts_are_there_where_something_is_known() {
        let template = "a\nb #? one\n#?begin one\nc\n#?end\n#?begin two\nd\n#?end\ne # why #? two\nf\n";
        assert_eq!(render(template, &Values::default()), "a\nf\n");
        assert_eq!(render(template, &Values::default().with("one", "")), "a\nb\nc\nf\n");
        assert_eq!(render(template, &Values::default().with("two", "")), "a\nd\ne # why\nf\n");
    }

    proptest! {
        #[test]
        fn any_text_is_one_string(text in any::<String>()) {
            let table: toml::Table = format!("a = \"{}\"", escaped(&text)).parse().unwrap();
            prop_assert_eq!(table["a"].as_str(), Some(text.as_str()));
        }
    }
}
