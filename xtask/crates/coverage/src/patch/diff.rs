//! What `git diff` prints, as files with the lines that are new on the right side.
//!
//! Source: `git help diff`, "Generating patch text with -p". Lines of a hunk are counted by its head, so that no line of
//! a file is taken for a head, whatever it looks like.

use std::fmt;

mod hunk;
mod path;

use super::ranges::{LineRange, Ranges};
use hunk::Hunk;
use path::Side;

/// A change, as far as coverage is concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Files that are there after the change. Deleted and binary files, symbolic links, submodules and changes of the
    /// mode alone are left out: they have no changed line of code.
    pub files: Vec<FileDiff>,
}

/// The change of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDiff {
    /// Its path after the change, with `/`.
    pub path: String,
    /// Its path before, when it was renamed or copied.
    pub old_path: Option<String>,
    /// The lines that were added or changed, by their numbers after the change, in order.
    pub added: Vec<LineRange>,
}

/// A text is not what `git diff` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiffError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: DiffProblem,
}

/// What is wrong with a line of a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffProblem {
    /// It is no line of a diff.
    Unexpected,
    /// It begins a combined diff, which has several left sides.
    Combined,
    /// The path does not begin with `a/` or `b/`, or its quotes are wrong.
    Path,
    /// It is no head of a hunk: `@@ -1,2 +3,4 @@`.
    Hunk,
    /// The hunk ends before it has all lines that its head promises.
    Short,
}

impl fmt::Display for DiffError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let problem = match self.problem {
            DiffProblem::Unexpected => "this is no line of a diff",
            DiffProblem::Combined => "this is a combined diff, which has no single left side",
            DiffProblem::Path => "the path does not begin with `a/` or `b/`, or is not quoted as git does",
            DiffProblem::Hunk => "this is no head of a hunk (`@@ -1,2 +3,4 @@`)",
            DiffProblem::Short => "the hunk ends before it has all its lines",
        };
        write!(f, "line {}: {problem}", self.line)
    }
}

impl std::error::Error for DiffError {}

impl Diff {
    /// Reads what `git diff --no-color --no-ext-diff --src-prefix=a/ --dst-prefix=b/` prints, with any number of
    /// context lines; lines end in `\n` or `\r\n`.
    ///
    /// # Errors
    /// When the text is something else; nothing of it is used then.
    pub fn parse(text: &str) -> Result<Self, DiffError> {
        let mut reader = Reader::default();
        let text = text.strip_suffix('\n').unwrap_or(text);
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut last = 0;
        for (index, line) in text.split('\n').enumerate() {
            last = index + 1;
            reader.line(line).map_err(|problem| DiffError { line: last, problem })?;
        }
        reader.end().map_err(|problem| DiffError { line: last, problem })
    }

    /// Adds a file that is all new, such as one that git does not track yet; one without lines is left out.
    pub fn add_new(&mut self, path: impl Into<String>, lines: u32) {
        if lines > 0 {
            let added = vec![LineRange { start: 1, end: lines }];
            self.files.push(FileDiff { path: path.into(), old_path: None, added });
        }
    }
}

/// Where the reader is.
#[derive(Debug, Default)]
enum State {
    /// Before the first file.
    #[default]
    Start,
    /// In the head of a file, or between its hunks.
    File,
    /// In a hunk.
    Hunk(Hunk),
    /// In what follows `GIT binary patch`.
    Binary,
}

#[derive(Debug, Default)]
struct Reader {
    state: State,
    file: Open,
    files: Vec<FileDiff>,
}

/// The file that is being read.
#[derive(Debug, Default)]
struct Open {
    path: Option<String>,
    old_path: Option<String>,
    added: Ranges,
    /// A symbolic link or a submodule: its lines are no code.
    special: bool,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), DiffProblem> {
        if let State::Hunk(hunk) = &mut self.state {
            if !hunk.is_done() {
                return hunk.line(line, &mut self.file.added);
            }
            self.state = State::File;
        }
        let line = line.strip_suffix('\r').unwrap_or(line);
        // "\ No newline at end of file", in the language of the user.
        if line.starts_with("\\ ") && matches!(self.state, State::File) {
            return Ok(());
        }
        if line.starts_with("diff --git ") {
            self.close();
            self.state = State::File;
            return Ok(());
        }
        if line.starts_with("diff --cc ") || line.starts_with("diff --combined ") {
            return Err(DiffProblem::Combined);
        }
        match self.state {
            State::Binary => Ok(()),
            _ if line.starts_with("* Unmerged path ") => Ok(()),
            State::File => self.head(line),
            State::Start | State::Hunk(_) => Err(DiffProblem::Unexpected),
        }
    }

    /// A line of the head of a file.
    fn head(&mut self, line: &str) -> Result<(), DiffProblem> {
        let (key, rest) = KEYS
            .iter()
            .find_map(|key| Some((*key, line.strip_prefix(key)?)))
            .ok_or(DiffProblem::Unexpected)?;
        let file = &mut self.file;
        match key {
            "@@ " => self.state = State::Hunk(Hunk::read(line).ok_or(DiffProblem::Hunk)?),
            "+++ " => {
                file.path = match path::side(rest, "b/").ok_or(DiffProblem::Path)? {
                    Side::Path(path) => Some(path),
                    Side::Absent => None,
                }
            }
            "--- " => drop(path::side(rest, "a/").ok_or(DiffProblem::Path)?),
            "rename to " | "copy to " => file.path = Some(path::plain(rest).ok_or(DiffProblem::Path)?),
            "rename from " | "copy from " => {
                file.old_path = Some(path::plain(rest).ok_or(DiffProblem::Path)?);
            }
            "new file mode " | "new mode " => file.special |= is_special(rest),
            "index " => file.special |= rest.rsplit_once(' ').is_some_and(|(_, mode)| is_special(mode)),
            "GIT binary patch" => self.state = State::Binary,
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self) {
        let Open { path, old_path, added, special } = std::mem::take(&mut self.file);
        if let Some(path) = path.filter(|_| !special) {
            self.files.push(FileDiff { path, old_path, added: added.into() });
        }
    }

    fn end(mut self) -> Result<Diff, DiffProblem> {
        match &self.state {
            State::Hunk(hunk) if !hunk.is_done() => return Err(DiffProblem::Short),
            _ => {}
        }
        self.close();
        Ok(Diff { files: self.files })
    }
}

/// What lines in the head of a file begin with.
const KEYS: [&str; 16] = [
    "@@ ",
    "+++ ",
    "--- ",
    "index ",
    "rename from ",
    "rename to ",
    "copy from ",
    "copy to ",
    "new file mode ",
    "deleted file mode ",
    "old mode ",
    "new mode ",
    "similarity index ",
    "dissimilarity index ",
    "Binary files ",
    "GIT binary patch",
];

/// A symbolic link or a submodule. Source: git's `Documentation/gitformat-index.txt`, object types.
fn is_special(mode: &str) -> bool {
    ["120000", "160000"].contains(&mode)
}

#[cfg(test)]
mod tests;
