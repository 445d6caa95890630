//! A step with its work.

use crate::engine::Work;
use crate::model::step::Step;

/// A step and what to do for it; no work when the step is skipped.
pub struct Job<'a> {
    /// The step.
    pub step: Step,
    /// What to do.
    pub work: Option<Work<'a>>,
}
