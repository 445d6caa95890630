//! The gates on parts: enough lines of each package, and of each file, ran.

use std::cmp::Reverse;

use super::{COVER, gate, unknown};
use crate::kit::text::plural;
use crate::model::coverage::{CoverageRecord, Metric, Share};
use crate::model::gate::{Gate, Measure, Mode};
use crate::model::percent::Percent;

/// What is judged one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// Packages.
    Packages,
    /// Files.
    Files,
}

/// A part, the share of its lines that ran, and what is required of it.
struct Part<'a> {
    name: &'a str,
    share: Share,
    min: Percent,
}

impl Part<'_> {
    fn missing(&self) -> u64 {
        self.min.missing(self.share.covered, self.share.total)
    }
}

/// Judges each part by what `min_of` requires of its name or path. Parts that hold no line of code, and those of
/// which nothing is required, are left out.
#[must_use]
pub fn judge(record: &CoverageRecord, parts: Parts, mode: Mode, min_of: &dyn Fn(&str) -> Percent) -> Gate {
    let gate = match parts {
        Parts::Packages => gate("coverage.package", mode, "packages with too few covered lines"),
        Parts::Files => gate("coverage.file", mode, "files with too few covered lines"),
    };
    let noun = if parts == Parts::Packages { "package" } else { "file" };
    let gate = Gate { required: "0, of at least 1".to_owned(), ..gate };
    let named: Vec<(&str, Share)> = match parts {
        Parts::Packages => record.packages.iter().map(|part| (&*part.name, part.totals.lines)).collect(),
        Parts::Files => record.files.iter().map(|part| (&*part.path, part.totals.lines)).collect(),
    };
    let required = named.into_iter().filter(|(_, share)| share.total > 0);
    let required = required.map(|(name, share)| Part { name, share, min: min_of(name) });
    let required: Vec<Part<'_>> = required.filter(|part| !part.min.is_none()).collect();
    if required.is_empty() {
        return unknown(gate, format!("no {noun} with a threshold was measured"));
    }
    let mut below: Vec<&Part<'_>> = required.iter().filter(|part| part.missing() > 0).collect();
    below.sort_by_key(|part| Reverse(part.missing()));
    let measured = Measure::Share { part: below.len() as u64, whole: required.len() as u64 };
    let worst = below.iter().map(|part| {
        let missing = Metric::Lines.count(part.missing());
        format!("{}: {} of at least {}, {missing} more", part.name, part.share.told(), part.min)
    });
    if below.is_empty() {
        let reason = format!("none of {} is below its threshold", plural(required.len(), noun));
        return Gate { measured, reason, ..gate };
    }
    let reason = format!("{} of {} below the threshold", below.len(), plural(required.len(), noun));
    let missing = below.iter().map(|part| part.missing()).fold(0, u64::saturating_add);
    let gap = format!("{} more", Metric::Lines.count(missing));
    Gate { measured, reason, ..gate }.worst(worst).fail(gap, COVER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coverage::tests::record;
    use crate::model::gate::Decision;

    fn percent(number: f64) -> Percent {
        Percent::try_from(number).unwrap()
    }

    #[test]
    fn a_package_below_fails_though_the_total_is_high() {
        let record = record(&[("a/src/lib.rs", 99, 100), ("b/src/lib.rs", 3, 10)]);
        let judged = |min| judge(&record, Parts::Packages, Mode::Block, &|_| percent(min));
        assert_eq!(judged(30.0).verdict, Decision::Pass);
        let gate = judged(50.0);
        assert_eq!((gate.verdict, gate.measured), (Decision::Fail, Measure::Share { part: 1, whole: 2 }));
        assert_eq!(gate.worst, ["b: 30.0 % of at least 50 %, 2 lines more"]);
        assert_eq!(gate.gap.as_deref(), Some("2 lines more"));
    }

    #[test]
    fn a_file_is_held_to_its_own_threshold() {
        let record = record(&[("a/src/ffi.rs", 0, 100), ("b/src/lib.rs", 8, 10)]);
        let min_of = |path: &str| if path.ends_with("ffi.rs") { Percent::NONE } else { percent(80.0) };
        let gate = judge(&record, Parts::Files, Mode::Block, &min_of);
        assert_eq!((gate.verdict, gate.measured), (Decision::Pass, Measure::Share { part: 0, whole: 1 }));
        let gate = judge(&record, Parts::Files, Mode::Block, &|_| percent(80.0));
        assert_eq!(gate.verdict, Decision::Fail);
    }

    #[test]
    fn without_a_measured_part_it_is_inconclusive() {
        let empty = record(&[("a/src/types.rs", 0, 0)]);
        for parts in [Parts::Packages, Parts::Files] {
            let gate = judge(&empty, parts, Mode::Block, &|_| percent(1.0));
            assert_eq!((gate.verdict, gate.measured), (Decision::Inconclusive, Measure::Nothing));
        }
    }
}
