//! The counts of a file's lines: sorted, each line once, eight to sixteen bytes a line.

use super::Share;
use crate::merge;
use crate::patch::LineRange;

/// How often each line ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines(Vec<(u32, u64)>);

impl Lines {
    /// The count of a line; none for one that holds no code.
    #[must_use]
    pub fn get(&self, line: u32) -> Option<u64> {
        let at = self.0.binary_search_by_key(&line, |(number, _)| *number).ok()?;
        self.0.get(at).map(|(_, count)| *count)
    }

    /// All lines that hold code, in order, each with its count.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u32, u64)> + '_ {
        self.0.iter().copied()
    }

    /// The lines of a range that hold code, in order, each with its count.
    pub(crate) fn within(&self, range: LineRange) -> impl Iterator<Item = (u32, u64)> + '_ {
        let first = self.0.partition_point(|(line, _)| *line < range.start);
        let behind = self.0.partition_point(|(line, _)| *line <= range.end);
        self.0.get(first..behind).unwrap_or_default().iter().copied()
    }

    /// How many lines hold code.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no line holds code.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds the counts of another run.
    pub(crate) fn merge(&mut self, other: Self) {
        merge::join(&mut self.0, other.0);
    }

    /// How many of them ran.
    #[must_use]
    pub fn share(&self) -> Share {
        self.0.iter().map(|(_, count)| *count > 0).collect()
    }
}

impl FromIterator<(u32, u64)> for Lines {
    /// In any order; the counts of a line that is there several times are added up.
    fn from_iter<I: IntoIterator<Item = (u32, u64)>>(counts: I) -> Self {
        let mut lines: Vec<(u32, u64)> = counts.into_iter().collect();
        if !lines.is_sorted_by(|a, b| a.0 < b.0) {
            merge::combine(&mut lines);
        }
        Self(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sorted_and_added_up() {
        let lines: Lines = [(7, 1), (3, 0), (7, u64::MAX)].into_iter().collect();
        assert_eq!(lines.iter().collect::<Vec<_>>(), [(3, 0), (7, u64::MAX)]);
        assert_eq!((lines.get(3), lines.get(4), lines.get(7)), (Some(0), None, Some(u64::MAX)));
        assert_eq!(lines.share(), Share { covered: 1, total: 2 });
    }
}
