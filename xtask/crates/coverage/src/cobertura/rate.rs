//! Shares as the decimals and percentages of Cobertura.

use std::fmt;

use crate::model::{Share, Totals};

/// A decimal with four places, cut off: only a whole is `1.0000`.
pub(super) struct Rate(pub(super) Share);

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = of(self.0, 10_000);
        write!(out, "{}.{:04}", parts / 10_000, parts % 10_000)
    }
}

/// A whole percentage, cut off.
pub(super) struct Percent(pub(super) Share);

impl fmt::Display for Percent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}%", of(self.0, 100))
    }
}

fn of(share: Share, parts: u128) -> u128 {
    (u128::from(share.covered) * parts).checked_div(u128::from(share.total)).unwrap_or_default()
}

/// The rates that coverage, packages and classes have alike, as attributes.
pub(super) struct Rates(pub(super) Totals);

impl fmt::Display for Rates {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { lines, branches, .. } = self.0;
        write!(out, r#" line-rate="{}" branch-rate="{}" complexity="0""#, Rate(lines), Rate(branches))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_is_one() {
        let rate = |covered, total| Rate(Share { covered, total }).to_string();
        assert_eq!([rate(3, 3), rate(2, 3), rate(99_999, 100_000)], ["1.0000", "0.6666", "0.9999"]);
        assert_eq!([rate(0, 3), rate(0, 0), rate(u64::MAX, u64::MAX)], ["0.0000", "0.0000", "1.0000"]);
        assert_eq!(Percent(Share { covered: 199, total: 200 }).to_string(), "99%");
    }
}
