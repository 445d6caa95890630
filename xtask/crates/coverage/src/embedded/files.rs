//! Files: what all functions say of a file, put together.

use super::{
    functions::{BranchPart, FileParts, FunctionPart},
    lines,
    mapping::Place,
    segments::{self, Segment},
};
use crate::{Branch, FileCoverage, Function, Lines, Regions, Share, Span, Totals};

/// A file, and its totals as `llvm-cov report` prints them.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) coverage: FileCoverage,
    pub(super) report: Totals,
    /// The instantiations that name each function: its first, and one more if there is one.
    pub(super) named: Vec<(usize, Option<usize>)>,
}

impl File {
    /// Puts the parts of one file together. Functions have no names yet.
    pub(super) fn new(parts: FileParts) -> Self {
        let FileParts { mut regions, branches, functions } = parts;
        segments::combine(&mut regions);
        let mut segments = Vec::new();
        segments::build(&regions, &mut segments);
        let mut counts = Vec::new();
        lines::each(&segments, |line, count| counts.push((line, count)));
        let mut file = Self::default();
        file.coverage.lines = counts.into_iter().collect::<Lines>();
        file.coverage.branches = numbered(branches);
        file.add_functions(functions);
        file.coverage.regions = Some(Regions { share: file.report.regions, uncovered: uncovered(&segments) });
        file
    }

    /// Adds the functions, the instantiations of each as one.
    fn add_functions(&mut self, mut parts: Vec<FunctionPart>) {
        parts.sort_unstable_by_key(|part| (part.start, part.index));
        for instantiations in parts.chunk_by(|a, b| a.start == b.start) {
            let [first, others @ ..] = instantiations else { continue };
            let count = instantiations.iter().fold(0_u64, |count, part| count.saturating_add(part.count));
            let best = others.iter().fold(first.totals, |best, part| most(best, part.totals));
            let functions = [count > 0].into_iter().collect();
            self.report = [self.report, Totals { functions, ..best }].into_iter().sum();
            self.named.push((first.index, others.first().map(|other| other.index)));
            self.coverage.functions.push(Function { line: first.start.line, name: String::new(), count });
        }
    }

    /// Names the functions, and sorts them.
    pub(super) fn name(&mut self, name: impl Fn(usize, Option<usize>) -> Option<String>) {
        for (function, (first, other)) in self.coverage.functions.iter_mut().zip(&self.named) {
            function.name =
                name(*first, *other).unwrap_or_else(|| format!("function at line {}", function.line));
        }
        self.coverage.functions.sort_unstable();
    }
}

/// Of several instantiations the most that any has, and the most that ran of any.
fn most(a: Totals, b: Totals) -> Totals {
    let most = |a: Share, b: Share| Share { covered: a.covered.max(b.covered), total: a.total.max(b.total) };
    Totals {
        lines: most(a.lines, b.lines),
        functions: most(a.functions, b.functions),
        branches: most(a.branches, b.branches),
        regions: most(a.regions, b.regions),
    }
}

/// Branches as `llvm-cov export -format=lcov` numbers them: within a line each condition, and each way out of one.
pub(super) fn numbered(mut parts: Vec<BranchPart>) -> Vec<Branch> {
    parts.sort_unstable_by_key(|part| part.start);
    parts.dedup_by(|later, kept| {
        let same = later.start == kept.start;
        if same {
            kept.counts.iter_mut().zip(later.counts).for_each(|(sum, more)| *sum = sum.saturating_add(more));
        }
        same
    });
    let mut branches = Vec::with_capacity(parts.len() * 2);
    for line in parts.chunk_by(|a, b| a.start.line == b.start.line) {
        for (block, part) in (0_u32..).zip(line) {
            let reached = part.counts != [0, 0];
            for (way, count) in (0_u32..).zip(part.counts) {
                let taken = reached.then_some(count);
                branches.push(Branch { line: part.start.line, block, branch: block * 2 + way, taken });
            }
        }
    }
    branches
}

/// The places that hold code and never ran.
pub(super) fn uncovered(segments: &[Segment]) -> Vec<Span> {
    let mut spans: Vec<(Place, Place)> = Vec::new();
    for (segment, next) in segments.iter().zip(segments.iter().skip(1)) {
        if segment.count != Some(0) || segment.gap || segment.at == next.at {
            continue;
        }
        match spans.last_mut() {
            Some(last) if last.1 == segment.at => last.1 = next.at,
            _ => spans.push((segment.at, next.at)),
        }
    }
    spans
        .into_iter()
        .map(|(start, end)| Span {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        })
        .collect()
}
