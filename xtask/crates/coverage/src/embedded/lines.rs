//! The counts of lines, by LLVM's rule (`LineCoverageStats` in `CoverageMapping.cpp`).

use super::segments::Segment;

/// Calls `found` for each line that holds code, in order, with its count: the highest of the regions that begin in
/// it and of the one it begins within.
pub(super) fn each(segments: &[Segment], mut found: impl FnMut(u32, u64)) {
    // What holds where the line begins.
    let mut outer: Option<&Segment> = None;
    let mut next_line = 0;
    for line in segments.chunk_by(|a, b| a.at.line == b.at.line) {
        let [first, ..] = line else { continue };
        if let Some(count) = outer.and_then(|outer| outer.count) {
            (next_line..first.at.line).for_each(|between| found(between, count));
        }
        if let Some(count) = count(line, outer) {
            found(first.at.line, count);
        }
        outer = line.last();
        next_line = first.at.line + 1;
    }
}

/// The count of a line with segments; none when it holds no code.
fn count(line: &[Segment], outer: Option<&Segment>) -> Option<u64> {
    let skipped = line.first().is_some_and(|first| first.count.is_none() && first.begins);
    let begun = || line.iter().filter(|segment| segment.begins).filter_map(|segment| segment.count);
    let code =
        line.iter().filter(|segment| segment.begins && !segment.gap).filter_map(|segment| segment.count);
    let within = outer.and_then(|outer| outer.count);
    let holds_code = begun().next().is_some() || (!skipped && within.is_some());
    holds_code.then(|| code.max().unwrap_or(0).max(within.unwrap_or(0)))
}
