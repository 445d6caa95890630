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
