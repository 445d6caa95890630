//! How nextest is asked to run the tests of a workspace. Pure: builds commands and configuration, and reads ends.

pub mod config;
pub mod end;

use std::path::Path;

use crate::model::command::CommandLine;

/// How the tests are run.
#[derive(Clone, Debug)]
pub struct Options<'a> {
    /// The nextest profile.
    pub profile: &'a str,
    /// The file that holds [`config::tool_config`], absolute.
    pub config: &'a Path,
    /// How often a failed test is run again; none leaves it to the repository's configuration.
    pub retries: Option<u32>,
    /// Flags of cargo: features, packages.
    pub cargo: &'a [String],
    /// Arguments behind `--`: name filters, `--skip NAME`, `--exact`, `--ignored`.
    pub filters: &'a [String],
}

/// The command that runs the tests of the whole workspace to the end. Doctests are not among them.
#[must_use]
pub fn command(options: &Options<'_>) -> CommandLine {
    let config = format!("slipway:{}", options.config.display());
    let line = CommandLine::new("cargo")
        .args(["nextest", "run", "--workspace", "--no-fail-fast", "--no-tests=pass", "--color=never"])
        .args(["--profile", options.profile])
        .args(["--tool-config-file", &config])
        .args(options.retries.map(|retries| format!("--retries={retries}")))
        .args(options.cargo.iter().cloned());
    if options.filters.is_empty() { line } else { line.arg("--").args(options.filters) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_can_be_pasted() {
        let cargo = ["--no-default-features".to_owned(), "--features=a,b".to_owned()];
        let filters = ["parser".to_owned(), "--exact".to_owned()];
        let options = Options {
            profile: "ci",
            config: Path::new("/w/target/slipway/nextest.toml"),
            retries: Some(2),
            cargo: &cargo,
            filters: &filters,
        };
        assert_eq!(
            command(&options).to_string(),
            "cargo nextest run --workspace --no-fail-fast --no-tests=pass --color=never --profile ci \
             --tool-config-file slipway:/w/target/slipway/nextest.toml --retries=2 --no-default-features \
             --features=a,b -- parser --exact"
        );
    }

    #[test]
    fn nothing_is_asked_for_that_was_not_set() {
        let options = Options {
            profile: "slipway",
            config: Path::new("/c"),
            retries: None,
            cargo: &["--all-features".to_owned()],
            filters: &[],
        };
        let line = command(&options).to_string();
        assert!(line.ends_with("--profile slipway --tool-config-file slipway:/c --all-features"), "{line}");
    }
}
