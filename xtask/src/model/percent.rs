//! A percentage that is required: exact, and compared without floats.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A hundred percent, in thousandths of a percent.
const WHOLE: u32 = 100_000;

/// A number from 0 to 100, in percent, such as `90` or `87.5`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("minimum" = 0, "maximum" = 100)))]
#[serde(try_from = "f64", into = "f64")]
pub struct Percent(u32);

impl Percent {
    /// Nothing: every share has as much.
    pub const NONE: Self = Self(0);
    /// All.
    pub const ALL: Self = Self(WHOLE);

    /// So many of so many, rounded down to a thousandth of a percent; none of nothing.
    #[must_use]
    pub fn of(part: u64, whole: u64) -> Option<Self> {
        let thousandths = (u128::from(part.min(whole)) * u128::from(WHOLE)).checked_div(u128::from(whole))?;
        u32::try_from(thousandths).ok().map(Self)
    }

    /// Thousandths of a percent, at most all.
    #[must_use]
    pub fn from_thousandths(thousandths: u64) -> Self {
        Self(u32::try_from(thousandths).unwrap_or(WHOLE).min(WHOLE))
    }

    /// In thousandths of a percent.
    #[must_use]
    pub fn thousandths(self) -> u32 {
        self.0
    }

    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Less so many percentage points, and not below nothing.
    #[must_use]
    pub fn less(self, points: Self) -> Self {
        Self(self.0.saturating_sub(points.0))
    }

    /// As a difference of two percentages: `0.5 percentage points`.
    #[must_use]
    pub fn points(self) -> String {
        let noun = if self.0 == 1000 { "percentage point" } else { "percentage points" };
        self.to_string().replace('%', noun)
    }

    /// How many parts of a whole are missing for this percentage; none when there are enough.
    #[must_use]
    pub fn missing(self, part: u64, whole: u64) -> u64 {
        let needed = (u128::from(whole) * u128::from(self.0)).div_ceil(u128::from(WHOLE));
        u64::try_from(needed).unwrap_or(u64::MAX).saturating_sub(part)
    }
}

impl TryFrom<f64> for Percent {
    type Error = &'static str;

    fn try_from(percent: f64) -> Result<Self, Self::Error> {
        if !(0.0..=100.0).contains(&percent) {
            return Err("a percentage is a number from 0 to 100");
        }
        let thousandths = percent * 1000.0;
        if (thousandths - thousandths.round()).abs() > 1e-6 {
            return Err("a percentage has three decimal places at most");
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is from 0 to 100,000"
        )]
        let thousandths = thousandths.round() as u32;
        Ok(Self(thousandths))
    }
}

impl From<Percent> for f64 {
    fn from(percent: Percent) -> Self {
        Self::from(percent.0) / 1000.0
    }
}

impl fmt::Display for Percent {
    /// `90 %`, `87.5 %`: as many decimal places as are needed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = format!("{}.{:03}", self.0 / 1000, self.0 % 1000);
        write!(f, "{} %", number.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percent(number: f64) -> Percent {
        Percent::try_from(number).unwrap()
    }

    #[test]
    fn is_shown_with_the_places_that_it_needs() {
        let shown = [90.0, 87.5, 0.0, 100.0, 0.125, 10.0].map(|number| percent(number).to_string());
        assert_eq!(shown, ["90 %", "87.5 %", "0 %", "100 %", "0.125 %", "10 %"]);
    }

    #[test]
    fn a_difference_is_told_in_points() {
        let told = [0.5, 1.0].map(|number| percent(number).points());
        assert_eq!(told, ["0.5 percentage points", "1 percentage point"]);
    }

    #[test]
    fn what_is_no_percentage_is_refused() {
        for wrong in [-0.1, 100.001, f64::NAN, f64::INFINITY, 90.000_4] {
            assert!(Percent::try_from(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_missing_parts_are_counted_up() {
        assert_eq!(percent(90.0).missing(89, 100), 1);
        assert_eq!(percent(90.0).missing(90, 100), 0);
        assert_eq!(percent(66.667).missing(2, 3), 1, "two thirds are a little less");
        assert_eq!(percent(66.666).missing(2, 3), 0);
        assert_eq!(Percent::ALL.missing(0, u64::MAX), u64::MAX);
        assert_eq!(Percent::NONE.missing(0, 9), 0);
    }

    #[test]
    fn a_share_of_nothing_is_no_percentage() {
        assert_eq!(Percent::of(0, 0), None);
        assert_eq!(Percent::of(2, 3), Some(percent(66.666)));
        assert_eq!(Percent::of(u64::MAX, 1), Some(Percent::ALL));
    }

    proptest! {
        #[test]
        fn every_thousandth_reads_back_as_it_was(thousandths in 0_u32..=100_000) {
            let percent = Percent(thousandths);
            let written = serde_json::to_string(&percent).unwrap();
            prop_assert_eq!(serde_json::from_str::<Percent>(&written).unwrap(), percent);
        }

        #[test]
        fn a_share_always_has_its_own_percentage(part: u64, whole: u64) {
            let part = part.min(whole);
            if let Some(percent) = Percent::of(part, whole) {
                prop_assert_eq!(percent.missing(part, whole), 0);
            }
        }
    }
}
