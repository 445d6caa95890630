//! A file as LLVM's own tools export it, by the same rules.

use super::files::{numbered, uncovered};
use super::functions::BranchPart;
use super::mapping::Place;
use super::segments::Segment;
use super::{lines, names};
use crate::{FileCoverage, Function, Lines, Regions, Share};

/// Segments as exported: line, column, count, whether it has a count, whether a region begins, whether it is a gap.
pub(crate) type Segments = Vec<(u32, u32, u64, bool, bool, bool)>;

/// What is exported of a file.
pub(crate) struct Exported {
    pub(crate) segments: Segments,
    /// Line and column of begin and end, how often true, how often false, and more.
    pub(crate) branches: Vec<Vec<u64>>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) regions: Share,
}

/// An instantiation of a function.
pub(crate) struct Instance {
    /// Line and column of its begin.
    pub(crate) start: (u64, u64),
    /// Its mangled name.
    pub(crate) name: String,
    pub(crate) count: u64,
}

impl Exported {
    /// The file in the model.
    pub(crate) fn into_file(self) -> FileCoverage {
        let segments: Vec<Segment> = self.segments.into_iter().map(segment).collect();
        let mut counts = Vec::new();
        lines::each(&segments, |line, count| counts.push((line, count)));
        FileCoverage {
            lines: counts.into_iter().collect::<Lines>(),
            functions: functions(self.instances),
            branches: numbered(self.branches.iter().filter_map(|branch| self::branch(branch)).collect()),
            regions: Some(Regions { share: self.regions, uncovered: uncovered(&segments) }),
        }
    }
}

fn segment((line, column, count, counted, begins, gap): (u32, u32, u64, bool, bool, bool)) -> Segment {
    Segment { at: Place { line, column }, count: counted.then_some(count), begins, gap }
}

fn branch(numbers: &[u64]) -> Option<BranchPart> {
    let [line, column, _, _, yes, no, ..] = numbers else { return None };
    let number = |number: &u64| u32::try_from(*number).ok();
    Some(BranchPart { start: Place { line: number(line)?, column: number(column)? }, counts: [*yes, *no] })
}

/// The instantiations that begin at the same place are one function.
fn functions(mut instances: Vec<Instance>) -> Vec<Function> {
    instances.sort_by_key(|instance| instance.start);
    let mut functions: Vec<Function> = Vec::new();
    for same in instances.chunk_by(|a, b| a.start == b.start) {
        let [first, others @ ..] = same else { continue };
        functions.push(Function {
            line: u32::try_from(first.start.0).unwrap_or(u32::MAX),
            name: names::readable(&first.name, others.first().map(|other| other.name.as_str())),
            count: same.iter().fold(0, |count, instance| count.saturating_add(instance.count)),
        });
    }
    functions.sort_unstable();
    functions
}
