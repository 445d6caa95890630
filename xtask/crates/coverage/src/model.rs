//! What was measured: files with their lines, functions, branches and regions.

use std::collections::BTreeMap;

mod lines;
mod share;

pub use lines::Lines;
pub use share::{Share, Totals};

/// What a run, or several, saw of a program's sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Each source file by its path, with `/` between folders: relative to the workspace root where it lies below
    /// it, absolute elsewhere.
    pub files: BTreeMap<String, FileCoverage>,
}

/// What was seen of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileCoverage {
    /// How often each line ran; a line that holds no code has no count.
    pub lines: Lines,
    /// Functions by line, then name. The instantiations of a generic function are one function.
    pub functions: Vec<Function>,
    /// Branches by line, block and number. None on a compiler that emits none.
    pub branches: Vec<Branch>,
    /// Regions; tracefiles do not hold them.
    pub regions: Option<Regions>,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Function {
    /// Its first line, from 1.
    pub line: u32,
    /// Its name, as people read it.
    pub name: String,
    /// How often it was entered.
    pub count: u64,
}

/// One way out of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Branch {
    /// The line of the decision, from 1.
    pub line: u32,
    /// The decision within the line.
    pub block: u32,
    /// The way out within the decision.
    pub branch: u32,
    /// How often it was taken; none when the decision was never reached.
    pub taken: Option<u64>,
}

/// The regions of a file: pieces of code that run as a whole, finer than lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// How many there are, and how many ran.
    pub share: Share,
    /// The places that hold code and never ran, in the order of the file, without overlaps.
    pub uncovered: Vec<Span>,
}

/// A place in a file; lines and columns from 1, the end column is the first one behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First line.
    pub start_line: u32,
    /// First column, in bytes.
    pub start_column: u32,
    /// Last line.
    pub end_line: u32,
    /// The column behind the last one, in bytes.
    pub end_column: u32,
}

impl Coverage {
    /// The totals over all files.
    #[must_use]
    pub fn totals(&self) -> Totals {
        self.files.values().map(FileCoverage::totals).sum()
    }
}

impl FileCoverage {
    /// The totals of this file.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let functions = self.functions.iter().map(|function| function.count > 0);
        let branches = self.branches.iter().map(|branch| branch.taken.is_some_and(|taken| taken > 0));
        Totals {
            lines: self.lines.share(),
            functions: functions.collect(),
            branches: branches.collect(),
            regions: self.regions.as_ref().map(|regions| regions.share).unwrap_or_default(),
        }
    }
}
