//! Lines that join a file which is somebody else's: everything that stands there stays as it is.

use std::fmt;

/// What joins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addition {
    /// The alias of this name in `.cargo/config.toml`.
    Alias(&'static str),
    /// Patterns in `.gitignore`.
    Ignored(Vec<String>),
}

/// Why nothing could be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannotAdd {
    /// The file is no TOML.
    NotToml(String),
    /// The alias means something else already.
    Taken(String),
    /// Aliases stand there in a form that a line cannot join: add this by hand.
    ByHand(String),
}

impl fmt::Display for CannotAdd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotToml(error) => write!(f, "it is no TOML: {error}"),
            Self::Taken(name) => write!(f, "the alias `{name}` means something else there"),
            Self::ByHand(line) => {
                write!(f, "its aliases stand in another form; add this one by hand: {line}")
            }
        }
    }
}

impl std::error::Error for CannotAdd {}

impl Addition {
    /// The text with the addition; the same text when it is there already.
    ///
    /// # Errors
    /// When it cannot be added without changing what stands there.
    pub fn to(&self, text: &str) -> Result<String, CannotAdd> {
        match self {
            Self::Ignored(patterns) => {
                Ok(patterns.iter().fold(text.to_owned(), |text, pattern| ignored(&text, pattern)))
            }
            Self::Alias(name) => alias(text, name),
        }
    }
}

fn ignored(text: &str, pattern: &str) -> String {
    let bare = pattern.trim_matches('/');
    // `/reports/*` with exceptions is a way to ignore the folder, too.
    let is_there = |line: &str| line.trim().trim_matches('/').trim_end_matches("/*") == bare;
    if text.lines().any(is_there) {
        return text.to_owned();
    }
    format!("{}{pattern}\n", ended(text))
}

/// The same text, with the end of its last line.
fn ended(text: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    format!("{text}{end}")
}

/// What the alias of this name does. It has its own target directory, which no other command of cargo waits for.
#[must_use]
pub fn command(name: &str) -> String {
    format!("run --quiet --manifest-path {name}/Cargo.toml --target-dir {name}/target --")
}

fn alias(text: &str, name: &str) -> Result<String, CannotAdd> {
    let before: toml::Table =
        text.parse().map_err(|error: toml::de::Error| CannotAdd::NotToml(error.message().to_owned()))?;
    let wanted = toml::Value::String(command(name));
    let line = format!("{name} = {wanted}\n");
    let after = match before.get("alias") {
        None => {
            let gap = if text.trim().is_empty() { "" } else { "\n" };
            format!("{}{gap}[alias]\n{line}", ended(text))
        }
        Some(aliases) => match aliases.get(name) {
            Some(there) if *there == wanted => return Ok(text.to_owned()),
            Some(_) => return Err(CannotAdd::Taken(name.to_owned())),
            None => below_heading(text, &line),
        },
    };
    // Whatever the file looks like: nothing but the alias may have joined.
    let mut expected = before;
    let aliases = expected.entry("alias").or_insert_with(|| toml::Value::Table(toml::Table::new()));
    let by_hand = || CannotAdd::ByHand(line.trim_end().to_owned());
    aliases.as_table_mut().ok_or_else(by_hand)?.insert(name.to_owned(), wanted);
    if after.parse::<toml::Table>().is_ok_and(|found| found == expected) { Ok(after) } else { Err(by_hand()) }
}

/// With a line below the heading of the aliases.
fn below_heading(text: &str, line: &str) -> String {
    let mut joined = String::new();
    let mut is_in = false;
    for there in ended(text).split_inclusive('\n') {
        joined.push_str(there);
        if !is_in && there.trim() == "[alias]" {
            joined.push_str(line);
            is_in = true;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALIAS: &str =
        "xtask = \"run --quiet --manifest-path xtask/Cargo.toml --target-dir xtask/target --\"\n";

    fn alias_in(text: &str) -> Result<String, CannotAdd> {
        Addition::Alias("xtask").to(text)
    }

    #[test]
    fn an_alias_joins_what_is_there() {
        assert_eq!(alias_in("").unwrap(), format!("[alias]\n{ALIAS}"));
        assert_eq!(alias_in("[build]\njobs = 1").unwrap(), format!("[build]\njobs = 1\n\n[alias]\n{ALIAS}"));
        let before = "# mine\n[alias]\nb = \"build\" # often\n\n[net]\n";
        let after = alias_in(before).unwrap();
        assert_eq!(after, format!("# mine\n[alias]\n{ALIAS}b = \"build\" # often\n\n[net]\n"));
        assert_eq!(alias_in(&after).unwrap(), after, "twice is once");
    }

    #[test]
    fn an_alias_that_cannot_join_is_told() {
        let told = |text: &str| alias_in(text).unwrap_err().to_string();
        assert!(told("[alias").starts_with("it is no TOML: "));
        assert_eq!(
            told("[alias]\nxtask = \"run -p xtask --\"\n"),
            "the alias `xtask` means something else there"
        );
        assert!(told("alias = { b = \"build\" }\n").contains("by hand: xtask = \"run "));
        assert!(told("alias.b = \"build\"\n").contains("by hand"));
        assert!(told("alias = 1\n").contains("by hand"));
        assert!(told("x = \"\"\"\n[alias]\n\"\"\"\n[ alias ]\nb = \"build\"\n").contains("by hand"));
    }

    #[test]
    fn a_pattern_is_ignored_once() {
        let with = |text: &str| Addition::Ignored(vec!["/reports/".to_owned()]).to(text).unwrap();
        assert_eq!(with(""), "/reports/\n");
        assert_eq!(with("/target"), "/target\n/reports/\n");
        for there in ["reports\n", "/reports\n", "reports/\n", "/reports/*\n!/reports/README.md\n"] {
            assert_eq!(with(there), there);
        }
        assert_eq!(with("!reports\n"), "!reports\n/reports/\n");
    }

    proptest! {
        #[test]
        fn nothing_of_a_file_is_lost(text in "([a-z]+ = \"[a-z]*\"\n|\\[[a-z]+\\]\n|\\[alias\\]\n|# .*\n){0,8}") {
            if let (Ok(before), Ok(after)) = (text.parse::<toml::Table>(), alias_in(&text)) {
                let mut after: toml::Table = after.parse().unwrap();
                let aliases = after["alias"].as_table_mut().unwrap();
                prop_assert!(aliases.remove("xtask").is_some());
                if aliases.is_empty() && !before.contains_key("alias") {
                    after.remove("alias");
                }
                prop_assert_eq!(after, before);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = alias_in(&text);
            let _ = Addition::Ignored(vec!["/reports/".to_owned()]).to(&text);
        }
    }
}
