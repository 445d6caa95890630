//! Functions: how often each region of an instantiation ran, spread over the files that hold them.

use super::{
    counter::Values,
    counts::{Counted, Counts},
    covmap::FunctionMap,
    fault::Fault,
    lines,
    mapping::{Kind, Mapping, Place, Region},
    sections::Section,
    segments::{self, Counted as CountedRegion, Segment},
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
    mapping: Mapping,
    pub(super) values: Values,
    /// The regions and segments of one function in its own file.
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
        if let Err(fault) = self.try_add(index, records, function, counts) {
            let base = records.offset + function.regions.start as u64;
            self.faults.push((index, fault.behind(base)));
        }
    }

    fn try_add(
        &mut self,
        index: usize,
        records: &Section,
        function: &FunctionMap,
        counts: &Counts,
    ) -> Result<(), Fault> {
        let record = records.data.get(function.regions.clone()).unwrap_or_default();
        self.mapping.read(record, function.files.len())?;
        let counters = match counts.of(function.name, function.hash) {
            Counted::As(counters) => Some(counters),
            Counted::Never | Counted::Otherwise => None,
        };
        // An unused copy of a function that ran elsewhere says nothing.
        if let ([region], Some([entered, ..])) = (self.mapping.regions.as_slice(), counters)
            && region.counter.is_zero()
            && *entered > 0
        {
            return Ok(());
        }
        self.values.evaluate(&self.mapping.expressions, counters);
        let counters = counters.unwrap_or_default();
        let wrong = || Fault::damaged(0, "the count of a region cannot be found");
        let mut totals = Totals::default();
        let mut entered = None;
        let own = self.own_file(function.files.len());
        let mut start = None;
        self.own.clear();
        let mut spread = Vec::new();
        for region in &self.mapping.regions {
            if region.kind == Kind::Decision {
                continue;
            }
            let count = self.values.count(region.counter, counters).ok_or_else(wrong)?;
            if region.kind == Kind::Branch {
                let otherwise = self.values.count(region.otherwise, counters).ok_or_else(wrong)?;
                if Some(region.file) == own {
                    totals.branches = sum(totals.branches, branch_share(region, [count, otherwise]));
                }
                spread.push((region, count, otherwise));
                continue;
            }
            entered.get_or_insert(count);
            if region.kind == Kind::Code {
                totals.regions = sum(totals.regions, [count > 0].into_iter().collect());
            }
            if Some(region.file) == own {
                start.get_or_insert(region.start);
                self.own.push(counted(region, count));
            }
            spread.push((region, count, 0));
        }
        let file_of = |region: &Region| function.files.get(region.file)?.file;
        for (region, count, otherwise) in spread {
            let Some(file) = file_of(region).and_then(|file| self.files.get_mut(file as usize)) else {
                continue;
            };
            if region.kind != Kind::Branch {
                file.regions.push(counted(region, count));
            } else if !(region.counter.is_zero() && region.otherwise.is_zero()) {
                file.branches.push(BranchPart { start: region.start, counts: [count, otherwise] });
            }
        }
        let file = own.and_then(|own| function.files.get(own)?.file);
        if let (Some(file), Some(start)) = (file.and_then(|file| self.files.get_mut(file as usize)), start) {
            segments::combine(&mut self.own);
            segments::build(&self.own, &mut self.segments);
            lines::each(&self.segments, |_, count| {
                totals.lines = sum(totals.lines, Share { covered: u64::from(count > 0), total: 1 });
            });
            let count = entered.unwrap_or(0);
            file.functions.push(FunctionPart { start, index, count, totals });
        }
        Ok(())
    }

    /// The file that holds the function itself: the first one that no macro's use names.
    fn own_file(&self, files: usize) -> Option<usize> {
        let expanded = |file| {
            let mut regions = self.mapping.regions.iter();
            regions.any(|region| region.kind == Kind::Expansion && region.expanded == file)
        };
        (0..files).find(|file| files == 1 || !expanded(*file))
    }
}

fn counted(region: &Region, count: u64) -> CountedRegion {
    CountedRegion { start: region.start, end: region.end, kind: region.kind, count }
}

fn branch_share(region: &Region, [count, otherwise]: [u64; 2]) -> Share {
    let ways = [(region.counter, count), (region.otherwise, otherwise)];
    ways.into_iter().filter(|(counter, _)| !counter.is_zero()).map(|(_, count)| count > 0).collect()
}

fn sum(a: Share, b: Share) -> Share {
    [a, b].into_iter().sum()
}
