//! Shares of what can be covered.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::model::percent::Percent;

/// So many covered of so many. A whole of nothing says that nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Share {
    /// What ran at least once.
    pub covered: u64,
    /// What could have run.
    pub total: u64,
}

/// The shares of a file, a package or everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Totals {
    /// Lines that hold code.
    pub lines: Share,
    /// Functions; the instantiations of a generic one are one.
    pub functions: Share,
    /// Regions: pieces of code that run as a whole, finer than lines.
    pub regions: Share,
    /// Branches.
    pub branches: Share,
}

/// What can be covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Lines that hold code.
    Lines,
    /// Functions.
    Functions,
    /// Regions.
    Regions,
    /// Branches.
    Branches,
}

impl Metric {
    /// All of them, in the order in which they are told.
    pub const ALL: [Self; 4] = [Self::Lines, Self::Functions, Self::Regions, Self::Branches];

    /// What is counted, in the plural.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Functions => "functions",
            Self::Regions => "regions",
            Self::Branches => "branches",
        }
    }

    /// So many of it: `1 branch`, `2 lines`.
    #[must_use]
    pub fn count(self, count: u64) -> String {
        let singular = match self {
            Self::Branches => "branch",
            _ => self.noun().trim_end_matches('s'),
        };
        let number = crate::kit::text::thousands(usize::try_from(count).unwrap_or(usize::MAX));
        format!("{number} {}", if count == 1 { singular } else { self.noun() })
    }

    /// Why there may be nothing of it.
    #[must_use]
    pub fn absence(self) -> &'static str {
        match self {
            Self::Lines | Self::Functions => "no measured file holds code",
            Self::Regions => "tracefiles hold no regions",
            Self::Branches => "the stable compiler emits no branches",
        }
    }
}

impl Share {
    /// What never ran.
    #[must_use]
    pub fn missed(self) -> u64 {
        self.total.saturating_sub(self.covered)
    }

    /// In percent, rounded down; none where nothing was measured.
    #[must_use]
    pub fn percent(self) -> Option<Percent> {
        Percent::of(self.covered, self.total)
    }

    /// `83.4 %`, rounded down so that only all is `100.0 %`; `not measured`.
    #[must_use]
    pub fn told(self) -> String {
        self.percent().map_or_else(
            || "not measured".to_owned(),
            |percent| {
                let tenths = percent.thousandths() / 100;
                format!("{}.{} %", tenths / 10, tenths % 10)
            },
        )
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.covered = self.covered.saturating_add(other.covered);
        self.total = self.total.saturating_add(other.total);
    }
}

impl AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        self.lines += other.lines;
        self.functions += other.functions;
        self.regions += other.regions;
        self.branches += other.branches;
    }
}

impl Totals {
    /// The share of one of them.
    #[must_use]
    pub fn of(self, metric: Metric) -> Share {
        match metric {
            Metric::Lines => self.lines,
            Metric::Functions => self.functions,
            Metric::Regions => self.regions,
            Metric::Branches => self.branches,
        }
    }
}

impl From<slipway_coverage::Share> for Share {
    fn from(share: slipway_coverage::Share) -> Self {
        Self { covered: share.covered, total: share.total }
    }
}

impl From<Share> for slipway_coverage::Share {
    fn from(share: Share) -> Self {
        Self { covered: share.covered, total: share.total }
    }
}

impl From<Totals> for slipway_coverage::Totals {
    fn from(totals: Totals) -> Self {
        Self {
            lines: totals.lines.into(),
            functions: totals.functions.into(),
            regions: totals.regions.into(),
            branches: totals.branches.into(),
        }
    }
}

impl From<slipway_coverage::Totals> for Totals {
    fn from(totals: slipway_coverage::Totals) -> Self {
        Self {
            lines: totals.lines.into(),
            functions: totals.functions.into(),
            regions: totals.regions.into(),
            branches: totals.branches.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_is_a_hundred_percent() {
        let told = |covered, total| Share { covered, total }.told();
        assert_eq!(told(99_999, 100_000), "99.9 %");
        assert_eq!(told(7, 7), "100.0 %");
        assert_eq!(told(0, 3), "0.0 %");
        assert_eq!(told(0, 0), "not measured");
    }

    #[test]
    fn one_is_told_in_the_singular() {
        let one = Metric::ALL.map(|metric| metric.count(1));
        assert_eq!(one, ["1 line", "1 function", "1 region", "1 branch"]);
        assert_eq!(Metric::Branches.count(1200), "1,200 branches");
    }
}
