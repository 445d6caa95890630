//! A length of time as people write it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Units from the largest, in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// A year: any clock can still add it to now.
const LONGEST: u64 = 366 * 24 * 3_600_000;

/// A length of time, such as `500ms`, `90s`, `5m` or `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("pattern" = "^[0-9]*[1-9][0-9]*(ms|s|m|h)$")))]
#[serde(try_from = "String", into = "String")]
pub struct TimeSpan(Duration);

impl TimeSpan {
    /// So many seconds.
    pub(super) const fn of_seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// The length; more than nothing, and a year at most.
    #[must_use]
    pub fn get(self) -> Duration {
        self.0
    }
}

impl TryFrom<String> for TimeSpan {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
        let unit = UNITS.iter().find(|(name, _)| *name == unit);
        let Some((_, length)) = unit.filter(|_| !digits.is_empty()) else {
            return Err("a length of time is a whole number with `ms`, `s`, `m` or `h` behind it");
        };
        // Only a number that is too large for the type fails to parse.
        let milliseconds = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(*length));
        match milliseconds {
            Some(0) => Err("a length of time is more than nothing"),
            Some(milliseconds) if milliseconds <= LONGEST => Ok(Self(Duration::from_millis(milliseconds))),
            _ => Err("a length of time is a year at most"),
        }
    }
}

impl fmt::Display for TimeSpan {
    /// In the largest unit that needs no fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        let exact = |(_, length): &&(&str, u64)| milliseconds.is_multiple_of(u128::from(*length));
        let (unit, length) = UNITS.iter().find(exact).unwrap_or(&("ms", 1));
        write!(f, "{}{unit}", milliseconds / u128::from(*length))
    }
}

impl From<TimeSpan> for String {
    fn from(time: TimeSpan) -> Self {
        time.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, &'static str> {
        TimeSpan::try_from(text.to_owned()).map(|time| time.to_string())
    }

    #[test]
    fn is_read_and_shown_in_its_largest_unit() {
        for (text, shown) in [("500ms", "500ms"), ("90s", "90s"), ("60m", "1h"), ("015s", "15s")] {
            assert_eq!(read(text).as_deref(), Ok(shown));
        }
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in ["", "5", "s", "5 m", "-5s", "1.5h", "5d", "0s", "٣s", "9999h", "99999999999999999999s"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn reads_back_what_it_shows(milliseconds in 1..LONGEST) {
            let time = TimeSpan(Duration::from_millis(milliseconds));
            prop_assert_eq!(TimeSpan::try_from(time.to_string()), Ok(time));
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = TimeSpan::try_from(text);
        }
    }
}
