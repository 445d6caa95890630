//! Functions: how often each region of an instantiation ran, spread over the files that hold them.

use super::{
    counter::Values,
    counts::{Counted, Counts},
    covmap::FunctionMap,
    fault::Fault,
    lines,
    mapping::{Kind, Mapping, Place},
    sections::Section,
    segments::{self, Counted as CountedRegion, Segment},
    sources::Source,
};
use crate::{Share, Totals};

/// What was found in one wanted file.
#[derive(Debug, Default)]
pub(super) struct FileParts {
    /// The regions of all functions, in any order.
    pub(super) regions: Vec<CountedRegion>,
    /// The branches of all functions, in any order.
    pub(super) branches: Vec<BranchPart>,
    /// The functions that begin in the file.
    pub(super) functions: Vec<FunctionPart>,
}

impl FileParts {
    /// Adds what another thread found.
    pub(super) fn extend(&mut self, more: Self) {
        self.regions.extend(more.regions);
        self.branches.extend(more.branches);
        self.functions.extend(more.functions);
    }
}

/// A condition of one instantiation.
#[derive(Clone, Copy, Debug)]
pub(super) struct BranchPart {
    pub(super) start: Place,
    /// How often it was true, and false.
    pub(super) counts: [u64; 2],
}

/// An instantiation of a function.
#[derive(Clone, Copy, Debug)]
pub(super) struct FunctionPart {
    /// Where its first region begins. Instantiations of one function begin at the same place.
    pub(super) start: Place,
    /// Its number in the order of executables and functions.
    pub(super) index: usize,
    /// How often it ran.
    pub(super) count: u64,
    /// Its lines, branches and regions alone.
    pub(super) totals: Totals,
}

/// Evaluates functions, one after the other.
#[derive(Debug, Default)]
pub(super) struct Evaluator {
    /// What was found, by the number of the wanted file.
    pub(super) files: Vec<FileParts>,
    /// What was wrong with functions, by their number.
    pub(super) faults: Vec<(usize, Fault)>,
    pub(super) values: Values,
    // What follows is of one function at a time, and kept for its memory.
    mapping: Mapping,
    /// How often each region ran; of a branch, how often the condition was true and false.
    counts: Vec<[u64; 2]>,
    /// The regions in the function's own file, and their segments.
    own: Vec<CountedRegion>,
    segments: Vec<Segment>,
}

impl Evaluator {
    /// For so many wanted files.
    pub(super) fn new(files: usize) -> Self {
        let mut evaluator = Self::default();
        evaluator.files.resize_with(files, FileParts::default);
        evaluator
    }

    /// Evaluates a function. What is wrong with it is kept, and the function left out, as LLVM does.
    pub(super) fn add(&mut self, index: usize, records: &Section, function: &FunctionMap, counts: &Counts) {
        let record = records.data.get(function.regions.clone()).unwrap_or_default();
        let counters = match counts.of(function.name, function.hash) {
            Counted::As(counters) => Some(counters),
            Counted::Never | Counted::Otherwise => None,
        };
        match self.evaluate(record, function.files.len(), counters) {
            Ok(true) => self.spread(index, &function.files),
            Ok(false) => {}
            Err(fault) => {
                let base = records.offset.saturating_add(function.regions.start as u64);
                self.faults.push((index, fault.behind(base)));
            }
        }
    }

    /// Reads the regions and finds their counts; false for a copy that says nothing.
    fn evaluate(&mut self, record: &[u8], files: usize, counters: Option<&[u64]>) -> Result<bool, Fault> {
        self.mapping.read(record, files)?;
        // An unused copy of a function that ran elsewhere.
        if let ([region], Some([entered, ..])) = (self.mapping.regions.as_slice(), counters)
            && region.counter.is_zero()
            && *entered > 0
        {
            return Ok(false);
        }
        self.values.evaluate(&self.mapping.expressions, counters);
        let counters = counters.unwrap_or_default();
        self.counts.clear();
        for region in &self.mapping.regions {
            let [count, otherwise] =
                [region.counter, region.otherwise].map(|counter| self.values.count(counter, counters));
            let counts = count.zip(otherwise).map(|(count, otherwise)| [count, otherwise]);
            self.counts.push(counts.ok_or(Fault::damaged(0, "the count of a region cannot be found"))?);
        }
        Ok(true)
    }

