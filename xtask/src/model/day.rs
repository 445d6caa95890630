//! A day of the calendar, in UTC.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

/// A day as text, such as `2099-12-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "String", extend("pattern" = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))]
#[serde(try_from = "String", into = "String")]
pub struct Day(NaiveDate);

impl Day {
    /// The day of a time.
    #[must_use]
    pub fn of(time: DateTime<Utc>) -> Self {
        Self(time.date_naive())
    }

    /// How many days it is until another one; less than 0 when that is over.
    #[must_use]
    pub fn days_until(self, other: Self) -> i64 {
        other.0.signed_duration_since(self.0).num_days()
    }
}

impl TryFrom<String> for Day {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let has_form = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !has_form {
            return Err("a day is written as year, month and day: `2099-12-31`");
        }
        text.parse().map(Self).map_err(|_| "there is no such day")
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m-%d"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A day of a text that is one.
    pub(crate) fn day(text: &str) -> Day {
        Day::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn days_are_counted() {
        assert_eq!(day("2098-12-30").days_until(day("2099-01-02")), 3);
        assert_eq!(day("2099-01-02").days_until(day("2099-01-01")), -1);
        assert_eq!(Day::of(DateTime::from_timestamp(86_399, 0).unwrap()).to_string(), "1970-01-01");
    }

    #[test]
    fn what_is_no_day_is_refused() {
        for text in ["", "2099", "2099-02-30", "2099-13-01", "2099-1-1", "31.12.2099", "+099-12-31", "٢٠٩٩-١"]
        {
            assert!(Day::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), digits in "[0-9]{4}-[0-9]{2}-[0-9]{2}") {
            let _ = Day::try_from(text);
            if let Ok(day) = Day::try_from(digits.clone()) {
                prop_assert_eq!(day.to_string(), digits);
            }
        }
    }
}
