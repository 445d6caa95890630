//! What counts as good and as poor, for colours only: a gate judges, a colour hints.

use crate::Share;

/// Where a share is good and where it is poor, in percent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Good from here on.
    pub good: f64,
    /// Poor below this.
    pub poor: f64,
}

/// How a share looks on a [`Scale`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// At or above what is good.
    Good,
    /// Neither good nor poor.
    Fair,
    /// Below what is poor.
    Poor,
    /// Nothing was measured.
    Unmeasured,
}

impl Default for Scale {
    /// Good from 90 %, poor below 75 %.
    fn default() -> Self {
        Self { good: 90.0, poor: 75.0 }
    }
}

impl Scale {
    /// How a share looks. One that is both good and poor, on a scale the wrong way round, is good.
    #[must_use]
    pub fn tone(&self, share: Share) -> Tone {
        match share.percent() {
            None => Tone::Unmeasured,
            Some(percent) if percent >= self.good => Tone::Good,
            Some(percent) if percent < self.poor => Tone::Poor,
            Some(_) => Tone::Fair,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_belongs_to_the_better_side() {
        let tone = |covered, total| Scale::default().tone(Share { covered, total });
        assert_eq!([tone(90, 100), tone(89, 100)], [Tone::Good, Tone::Fair]);
        assert_eq!([tone(75, 100), tone(74, 100)], [Tone::Fair, Tone::Poor]);
        assert_eq!(tone(0, 0), Tone::Unmeasured);
    }
}
