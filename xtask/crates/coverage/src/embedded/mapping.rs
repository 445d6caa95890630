//! The regions of a function, as its record in the coverage map says them.

use super::{
    bytes::Bytes,
    counter::{Counter, Expressions},
    fault::Fault,
};

/// A place in a source file; line and column from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: u32,
    pub(super) column: u32,
}

/// What a region holds. The order decides which of several that cover the same place counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Code.
    Code,
    /// The use of a macro, of which the regions are in another file.
    Expansion,
    /// Code that the compiler did not read.
    Skipped,
    /// What is between two regions and has a count, but is no code.
    Gap,
    /// Two ways out of a condition.
    Branch,
    /// The conditions of a decision, as MC/DC needs them. Not counted here.
    Decision,
}

/// A region of a function.
#[derive(Clone, Copy, Debug)]
pub(super) struct Region {
    /// Which of the function's files holds it.
    pub(super) file: usize,
    pub(super) kind: Kind,
    pub(super) start: Place,
    /// The place behind it.
    pub(super) end: Place,
    /// How often it ran; of a branch how often the condition was true.
    pub(super) counter: Counter,
    /// Of a branch, how often the condition was false.
    pub(super) otherwise: Counter,
    /// Of an expansion, which of the function's files holds the macro's regions.
    pub(super) expanded: usize,
}

/// The regions of a function. Kept between functions for its memory.
#[derive(Debug, Default)]
pub(super) struct Mapping {
    pub(super) expressions: Expressions,
    pub(super) regions: Vec<Region>,
    /// The first region of each file.
    first: Vec<Option<usize>>,
}

/// No source file has more lines; a longer region would cost the memory of its lines.
const LINES: u32 = 1 << 22;

impl Mapping {
    /// Reads expressions and regions of a function with so many files, in the place of those that were there.
    pub(super) fn read(&mut self, record: &[u8], files: usize) -> Result<(), Fault> {
        let mut bytes = Bytes::new(record);
        self.expressions.read(&mut bytes)?;
        self.regions.clear();
        self.first.clear();
        for file in 0..files {
            let count = bytes.leb_count()?;
            self.first.push((count > 0).then_some(self.regions.len()));
            let mut line = 0_u32;
            for _ in 0..count {
                let region = self.region(&mut bytes, file, files, &mut line)?;
                self.regions.push(region);
            }
        }
        self.count_expansions();
        Ok(())
    }

    fn region(
        &mut self,
        bytes: &mut Bytes<'_>,
        file: usize,
        files: usize,
        line: &mut u32,
    ) -> Result<Region, Fault> {
        let encoded = bytes.leb32()?;
        let mut region = Region {
            file,
            kind: Kind::Code,
            start: Place::default(),
            end: Place::default(),
            counter: Counter::default(),
            otherwise: Counter::default(),
            expanded: 0,
        };
        // Two bits for the kind of counter; without one a bit for an expansion and its file, or the kind of region.
        if encoded & 3 != 0 {
            let counter = Counter::new(encoded, &mut self.expressions);
            region.counter = counter.ok_or_else(|| bytes.fault("a counter names no expression"))?;
        } else if encoded & 4 != 0 {
            region.kind = Kind::Expansion;
            region.expanded = (encoded >> 3) as usize;
            if region.expanded >= files {
                return Err(bytes.fault("a macro is in a file that is not there"));
            }
        } else {
            self.special(bytes, encoded >> 3, &mut region)?;
        }
        let down = bytes.leb32()?;
        let start = u32::try_from(bytes.leb()?).map_err(|_| bytes.fault("a column is too large"))?;
        let more = bytes.leb32()?;
        let end = bytes.leb32()?;
        *line = line.saturating_add(down);
        let last = line.saturating_add(more);
        if last > LINES {
            return Err(bytes.fault("a region is in a line that no file has"));
        }
        if end & GAP != 0 {
            region.kind = Kind::Gap;
        }
        // Whole lines are written as columns zero to zero.
        let (start, end) = if start == 0 && end & !GAP == 0 { (1, u32::MAX) } else { (start, end & !GAP) };
        (region.start, region.end) =
            (Place { line: *line, column: start }, Place { line: last, column: end });
        if region.start > region.end {
            return Err(bytes.fault("a region ends before it begins"));
        }
        Ok(region)
    }

