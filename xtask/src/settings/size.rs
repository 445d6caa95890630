//! A number of bytes as people write it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Units from the largest, in bytes: powers of 1000, as registries and image tools show sizes, and powers of 1024.
const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("GB", 1_000_000_000),
    ("MiB", 1 << 20),
    ("MB", 1_000_000),
    ("KiB", 1 << 10),
    ("kB", 1000),
    ("B", 1),
];

/// A size, such as `200MB`, `64MiB` or `512kB`; `0B` for no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("pattern" = "^[0-9]+(GiB|GB|MiB|MB|KiB|kB|B)$")))]
#[serde(try_from = "String", into = "String")]
pub struct Size(u64);

impl Size {
    /// No limit.
    pub const UNLIMITED: Self = Self(0);

    /// So many bytes.
    pub(super) const fn of_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// The bytes; none when there is no limit.
    #[must_use]
    pub fn limit(self) -> Option<u64> {
        (self.0 > 0).then_some(self.0)
    }
}

impl TryFrom<String> for Size {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
        let unit = UNITS.iter().find(|(name, _)| *name == unit);
        let Some((_, length)) = unit.filter(|_| !digits.is_empty()) else {
            return Err(
                "a size is a whole number with `B`, `kB`, `MB`, `GB`, `KiB`, `MiB` or `GiB` behind it",
            );
        };
        let bytes = digits.parse::<u64>().ok().and_then(|count| count.checked_mul(*length));
        bytes.map(Self).ok_or("no image is so large")
    }
}

impl fmt::Display for Size {
    /// In the largest unit that needs no fraction.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = |(_, length): &&(&str, u64)| self.0 > 0 && self.0.is_multiple_of(*length);
        let (unit, length) = UNITS.iter().find(exact).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / length)
    }
}

impl From<Size> for String {
    fn from(size: Size) -> Self {
        size.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_read_and_shown_in_its_largest_unit() {
        let read = |text: &str| Size::try_from(text.to_owned()).map(|size| size.to_string());
        for (text, shown) in
            [("200MB", "200MB"), ("1024KiB", "1MiB"), ("0B", "0B"), ("0MB", "0B"), ("3000000B", "3MB")]
        {
            assert_eq!(read(text).as_deref(), Ok(shown));
        }
        for bad in ["", "MB", "3", "3mb", "1.5MB", "-1B", "99999999999GiB"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
