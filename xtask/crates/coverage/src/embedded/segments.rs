//! Segments: the places of a file where the count changes.
//!
//! Regions nest and, in a file that several instantiations of a function share, coincide. The rules are those of
//! LLVM's `SegmentBuilder` (`CoverageMapping.cpp`): equal regions are added up, then one walk over the places where
//! regions begin and end tells which region holds at each.

use super::mapping::{Kind, Place};

/// A region and how often it ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) start: Place,
    pub(super) end: Place,
    pub(super) kind: Kind,
    pub(super) count: u64,
}

/// From here to the next segment the count is this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) at: Place,
    /// How often; none where there is no code, or none that was compiled.
    pub(super) count: Option<u64>,
    /// Whether a region of code begins here, not only one ends.
    pub(super) begins: bool,
    /// Whether this is only between regions of code.
    pub(super) gap: bool,
}

/// Sorts regions of one file from the outer to the inner and adds up those that cover the same place.
pub(super) fn combine(regions: &mut Vec<Counted>) {
    regions.sort_unstable_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)).then(a.kind.cmp(&b.kind)));
    regions.dedup_by(|later, kept| {
        let same = (later.start, later.end) == (kept.start, kept.end);
        // The use of a macro that is all of another macro's body covers the same place: it counts once.
        if same && later.kind == kept.kind {
            kept.count = kept.count.saturating_add(later.count);
        }
        same
    });
}

/// The segments of combined regions, in the place of those that were there.
pub(super) fn build(regions: &[Counted], segments: &mut Vec<Segment>) {
    segments.clear();
    let mut builder = Builder { segments, open: Vec::new(), first_end: None, ended: Vec::new() };
    for (index, region) in regions.iter().enumerate() {
        builder.close(Some(region.start));
        let next = regions.get(index + 1);
        let begins = region.kind != Kind::Gap;
        if region.start == region.end {
            // An empty region never holds. The last one, or a skipped one, only marks its place.
            let skipped = next.is_none() || region.kind == Kind::Skipped;
            let outer = builder.open.last().copied();
            builder.start(outer.unwrap_or(*region), region.start, begins, skipped);
            if let Some(outer) = outer.filter(|_| skipped) {
                builder.start(outer, region.start, false, false);
            }
            continue;
        }
        // An inner region that begins at the same place holds there.
        if next.is_none_or(|next| next.start != region.start) {
            builder.start(*region, region.start, begins, false);
        }
        builder.push(*region);
    }
    builder.close(None);
}

struct Builder<'a> {
    segments: &'a mut Vec<Segment>,
    /// The regions that hold now, the outer ones first.
    open: Vec<Counted>,
    /// Where the first of them ends.
    first_end: Option<Place>,
    /// Those that end at one place; empty in between, and kept for its memory.
    ended: Vec<Counted>,
}

