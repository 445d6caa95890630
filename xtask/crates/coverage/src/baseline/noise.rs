//! What differs from run to run without a change.

use super::Baseline;
use crate::Totals;

/// The most that counts as noise, in thousandths of a percentage point: half a point. What differs by more is to be
/// mended, not allowed for.
pub const MOST_NOISE: u32 = 500;

/// The rule stands at [`super::Baselines::noise`].
pub(super) fn of(entries: &[Baseline]) -> u32 {
    let pairs =
        entries.iter().zip(entries.iter().skip(1)).map(|(earlier, later)| (&earlier.totals, &later.totals));
    let (mut fall, mut rise) = (0, 0);
    for (earlier, later) in pairs.filter(|(earlier, later)| is_same_code(earlier, later)) {
        let (before, after) = (earlier.lines.covered, later.lines.covered);
        let points = points(before.abs_diff(after), later.lines.total);
        let side = if after < before { &mut fall } else { &mut rise };
        *side = points.max(*side);
    }
    fall.min(rise).min(MOST_NOISE)
}

/// As many lines, functions and regions: the code that was measured is the same, whatever its commit is called.
fn is_same_code(earlier: &Totals, later: &Totals) -> bool {
    let counts = |totals: &Totals| [totals.lines.total, totals.functions.total, totals.regions.total];
    later.lines.is_measured() && counts(earlier) == counts(later)
}

/// So many of so many in thousandths of a percent, rounded up: noise that is rounded down would not cover itself.
fn points(part: u64, whole: u64) -> u32 {
    let points = (u128::from(part) * 100_000).div_ceil(u128::from(whole.max(1)));
    u32::try_from(points).unwrap_or(u32::MAX)
}
