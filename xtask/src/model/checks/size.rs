//! How large an image may be, as it is pulled: in all, each layer, against the image before, and what it wastes.

use std::fmt;

use super::{Found, Suite};
use crate::kit::text::bytes;
use crate::model::image::Contents;
use crate::model::test::TestCase;

/// The kind of these checks, and the last word of their suite.
pub const KIND: &str = "size";

/// The most that is allowed, in bytes; none for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// All layers together.
    pub total: Option<u64>,
    /// Each layer.
    pub layer: Option<u64>,
    /// More than the image before had.
    pub growth: Option<u64>,
    /// Files that a later layer replaces or removes.
    pub wasted: Option<u64>,
}

/// Why something was not measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmeasured {
    /// No layer was seen: every limit would hold.
    NothingSeen,
    /// There is no earlier image, as at the first push.
    NothingBefore,
}

impl fmt::Display for Unmeasured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingSeen => "no layer of it was seen",
            Self::NothingBefore => "there is no earlier image to compare it with",
        })
    }
}

/// One limit of a budget against what was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The assertion in words: `is at most 20 MB`.
    pub name: String,
    /// The same, as what is required of all images: `at most 20 MB`.
    pub required: String,
    /// What is allowed, in bytes.
    pub allowed: u64,
    /// What was measured, in bytes, or why nothing was.
    pub measured: Result<u64, Unmeasured>,
    /// What was measured, in words: `layer 2 (COPY app)`.
    what: String,
    /// How to get below it.
    remedy: &'static str,
}

impl Limit {
    /// Bytes above what is allowed; 0 when it holds or was not measured.
    #[must_use]
    pub fn excess(&self) -> u64 {
        self.measured.as_ref().map_or(0, |measured| measured.saturating_sub(self.allowed))
    }

    fn found(&self) -> Found {
        match &self.measured {
            Err(why) => Found::NotLookedAt(why.to_string()),
            Ok(measured) => Found::holds_when(self.excess() == 0, || {
                let (measured, allowed, gap) = (bytes(*measured), bytes(self.allowed), bytes(self.excess()));
                format!("{} {measured}, {gap} more than {allowed}; {}", self.what, self.remedy)
            }),
        }
    }
}

impl Budget {
    /// Whether it asks for nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Each limit that is set, held against an image.
    #[must_use]
    pub fn limits(&self, contents: &Contents) -> Vec<Limit> {
        let total = |allowed| Limit {
            name: format!("is at most {}", bytes(allowed)),
            required: format!("at most {}", bytes(allowed)),
            allowed,
            measured: seen(contents).map(|()| contents.size),
            what: "the image has".to_owned(),
            remedy: "leave out what is not needed to run it, or raise `image.size.max`",
        };
        let largest = contents.layers.iter().enumerate().max_by_key(|(_, layer)| layer.size);
        let layer = |allowed| Limit {
            name: format!("no layer is larger than {}", bytes(allowed)),
            required: format!("no layer above {}", bytes(allowed)),
            allowed,
            measured: seen(contents).map(|()| largest.map_or(0, |(_, layer)| layer.size)),
            what: largest.map_or_else(String::new, |(place, layer)| {
                let made_by = layer.made_by.trim();
                let made_by = if made_by.is_empty() { String::new() } else { format!(" ({made_by})") };
                format!("layer {} of {}{made_by} has", place + 1, contents.layers.len())
            }),
            remedy: "split it or make it smaller, or raise `image.size.layer-max`",
        };
        let growth = |allowed| Limit {
            name: format!("grew by at most {}", bytes(allowed)),
            required: format!("growth of at most {}", bytes(allowed)),
            allowed,
            measured: seen(contents).and_then(|()| {
                let before = contents.before.ok_or(Unmeasured::NothingBefore)?;
                Ok(contents.size.saturating_sub(before))
            }),
            what: contents.before.map_or_else(String::new, |before| {
                let (now, before) = (bytes(contents.size), bytes(before));
                format!("the image has {now}, and had {before} before: it grew by")
            }),
            remedy: "look at what is new in its layers, or raise `image.size.growth-max`",
        };
        let wasted = |allowed| Limit {
            name: format!("wastes at most {}", bytes(allowed)),
            required: format!("at most {} wasted", bytes(allowed)),
            allowed,
            measured: seen(contents).map(|()| contents.wasted),
            what: "files that a later layer replaces or removes have".to_owned(),
            remedy: "make and remove them in the same layer, or raise `image.size.wasted-max`",
        };
        let limits =
            [self.total.map(total), self.layer.map(layer), self.growth.map(growth), self.wasted.map(wasted)];
        limits.into_iter().flatten().collect()
    }
}

