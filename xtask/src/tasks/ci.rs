//! `ci`: the whole pipeline; the other verbs' steps and the repository's own, one plan.

#[cfg(feature = "docker")]
use super::image;
use super::{lint, test};
use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::pipeline::{Session, covered, custom};

/// Runs everything.
///
/// # Errors
/// When nothing could be run at all.
pub fn run(session: &Session, look: Look) -> Result<Exit, Failure> {
    let mut jobs = lint::jobs(session);
    jobs.extend(test::jobs(session, &[]));
    let measuring = session.settings().steps.iter().filter(|custom| !custom.lcov.is_empty());
    if let Some(job) = jobs.iter_mut().find(|job| job.step.id == covered::ID) {
        // What their tracefiles hold belongs to the same numbers.
        job.step.after.extend(measuring.map(custom::id));
    }
    #[cfg(feature = "docker")]
    jobs.extend(image::jobs(session)?);
    jobs.extend(custom::jobs(session));
    crate::pipeline::run::run(session, jobs, look)
}
