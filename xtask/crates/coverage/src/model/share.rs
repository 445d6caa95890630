//! Shares: so many of so many, never a float alone.

use std::fmt;
use std::iter::Sum;

/// So many covered of so many. A whole of nothing says that nothing was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// What ran at least once.
    pub covered: u64,
    /// What could have run.
    pub total: u64,
}

impl Share {
    /// In percent; none where nothing was measured.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of lines is far below 2^52")]
    pub fn percent(self) -> Option<f64> {
        (self.total > 0).then(|| self.covered as f64 * 100.0 / self.total as f64)
    }

    /// Whether anything was measured.
    #[must_use]
    pub fn is_measured(self) -> bool {
        self.total > 0
    }

    /// What never ran.
    #[must_use]
    pub fn missed(self) -> u64 {
        self.total.saturating_sub(self.covered)
    }
}

impl fmt::Display for Share {
    /// In percent, rounded down to one decimal so that only a whole is ever 100.0%; a dash where nothing was
    /// measured. All writers show shares this way.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let thousandths = u128::from(self.covered.min(self.total)) * 1000;
        match thousandths.checked_div(u128::from(self.total)) {
            Some(tenths) => formatter.pad(&format!("{}.{}%", tenths / 10, tenths % 10)),
            None => formatter.pad("–"),
        }
    }
}

impl FromIterator<bool> for Share {
    /// Of things that ran or did not.
    fn from_iter<I: IntoIterator<Item = bool>>(ran: I) -> Self {
        ran.into_iter().fold(Self::default(), |share, ran| Self {
            covered: share.covered + u64::from(ran),
            total: share.total + 1,
        })
    }
}

impl Sum for Share {
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        shares.fold(Self::default(), |sum, share| Self {
            covered: sum.covered + share.covered,
            total: sum.total + share.total,
        })
    }
}

/// The shares of a file, a package or everything; one without a whole was not measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines that hold code.
    pub lines: Share,
    /// Functions, the instantiations of a generic one counted as one.
    pub functions: Share,
    /// Branches.
    pub branches: Share,
    /// Regions.
    pub regions: Share,
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(totals: I) -> Self {
        totals.fold(Self::default(), |sum, totals| Self {
            lines: [sum.lines, totals.lines].into_iter().sum(),
            functions: [sum.functions, totals.functions].into_iter().sum(),
            branches: [sum.branches, totals.branches].into_iter().sum(),
            regions: [sum.regions, totals.regions].into_iter().sum(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_measured_is_no_percentage() {
        assert_eq!(Share::default().percent(), None);
        assert!(!Share::default().is_measured());
    }

    #[test]
    fn a_share_counts_what_ran() {
        let share: Share = [true, false, true, true].into_iter().collect();
        assert_eq!((share.covered, share.total, share.missed()), (3, 4, 1));
        assert_eq!(share.percent(), Some(75.0));
    }

    #[test]
    fn a_percentage_is_rounded_down_and_a_dash_is_none() {
        let share = |covered, total| Share { covered, total }.to_string();
        assert_eq!(share(9_996, 10_000), "99.9%");
        assert_eq!(share(2, 3), "66.6%");
        assert_eq!(share(0, 3), "0.0%");
        assert_eq!(share(3, 3), "100.0%");
        assert_eq!(share(u64::MAX - 1, u64::MAX), "99.9%");
        assert_eq!(share(4, 3), "100.0%");
        assert_eq!(share(0, 0), "–");
        assert_eq!(format!("{:>6}", Share { covered: 1, total: 2 }), " 50.0%");
    }
}
