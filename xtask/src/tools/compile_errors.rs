//! The first errors among what cargo says while it builds.

use crate::kit::text::shorten;

/// How many lines of the first error are kept.
const LINES: usize = 12;
/// How long a kept line may be, in characters.
const WIDTH: usize = 300;

/// Collects the first error with the lines below it, and each `could not compile`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompileErrors {
    first: Vec<String>,
    ended: bool,
    packages: Vec<String>,
}

impl CompileErrors {
    /// Takes one line.
    pub fn line(&mut self, line: &str) {
        let is_error = line.starts_with("error: ") || line.starts_with("error[");
        if line.starts_with("error: could not compile `") {
            if self.packages.len() < LINES {
                self.packages.push(shorten(line, WIDTH));
            }
            self.ended = true;
        } else if self.first.is_empty() {
            self.first.extend(is_error.then(|| shorten(line, WIDTH)));
        } else if !self.ended {
            self.ended = is_error || line.trim().is_empty() || self.first.len() >= LINES;
            if !self.ended {
                self.first.push(shorten(line, WIDTH));
            }
        }
    }

    /// The errors, if cargo could not compile something.
    #[must_use]
    pub fn finish(self) -> Option<String> {
        let mut lines = self.first;
        let failed = !self.packages.is_empty() || lines.iter().any(|line| line.starts_with("error["));
        lines.extend(self.packages);
        failed.then(|| lines.join("\n"))
    }

    /// The errors in a whole text.
    #[must_use]
    pub fn of(text: &str) -> Option<String> {
        let mut errors = Self::default();
        for line in text.lines() {
            errors.line(line);
        }
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_and_the_package() {
        let text = include_str!("../../tests/fixtures/libtest/nocompile.txt");
        let errors = CompileErrors::of(text).unwrap();
        assert!(
            errors.starts_with("error[E0308]: mismatched types\n --> delta/src/lib.rs:2:37\n"),
            "{errors}"
        );
        assert!(errors.ends_with("\nerror: could not compile `delta` (lib test) due to 1 previous error"));
        assert_eq!(errors.lines().filter(|line| line.starts_with("For more")).count(), 0);
    }

    #[test]
    fn a_wrong_argument_is_no_compile_error() {
        assert_eq!(CompileErrors::of("error: unexpected argument '--nope' found\n"), None);
    }
}