fn seen(contents: &Contents) -> Result<(), Unmeasured> {
    if contents.layers.is_empty() { Err(Unmeasured::NothingSeen) } else { Ok(()) }
}

/// A check for each limit that is set, of the image of this name.
#[must_use]
pub fn check(image: &str, contents: &Contents, budget: &Budget) -> Vec<TestCase> {
    let suite = Suite::new(image, KIND);
    budget.limits(contents).iter().map(|limit| suite.check(&limit.name, limit.found())).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::checks::tests::{message, told};
    use crate::model::image::LayerRecord;

    pub(crate) fn contents() -> Contents {
        let layer =
            |size, made_by: &str| LayerRecord { size, made_by: made_by.to_owned(), ..LayerRecord::default() };
        Contents {
            size: 17_300_000,
            layers: vec![layer(2_300_000, "shared libraries"), layer(15_000_000, "COPY app /app/app")],
            wasted: 40_000,
            before: Some(16_100_000),
            ..Contents::default()
        }
    }

    const WIDE: Budget = Budget {
        total: Some(20_000_000),
        layer: Some(15_000_000),
        growth: Some(1_500_000),
        wasted: Some(40_000),
    };

    #[test]
    fn what_is_within_its_limits_holds_up_to_the_last_byte() {
        let held = [
            "+ is at most 20 MB",
            "+ no layer is larger than 15 MB",
            "+ grew by at most 1.5 MB",
            "+ wastes at most 40 kB",
        ];
        assert_eq!(told(&check("app", &contents(), &WIDE)), held);
        assert_eq!(check("app", &contents(), &Budget::default()), []);
    }

    #[test]
    fn each_limit_is_broken_by_a_byte_and_says_how_to_mend_it() {
        let one_less = |limit: u64| Some(limit - 1);
        let narrow = Budget {
            total: one_less(17_300_000),
            layer: one_less(15_000_000),
            growth: one_less(1_200_000),
            wasted: one_less(40_000),
        };
        let cases = check("app", &contents(), &narrow);
        assert!(told(&cases).iter().all(|case| case.starts_with('-')), "{cases:?}");
        let messages: Vec<&str> = cases.iter().filter_map(|case| case.message.as_deref()).collect();
        assert_eq!(
            messages,
            [
                "the image has 17.3 MB, 1 B more than 17.3 MB; leave out what is not needed to run it, or raise `image.size.max`",
                "layer 2 of 2 (COPY app /app/app) has 15 MB, 1 B more than 15.0 MB; split it or make it smaller, or raise `image.size.layer-max`",
                "the image has 17.3 MB, and had 16.1 MB before: it grew by 1.2 MB, 1 B more than 1.2 MB; look at what is new in its layers, or raise `image.size.growth-max`",
                "files that a later layer replaces or removes have 40 kB, 1 B more than 40.0 kB; make and remove them in the same layer, or raise `image.size.wasted-max`",
            ]
        );
    }

    #[test]
    fn an_image_that_shrank_did_not_grow() {
        let smaller = Contents { before: Some(90_000_000), ..contents() };
        let budget = Budget { growth: Some(1), ..Budget::default() };
        assert_eq!(told(&check("app", &smaller, &budget)), ["+ grew by at most 1 B"]);
    }

    #[test]
    fn what_nobody_measured_is_not_green() {
        let first = Contents { before: None, ..contents() };
        let cases = check("app", &first, &WIDE);
        assert_eq!(told(&cases)[2], "? grew by at most 1.5 MB");
        assert_eq!(message(&cases, "grew by at most 1.5 MB"), "there is no earlier image to compare it with");
        let nothing = check("app", &Contents::default(), &WIDE);
        assert!(told(&nothing).iter().all(|case| case.starts_with('?')), "{nothing:?}");
    }
}
