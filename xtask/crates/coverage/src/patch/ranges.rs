//! Lines as ranges.

/// Lines that follow each other, from 1; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineRange {
    /// The first line.
    pub start: u32,
    /// The last line, not before the first.
    pub end: u32,
}

impl LineRange {
    /// How many lines it is.
    #[must_use]
    pub fn count(self) -> u64 {
        u64::from(self.end.saturating_sub(self.start)) + 1
    }
}

/// Collects lines in ascending order into ranges.
#[derive(Debug, Default)]
pub(super) struct Ranges(Vec<LineRange>);

impl Ranges {
    pub(super) fn push(&mut self, line: u32) {
        match self.0.last_mut() {
            Some(last) if last.end.checked_add(1) == Some(line) => last.end = line,
            _ => self.0.push(LineRange { start: line, end: line }),
        }
    }
}

impl From<Ranges> for Vec<LineRange> {
    fn from(ranges: Ranges) -> Self {
        ranges.0
    }
}
