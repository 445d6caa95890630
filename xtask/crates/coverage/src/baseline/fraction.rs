//! A share as text: `9/10`.

use serde::{Deserialize, Serialize};

use crate::Share;

/// A share that is written as `covered/total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Fraction(pub(super) Share);

impl TryFrom<String> for Fraction {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let read = || {
            let (covered, total) = text.split_once('/')?;
            let share = Share { covered: covered.parse().ok()?, total: total.parse().ok()? };
            (share.covered <= share.total).then_some(Self(share))
        };
        read().ok_or_else(|| format!("{text:?} is no share such as \"9/10\""))
    }
}

impl From<Fraction> for String {
    fn from(Fraction(share): Fraction) -> Self {
        format!("{}/{}", share.covered, share.total)
    }
}
