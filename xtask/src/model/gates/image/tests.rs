//! What the tests of these gates share.

use super::*;
use crate::model::facts::Facts;
use crate::model::gate::Mode;
use crate::model::gates::outcome::tests::step;
use crate::model::image::{Pulled, Pushed};
use crate::model::step::Outcome;

pub(crate) fn built(digest: &str) -> ImageRecord {
    ImageRecord { digest: Some(digest.to_owned()), ..ImageRecord::named("app") }
}

pub(crate) fn pushed(digest: &str) -> ImageRecord {
    let pushed = Pushed { digest: digest.to_owned(), ..Pushed::default() };
    ImageRecord { pushed: Some(pushed), ..ImageRecord::named("app") }
}

pub(crate) fn pulled(digest: &str) -> ImageRecord {
    let pulled = Pulled { digest: digest.to_owned(), ..Pulled::default() };
    ImageRecord { pulled: Some(pulled), ..ImageRecord::named("app") }
}

/// A step that passed and brought back these images.
pub(crate) fn ended(images: Vec<ImageRecord>) -> Outcome {
    Outcome::new(Status::Passed, Facts::of_images(images))
}

/// A step that passed and brought back these checks.
pub(crate) fn checked(cases: Vec<TestCase>) -> Outcome {
    Outcome::new(Status::Passed, Facts::of_tests(cases))
}

pub(crate) fn judged(
    judge: impl FnOnce(Look<'_>) -> Gate,
    outcome: &Outcome,
    earlier: &[ImageRecord],
) -> Gate {
    let step = step("image.any");
    judge(Look { measured: Measured { step: &step, outcome, mode: Mode::Block }, earlier })
}
