//! What all readers of tools' output share: whose output it is, where its paths are, and the one way to say that
//! it cannot be read. A reader is pure: it gets text and gives findings, and it never takes silence for success.

use std::fmt;
use std::path::{Component, PathBuf};

use crate::kit::text::{shorten, terminal};
use crate::model::command::CommandOutput;
use crate::model::finding::{Finding, Level};
use crate::model::workspace::Workspace;

/// How many lines of output explain a failure.
const EXCERPT: usize = 20;

/// A tool said something that cannot be read as findings, or not all of it: the step is inconclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// What is wrong, in one line.
    pub reason: String,
    /// The last lines of what the tool printed, without colours; empty when it printed nothing.
    pub excerpt: String,
    /// What could be read nevertheless.
    pub findings: Vec<Finding>,
}

impl ReadError {
    /// An error without an excerpt.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), excerpt: String::new(), findings: Vec::new() }
    }

    /// The same, with what could be read nevertheless.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.findings = findings;
        self
    }

    /// The same, with the last lines of what was printed.
    #[must_use]
    pub fn with_excerpt_of(mut self, output: &CommandOutput) -> Self {
        self.excerpt = terminal(&output.tail(EXCERPT));
        self
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for ReadError {}

/// What a reader works on.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// The step that the findings belong to, such as `lint.clippy`.
    pub step: &'a str,
    /// The workspace that the tool looked at, from its root.
    pub workspace: &'a Workspace,
    /// What it printed, and how it ended.
    pub output: &'a CommandOutput,
}

impl Reading<'_> {
    /// A finding of this step.
    pub fn finding(&self, rule: impl Into<String>, level: Level, message: impl Into<String>) -> Finding {
        Finding::new(self.step, rule, level, message)
    }

    /// A path as a tool printed it, as reports show it; see [`place`].
    #[must_use]
    pub fn place(&self, path: &str) -> String {
        place(self.workspace, path)
    }

    /// The output cannot be read.
    pub fn error(&self, reason: impl Into<String>) -> ReadError {
        ReadError::new(reason).with_excerpt_of(self.output)
    }
}

/// A path as a tool printed it (absolute, or relative to the root, with `./` or `..` or Windows' `\\?\`), as reports
/// show it: relative to the root with `/`, or absolute when it is outside. Works on the text alone.
#[must_use]
pub fn place(workspace: &Workspace, path: &str) -> String {
    let mut clean = PathBuf::new();
    for component in workspace.root.join(path.strip_prefix(r"\\?\").unwrap_or(path)).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    workspace.relative(&clean)
}

/// The first line that calls itself an error, when there is one: tools put what matters there and hints below.
#[must_use]
pub fn first_error(text: &str) -> Option<String> {
    let text = terminal(text);
    let names_error = |line: &&str| {
        let line = line.to_ascii_lowercase();
        ["error", "fatal"].iter().any(|word| line.starts_with(word))
    };
    text.lines().map(str::trim).find(names_error).map(|line| shorten(line, 200))
}

/// A count from a foreign document as a line or column; what is missing or makes no sense is 1.
#[must_use]
pub fn ordinal(number: Option<i64>) -> u32 {
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(1).max(1)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::model::command::End;
    use crate::model::workspace::Package;

    /// The workspace that the recorded outputs come from.
    pub(crate) fn workspace() -> Workspace {
        let package = |name: &str, id: &str, folder: &str| Package {
            name: name.to_owned(),
            id: id.to_owned(),
            folder: PathBuf::from(folder),
            library: None,
            gated: Vec::new(),
            features: std::collections::BTreeMap::new(),
            has_custom_harness: false,
            own_mains: Vec::new(),
            has_doctests: true,
            has_docs: true,
            ..Package::default()
        };
        Workspace {
            root: PathBuf::from("/repo"),
            target_directory: PathBuf::from("/target"),
            packages: vec![
                package("one", "path+file:///repo/crates/one#0.1.0", "/repo/crates/one"),
                package(
                    "two",
                    "path+file:///repo/crates/two%20words%20%C3%A9#two@0.1.0",
                    "/repo/crates/two words é",
                ),
            ],
            files: Vec::new(),
        }
    }

    /// The same with these files.
    pub(crate) fn workspace_with(files: &[&str]) -> Workspace {
        Workspace { files: files.iter().map(ToString::to_string).collect(), ..workspace() }
    }

    /// A command that ended by itself.
    pub(crate) fn output(code: i32, stdout: &str, stderr: &str) -> CommandOutput {
        let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
        CommandOutput { end: End::Exited(code), stdout, stderr, duration: Duration::from_secs(1) }
    }

    /// What a real tool printed, from `tests/fixtures/linters/NAME.stdout` and `.stderr`.
    pub(crate) fn recorded(name: &str, code: i32) -> CommandOutput {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/linters");
        let stream = |stream: &str| std::fs::read_to_string(folder.join(format!("{name}.{stream}")));
        let (stdout, stderr) = (stream("stdout"), stream("stderr"));
        assert!(stdout.is_ok() || stderr.is_ok(), "nothing is recorded as {name}");
        output(code, &stdout.unwrap_or_default(), &stderr.unwrap_or_default())
    }

    /// `PLACE RULE`, which is what most tests look at.
    pub(crate) fn places(findings: &[Finding]) -> Vec<String> {
        findings.iter().map(|finding| format!("{} {}", finding.place(), finding.rule)).collect()
    }

    #[test]
    fn every_way_to_write_a_path_is_the_same_place() {
        for path in
            ["src/a b.rs", "./src/a b.rs", "/repo/src/a b.rs", "x/../src/./a b.rs", r"\\?\/repo/src/a b.rs"]
        {
            assert_eq!(place(&workspace(), path), "src/a b.rs", "{path}");
        }
        assert_eq!(place(&workspace(), "../outside/lib.rs"), "/outside/lib.rs");
    }

    #[test]
    fn the_line_that_says_error_is_found() {
        assert_eq!(first_error("note\n\u{1b}[31merror: no\u{1b}[0m\nhint").as_deref(), Some("error: no"));
        assert_eq!(first_error("all is well"), None);
    }

    #[test]
    fn nonsense_is_the_first_line() {
        assert_eq!([Some(-1), Some(0), None, Some(i64::MAX), Some(7)].map(ordinal), [1, 1, 1, 1, 7]);
    }

    proptest! {
        #[test]
        fn any_text_is_a_place(path in any::<String>()) {
            let _ = place(&workspace(), &path);
        }
    }
}