    /// Spreads the regions over the wanted files, and the function to the file that holds it.
    fn spread(&mut self, index: usize, sources: &[Source]) {
        let own = self.own_file(sources.len());
        let mut part = FunctionPart { start: Place::default(), index, count: 0, totals: Totals::default() };
        let totals = &mut part.totals;
        let mut entered = None;
        self.own.clear();
        for (region, counts) in self.mapping.regions.iter().zip(&self.counts) {
            let file = sources.get(region.file).and_then(|source| source.file);
            let file = file.and_then(|file| self.files.get_mut(file as usize));
            let is_own = Some(region.file) == own;
            match region.kind {
                Kind::Decision => {}
                Kind::Branch => {
                    // A way that the compiler knows is never taken is none.
                    let ways = [region.counter, region.otherwise].into_iter().zip(counts);
                    let ways: Share =
                        ways.filter(|(way, _)| !way.is_zero()).map(|(_, count)| *count > 0).collect();
                    if is_own {
                        totals.branches = sum(totals.branches, ways);
                    }
                    if let Some(file) = file.filter(|_| ways.is_measured()) {
                        file.branches.push(BranchPart { start: region.start, counts: *counts });
                    }
                }
                kind => {
                    let [count, _] = *counts;
                    entered.get_or_insert(count);
                    if kind == Kind::Code {
                        totals.regions = sum(totals.regions, [count > 0].into_iter().collect());
                    }
                    let counted = CountedRegion { start: region.start, end: region.end, kind, count };
                    if is_own {
                        self.own.push(counted);
                    }
                    if let Some(file) = file {
                        file.regions.push(counted);
                    }
                }
            }
        }
        let file = own.and_then(|own| sources.get(own)?.file);
        let file = file.and_then(|file| self.files.get_mut(file as usize));
        let (Some(file), Some(first)) = (file, self.own.first()) else { return };
        (part.start, part.count) = (first.start, entered.unwrap_or(0));
        segments::combine(&mut self.own);
        segments::build(&self.own, &mut self.segments);
        lines::each(&self.segments, |_, count| {
            part.totals.lines = sum(part.totals.lines, [count > 0].into_iter().collect());
        });
        file.functions.push(part);
    }

    /// The file that holds the function itself: the first one that no macro's use names.
    fn own_file(&self, files: usize) -> Option<usize> {
        let expanded = |file| {
            let mut regions = self.mapping.regions.iter();
            regions.any(|region| region.kind == Kind::Expansion && region.expanded == file)
        };
        (0..files).find(|file| !expanded(*file))
    }
}

fn sum(a: Share, b: Share) -> Share {
    [a, b].into_iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embedded::files::File;

    /// The two files of a function with this record.
    fn files(record: &[u8], counters: &[u64]) -> [File; 2] {
        let function = FunctionMap::of_two_files(1, 2, record.len());
        let mut evaluator = Evaluator::new(2);
        let section = Section { offset: 0, data: record.to_vec() };
        evaluator.add(0, &section, &function, &Counts::of_one(1, 2, counters));
        assert!(evaluator.faults.is_empty(), "{:?}", evaluator.faults);
        let parts: [FileParts; 2] = evaluator.files.try_into().unwrap();
        parts.map(File::new)
    }

    #[test]
    fn the_code_of_a_macro_is_counted_where_the_macro_is() {
        // No expressions; in the first file only the use of a macro in line 3, in the second its code in line 9.
        let record = [0, 1, 4 | (1 << 3), 3, 1, 0, 8, 1, 1, 9, 1, 0, 2];
        let [user, macros] = files(&record, &[5]).map(|file| file.coverage);
        assert_eq!(user.lines.iter().collect::<Vec<_>>(), [(3, 5)]);
        assert_eq!(macros.lines.iter().collect::<Vec<_>>(), [(9, 5)]);
        assert_eq!(
            (user.functions.len(), macros.functions.len()),
            (1, 0),
            "the function is where it is written"
        );
        assert_eq!(user.functions[0].count, 5);
    }

    #[test]
    fn branches_count_both_ways() {
        // A condition in line 4 that was true for the first counter and false for the second; one never reached.
        let record = [0, 3, 1, 4, 1, 0, 9, 4 << 3, 1, 5, 0, 2, 0, 4, 4 << 3, 9, 9, 1, 2, 0, 4, 0];
        let [file, _] = files(&record, &[2, 3, 0]);
        let branches: Vec<_> =
            file.coverage.branches.iter().map(|b| (b.line, b.block, b.branch, b.taken)).collect();
        assert_eq!(branches, [(4, 0, 0, Some(2)), (4, 0, 1, Some(3)), (5, 0, 0, None), (5, 0, 1, None)]);
        assert_eq!(file.report.branches, Share { covered: 2, total: 4 });
    }

    #[test]
    fn conditions_and_decisions_of_mcdc_are_read() {
        let decision = [5 << 3, 1, 1, 4, 1, 0, 9];
        let condition = [6 << 3, 1, 5, 1, 0, 0, 0, 1, 0, 9];
        let record = [&[0, 3, 1, 4, 1, 0, 9], decision.as_slice(), &condition, &[0]].concat();
        let [file, _] = files(&record, &[2, 3]);
        assert_eq!(file.coverage.lines.get(4), Some(2));
        assert_eq!(file.coverage.branches.len(), 2);
    }
}