    /// What only some kinds of regions have, before their place.
    fn special(&mut self, bytes: &mut Bytes<'_>, kind: u32, region: &mut Region) -> Result<(), Fault> {
        match kind {
            0 => {}
            2 => region.kind = Kind::Skipped,
            4 | 6 => {
                region.kind = Kind::Branch;
                region.counter = Counter::read(bytes, &mut self.expressions)?;
                region.otherwise = Counter::read(bytes, &mut self.expressions)?;
                // A condition of MC/DC tells its own number and those of the next ones.
                for _ in 0..if kind == 6 { 3 } else { 0 } {
                    bytes.leb32()?;
                }
            }
            5 => {
                region.kind = Kind::Decision;
                bytes.leb32()?;
                bytes.leb32()?;
            }
            _ => return Err(bytes.fault("a region is of an unknown kind")),
        }
        Ok(())
    }

    /// A macro's use ran as often as the first region of what it expands to, which may be a macro's use too.
    fn count_expansions(&mut self) {
        for index in 0..self.regions.len() {
            let mut counted = index;
            // A chain longer than there are files goes round.
            for _ in 0..self.first.len() {
                match self.regions.get(counted) {
                    Some(Region { kind: Kind::Expansion, expanded, .. }) => {
                        match self.first.get(*expanded).copied().flatten() {
                            Some(first) => counted = first,
                            None => break,
                        }
                    }
                    _ => break,
                }
            }
            if counted != index
                && let Some(counter) = self.regions.get(counted).map(|region| region.counter)
            {
                self.regions[index].counter = counter;
            }
        }
    }
}

const GAP: u32 = 1 << 31;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(record: &[u8], files: usize) -> Result<Vec<Region>, Fault> {
        let mut mapping = Mapping::default();
        mapping.read(record, files)?;
        Ok(mapping.regions)
    }

    #[test]
    fn places_are_written_as_differences() {
        let regions = read(&[0, 2, 1, 3, 5, 1, 2, 0, 2, 1, 0, 9], 1).unwrap();
        let places: Vec<_> =
            regions.iter().map(|r| (r.start.line, r.start.column, r.end.line, r.end.column)).collect();
        assert_eq!(places, [(3, 5, 4, 2), (5, 1, 5, 9)]);
        assert!(!regions[0].counter.is_zero() && regions[1].counter.is_zero());
    }

    #[test]
    fn whole_lines_and_gaps_have_their_own_signs() {
        let regions = read(&[0, 2, 1, 3, 0, 1, 0, 1, 0, 1, 0, 0x82, 0x80, 0x80, 0x80, 0x08], 1).unwrap();
        assert_eq!((regions[0].start.column, regions[0].end.column), (1, u32::MAX));
        assert_eq!((regions[1].kind, regions[1].end.column), (Kind::Gap, 2));
    }

    #[test]
    fn a_macro_within_a_macro_counts_what_the_inner_one_counts() {
        let record = [0, 1, 4 | (1 << 3), 1, 1, 0, 2, 1, 4 | (2 << 3), 1, 1, 0, 2, 1, 1, 1, 1, 0, 2];
        let regions = read(&record, 3).unwrap();
        assert_eq!(regions.iter().map(|region| region.counter).collect::<Vec<_>>(), [regions[2].counter; 3]);
        assert!(!regions[2].counter.is_zero());
    }

    #[test]
    fn macros_that_go_round_end() {
        let record = [0, 1, 4 | (1 << 3), 1, 1, 0, 2, 1, 4, 1, 1, 0, 2];
        assert_eq!(read(&record, 2).unwrap().len(), 2);
    }

    #[test]
    fn regions_that_cannot_be_are_damaged() {
        let damaged: [(&[u8], &str); 5] = [
            (&[0, 1, 1, 3, 5, 0, 2], "a region ends before it begins"),
            (&[0, 1, 4 | (7 << 3), 1, 1, 0, 2], "a macro is in a file that is not there"),
            (&[0, 1, 9 << 3, 1, 1, 0, 2], "a region is of an unknown kind"),
            (&[0, 1, 2, 1, 1, 0, 2], "a counter names no expression"),
            (&[0, 1, 1, 0xff, 0xff, 0xff, 0x7f, 1, 0, 2], "a region is in a line that no file has"),
        ];
        for (record, reason) in damaged {
            match read(record, 1) {
                Err(Fault::Damaged { what, .. }) => assert_eq!(what, reason),
                other => panic!("{other:?}"),
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_reader(record: Vec<u8>, files in 0_usize..4) {
            let _ = read(&record, files);
        }
    }
}
