//! How many tests run at a time: what was asked for, before what we would choose.

use std::path::Path;

use crate::tools::variables::Variables;

/// How many tests run at a time, and whether libtest has to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Threads {
    /// The number.
    pub(super) number: usize,
    /// The number has to be given as `--test-threads`; cargo's configuration gives it otherwise.
    pub(super) told: bool,
}

impl Threads {
    /// The number that the arguments for libtest name; then that of the environment, of the repository's cargo
    /// configuration, and of the machine.
    pub(super) fn of(arguments: &[String], env: &Variables, root: &Path) -> Self {
        let told = |number| Self { number, told: true };
        if let Some(number) = named(arguments) {
            return told(number);
        }
        let configured = root.ancestors().find_map(|folder| {
            ["config", "config.toml"]
                .iter()
                .find_map(|file| configured(&std::fs::read_to_string(folder.join(".cargo").join(file)).ok()?))
        });
        let inherited = env.get("RUST_TEST_THREADS").and_then(|threads| positive(threads));
        match (configured, inherited) {
            (Some((number, force)), inherited) if force || inherited.is_none() => {
                Self { number, told: false }
            }
            (_, Some(number)) => told(number),
            _ => told(std::thread::available_parallelism().map_or(1, std::num::NonZero::get)),
        }
    }
}

/// Whether the arguments for libtest name a number of threads, well or badly.
pub(super) fn is_named(arguments: &[String]) -> bool {
    arguments.iter().any(|argument| argument == "--test-threads" || argument.starts_with("--test-threads="))
}

fn named(arguments: &[String]) -> Option<usize> {
    let place = arguments.iter().position(|argument| is_named(std::slice::from_ref(argument)))?;
    let value = match arguments[place].split_once('=') {
        Some((_, value)) => value,
        None => arguments.get(place + 1)?,
    };
    positive(value)
}

/// `RUST_TEST_THREADS` in the table `[env]` of a cargo configuration, and whether it outranks the environment.
/// <https://doc.rust-lang.org/cargo/reference/config.html#env>
fn configured(text: &str) -> Option<(usize, bool)> {
    let table: toml::Table = text.parse().ok()?;
    let entry = table.get("env")?.get("RUST_TEST_THREADS")?;
    let force = entry.get("force").and_then(toml::Value::as_bool).unwrap_or(false);
    let value = entry.get("value").unwrap_or(entry).as_str()?;
    Some((positive(value)?, force))
}

fn positive(text: &str) -> Option<usize> {
    text.parse().ok().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_may_name_a_number() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(named(&words("one --test-threads=3")), Some(3));
        assert_eq!(named(&words("--test-threads 4 one")), Some(4));
        for none in ["one", "--test-threads", "--test-threads=0", "--test-threads=x"] {
            assert_eq!(named(&words(none)), None, "{none}");
        }
    }

    #[test]
    fn a_configuration_may_set_a_number() {
        assert_eq!(configured("[env]\nRUST_TEST_THREADS = \"1\"\n"), Some((1, false)));
        let forced = "[env]\nRUST_TEST_THREADS = { value = \"2\", force = true }\n";
        assert_eq!(configured(forced), Some((2, true)));
        for none in ["", "[env]\nRUST_TEST_THREADS = \"0\"\n", "not = [toml"] {
            assert_eq!(configured(none), None, "{none}");
        }
    }
}