impl Builder<'_> {
    fn push(&mut self, region: Counted) {
        self.first_end = Some(self.first_end.map_or(region.end, |end| end.min(region.end)));
        self.open.push(region);
    }

    /// Starts a segment with a region's count.
    fn start(&mut self, region: Counted, at: Place, begins: bool, skipped: bool) {
        let count = (!skipped && region.kind != Kind::Skipped).then_some(region.count);
        if !begins && !skipped {
            let same = |last: &Segment| {
                last.count.is_some() == count.is_some()
                    && last.count.unwrap_or(0) == region.count
                    && !last.begins
            };
            if self.segments.last().is_some_and(same) {
                return;
            }
        }
        self.segments.push(Segment { at, count, begins, gap: count.is_some() && region.kind == Kind::Gap });
    }

    /// Ends the regions that end before or at the place where the next one begins, or all of them.
    fn close(&mut self, next: Option<Place>) {
        let Some(first_end) = self.first_end else { return };
        if next.is_some_and(|next| next < first_end) {
            return;
        }
        let mut ended = std::mem::take(&mut self.ended);
        ended.extend(self.open.extract_if(.., |region| next.is_none_or(|next| region.end <= next)));
        ended.sort_by_key(|region| region.end);
        // Where some end, the count is that of the last one of those that end next.
        let mut before: Option<Place> = None;
        for together in ended.chunk_by(|a, b| a.end == b.end) {
            let Some(last) = together.last() else { continue };
            if let Some(at) = before.replace(last.end) {
                self.start(*last, at, false, false);
            }
        }
        if let Some(last) = ended.last().filter(|last| next != Some(last.end)) {
            match self.open.last().copied() {
                // Up to the next one an outer region holds.
                Some(outer) => self.start(outer, last.end, false, false),
                // Between functions there is nothing.
                None => self.start(*last, last.end, false, true),
            }
        }
        self.first_end = self.open.iter().map(|region| region.end).min();
        ended.clear();
        self.ended = ended;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::embedded::lines;

    fn place(line: u32, column: u32) -> Place {
        Place { line, column }
    }

    fn region(start: (u32, u32), end: (u32, u32), kind: Kind, count: u64) -> Counted {
        Counted { start: place(start.0, start.1), end: place(end.0, end.1), kind, count }
    }

    fn segments(mut regions: Vec<Counted>) -> Vec<Segment> {
        combine(&mut regions);
        let mut segments = Vec::new();
        build(&regions, &mut segments);
        segments
    }

    fn lines(regions: Vec<Counted>) -> Vec<(u32, u64)> {
        let mut found = Vec::new();
        lines::each(&segments(regions), |line, count| found.push((line, count)));
        found
    }

    #[test]
    fn an_inner_region_counts_from_the_line_behind_its_begin_to_its_end() {
        let outer = region((1, 1), (6, 2), Kind::Code, 5);
        let inner = region((2, 9), (4, 6), Kind::Code, 0);
        assert_eq!(lines(vec![inner, outer]), [(1, 5), (2, 5), (3, 0), (4, 0), (5, 5), (6, 5)]);
    }

    #[test]
    fn instantiations_of_one_function_are_added_up() {
        let one = region((1, 1), (2, 2), Kind::Code, 5);
        assert_eq!(lines(vec![one, Counted { count: 7, ..one }]), [(1, 12), (2, 12)]);
        let many = Counted { count: u64::MAX, ..one };
        assert_eq!(lines(vec![one, many]), [(1, u64::MAX), (2, u64::MAX)]);
    }

    #[test]
    fn a_macro_that_is_all_of_its_place_counts_once() {
        let code = region((1, 1), (1, 9), Kind::Code, 5);
        assert_eq!(lines(vec![Counted { kind: Kind::Expansion, ..code }, code]), [(1, 5)]);
    }

    #[test]
    fn a_gap_counts_lines_but_is_no_code() {
        let code = region((1, 1), (1, 9), Kind::Code, 5);
        let gap = region((1, 9), (3, 5), Kind::Gap, 0);
        let next = region((3, 5), (3, 9), Kind::Code, 7);
        let found = segments(vec![code, gap, next]);
        assert_eq!(
            found.iter().map(|s| (s.begins, s.gap)).collect::<Vec<_>>(),
            [(true, false), (false, true), (true, false), (false, false)]
        );
        assert_eq!(lines(vec![code, gap, next]), [(1, 5), (2, 0), (3, 7)]);
    }

    #[test]
    fn skipped_lines_hold_no_code() {
        let code = region((1, 1), (5, 2), Kind::Code, 5);
        let skipped = region((2, 1), (4, 1), Kind::Skipped, 0);
        // By LLVM's rule the line in which they end holds none either, unless a region begins in it.
        assert_eq!(lines(vec![code, skipped]), [(1, 5), (5, 5)]);
    }

    #[test]
    fn between_functions_there_is_nothing() {
        let [one, other] =
            [(1, 3), (6, 1)].map(|(line, count)| region((line, 1), (line + 1, 2), Kind::Code, count));
        assert_eq!(lines(vec![other, one]), [(1, 3), (2, 3), (6, 1), (7, 1)]);
    }

    /// Regions within `start..end` that nest, of which none begins or ends where another does.
    fn nested(start: u32, end: u32, depth: u32) -> BoxedStrategy<Vec<Counted>> {
        if depth == 0 || end - start < 8 {
            return Just(Vec::new()).boxed();
        }
        let middle = u32::midpoint(start, end);
        let own = (any::<bool>(), 0_u64..5).prop_map(move |(there, count)| {
            there.then(|| region((start / 10, start % 10), (end / 10, end % 10), Kind::Code, count))
        });
        (own, nested(start + 1, middle, depth - 1), nested(middle + 1, end - 1, depth - 1))
            .prop_map(|(own, left, right)| own.into_iter().chain(left).chain(right).collect())
            .boxed()
    }

    fn any_region() -> impl Strategy<Value = Counted> {
        let kind = prop_oneof![Just(Kind::Code), Just(Kind::Expansion), Just(Kind::Skipped), Just(Kind::Gap)];
        (1_u32..9, 1_u32..9, 0_u32..4, 1_u32..9, kind, 0_u64..4).prop_map(
            |(line, start, more, end, kind, count)| {
                let end = if more == 0 { start.max(end) } else { end };
                region((line, start), (line + more, end), kind, count)
            },
        )
    }

    proptest! {
        #[test]
        fn everywhere_the_innermost_region_holds(regions in nested(10, 120, 5)) {
            let found = segments(regions.clone());
            for at in (0..130).map(|at| place(at / 10, at % 10)) {
                let holding = regions.iter().filter(|r| r.start <= at && at < r.end).max_by_key(|r| r.start);
                let segment = found.iter().rev().find(|segment| segment.at <= at);
                prop_assert_eq!(segment.and_then(|s| s.count), holding.map(|r| r.count), "at {:?}", at);
            }
        }

        #[test]
        fn lines_come_in_order_and_each_once(regions in prop::collection::vec(any_region(), 0..20)) {
            let found = lines(regions);
            prop_assert!(found.is_sorted_by(|a, b| a.0 < b.0));
        }
    }
}
