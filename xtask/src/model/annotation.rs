//! What is told beside the code on a forge.

use super::level::Level;

/// One remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How bad it is.
    pub level: Level,
    /// Where it belongs; none when it concerns no file of the repository.
    pub place: Option<Place>,
    /// What it is about.
    pub title: String,
    /// What is wrong.
    pub message: String,
}

/// A place in a file of the repository. Lines and columns count from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Relative to the workspace root, with `/`.
    pub path: String,
    /// First line.
    pub line: u32,
    /// Last line; none when only one is known.
    pub end_line: Option<u32>,
    /// First column and the one behind the last, where one line is meant; the second may not be known.
    pub columns: Option<(u32, Option<u32>)>,
}
