//! The steps of a release as data, in their order.

use super::stop::Stop;
use super::world::World;
use super::{assets, draft, image, promote, proof, publish, tag, version};
use crate::kit::failure::Failure;
use crate::model::release::{Standing, StepId};

/// A step of a release.
pub(super) struct Step {
    pub(super) id: StepId,
    /// How it stands; what must not be is an error.
    pub(super) look: fn(&mut World<'_>) -> Result<Standing, Failure>,
    /// Does what is missing.
    pub(super) act: fn(&mut World<'_>) -> Result<(), Stop>,
}

/// All steps, in their order.
pub(super) const STEPS: [Step; 8] = [
    Step { id: StepId::Image, look: image::look, act: nothing },
    Step { id: StepId::Version, look: version::look, act: nothing },
    Step { id: StepId::Proof, look: proof::look, act: proof::act },
    Step { id: StepId::Promote, look: promote::look, act: promote::act },
    Step { id: StepId::Tag, look: tag::look, act: tag::act },
    Step { id: StepId::Draft, look: draft::look, act: draft::act },
    Step { id: StepId::Assets, look: assets::look, act: assets::act },
    Step { id: StepId::Publish, look: publish::look, act: publish::act },
];

/// Looking is all that there is to it.
#[expect(clippy::unnecessary_wraps, reason = "steps that do something may fail")]
fn nothing(_: &mut World<'_>) -> Result<(), Stop> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_there_once_and_in_its_order() {
        assert_eq!(STEPS.map(|step| step.id), StepId::ALL);
    }
}
