//! Which files of a folder are no part of a build: the rules of `.dockerignore`. They look like those of `.gitignore` and
//! are others: a pattern is anchored at the root, `**` is needed for any depth, and the last pattern that fits decides.
//!
//! Sources: <https://docs.docker.com/build/concepts/context/#dockerignore-files>, and the tests of
//! <https://github.com/moby/patternmatcher>, which is what engines use. Where that program strays from the description, as
//! it does for `\d` (any digit) and `[*]` (not an asterisk), this follows the description: both mean that character.

use std::fmt;

mod glob;
#[cfg(test)]
mod tests;

use glob::Glob;

/// The patterns of a `.dockerignore`, in their order.
#[derive(Clone, Debug, Default)]
pub struct DockerIgnore {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug)]
struct Pattern {
    /// `!`: what fits is part of the build after all.
    is_exception: bool,
    glob: Glob,
}

/// A line of a `.dockerignore` that means nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerIgnoreError {
    /// The line, from 1.
    pub line: usize,
    /// Its pattern, as it is written.
    pub pattern: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for DockerIgnoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: `{}` {}", self.line, self.pattern, self.why)
    }
}

impl std::error::Error for DockerIgnoreError {}

impl DockerIgnore {
    /// Reads the text of a `.dockerignore`: a pattern a line, `#` in the first column for comments.
    ///
    /// # Errors
    /// When a pattern breaks the grammar: `!` alone, `[` that is not closed, `\` at the end.
    pub fn parse(text: &str) -> Result<Self, DockerIgnoreError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut patterns = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let written = line.trim();
            // A comment is one before blanks are cut off: an indented `#` begins a name.
            if line.starts_with('#') || written.is_empty() {
                continue;
            }
            let wrong = |why| DockerIgnoreError { line: index + 1, pattern: written.to_owned(), why };
            let (is_exception, rest) = match written.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, written),
            };
            if rest.is_empty() {
                return Err(wrong("excepts nothing: write what, such as `!README.md`"));
            }
            let clean = clean(rest);
            let anchored = clean.strip_prefix('/').filter(|rest| !rest.is_empty()).unwrap_or(&clean);
            patterns.push(Pattern { is_exception, glob: Glob::new(anchored).map_err(wrong)? });
        }
        Ok(Self { patterns })
    }

    /// Whether a file or folder is left out. The path is relative to the root of the build, with `/` between its parts.
    #[must_use]
    pub fn is_ignored(&self, path: &str) -> bool {
        let mut is_ignored = false;
        for pattern in &self.patterns {
            if pattern.is_exception == is_ignored && upwards(path).any(|path| pattern.glob.fits(path)) {
                is_ignored = !pattern.is_exception;
            }
        }
        is_ignored
    }

    /// Whether below an ignored folder there may be something that is not ignored; if not, nobody has to look.
    #[must_use]
    pub fn may_except_below(&self, folder: &str) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_exception && pattern.glob.may_fit_below(folder))
    }
}

/// A path and the folders that it is in.
fn upwards(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rsplit_once('/').map(|(folder, _)| folder))
}

/// The shortest path of the same meaning, as Go's `path.Clean` gives it: `a//b/./../c/` is `a/c`.
fn clean(path: &str) -> String {
    let is_rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if is_rooted => {}
            other => parts.push(other),
        }
    }
    match (is_rooted, parts.join("/")) {
        (true, path) => format!("/{path}"),
        (false, path) if path.is_empty() => ".".to_owned(),
        (false, path) => path,
    }
}
