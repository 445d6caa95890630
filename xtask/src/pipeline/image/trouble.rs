//! What went wrong with one image, and what a step concludes from all of them.

use crate::kit::failure::Failure;
use crate::model::command::{CommandOutput, End};
use crate::model::facts::Facts;
use crate::model::image::ImageRecord;
use crate::model::step::{Outcome, Status};

/// What went wrong with an image in a step.
#[derive(Clone, Debug)]
pub struct Trouble {
    status: Status,
    reason: String,
    excerpt: String,
    environment: bool,
}

impl Trouble {
    /// It was looked at, and something is wrong.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self { status: Status::Failed, reason: reason.into(), excerpt: String::new(), environment: false }
    }

    /// Nothing could be said.
    pub fn inconclusive(reason: impl Into<String>) -> Self {
        Self { status: Status::Inconclusive, ..Self::failed(reason) }
    }

    /// Somebody wanted an end.
    #[must_use]
    pub fn cancelled() -> Self {
        Self { status: Status::Cancelled, ..Self::failed("interrupted") }
    }

    /// The machine, or a service, did not do its part.
    pub fn environment(reason: impl Into<String>) -> Self {
        Self { environment: true, ..Self::inconclusive(reason) }
    }

    /// The same, with what explains it.
    #[must_use]
    pub fn with_excerpt(mut self, excerpt: impl Into<String>) -> Self {
        self.excerpt = excerpt.into();
        self
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn hint(self, hints: impl IntoIterator<Item = String>) -> Self {
        let hints = hints.into_iter().map(|hint| format!("hint: {hint}"));
        let excerpt = std::iter::once(self.excerpt.clone()).filter(|text| !text.is_empty());
        Self { excerpt: excerpt.chain(hints).collect::<Vec<_>>().join("\n"), ..self }
    }

    /// What went wrong, in a sentence.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// How a command that did not end well is told.
    #[must_use]
    pub fn of_command(what: &str, output: &CommandOutput) -> Self {
        match output.end {
            End::Cancelled => Self::cancelled(),
            end => Self::failed(format!("{what}: {end}")).with_excerpt(output.tail(30)),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        let told = failure.to_string();
        let told = told.strip_prefix("error: ").unwrap_or(&told);
        let (reason, rest) = told.split_once('\n').unwrap_or((told, ""));
        Self::failed(reason).with_excerpt(rest.trim())
    }
}

/// What a step found out about an image, and what went wrong with it.
pub struct Done {
    /// The image's name.
    pub name: String,
    /// What was found out, whether or not something went wrong.
    pub facts: Facts,
    /// What went wrong.
    pub trouble: Option<Trouble>,
}

impl Done {
    /// All went well.
    #[must_use]
    pub fn well(record: ImageRecord) -> Self {
        Self { name: record.name.clone(), facts: Facts::of_images(vec![record]), trouble: None }
    }

    /// Something went wrong.
    #[must_use]
    pub fn badly(record: ImageRecord, trouble: Trouble) -> Self {
        Self { trouble: Some(trouble), ..Self::well(record) }
    }

    /// The same, with sentences for the report.
    #[must_use]
    pub fn noting(mut self, notes: impl IntoIterator<Item = String>) -> Self {
        self.facts.notes.extend(notes);
        self
    }
}

/// The outcome of a step that has done its part for all images: the worst of theirs.
pub(super) fn conclude(all: Vec<Done>) -> Outcome {
    let several = all.len() > 1;
    let mut facts = Facts::default();
    let mut troubles = Vec::new();
    for done in all {
        facts.absorb(done.facts);
        troubles.extend(done.trouble.map(|trouble| (done.name, trouble)));
    }
    let rank = |status: Status| match status {
        Status::Passed | Status::Skipped => 0,
        Status::Inconclusive => 1,
        Status::Failed => 2,
        Status::Cancelled => 3,
    };
    let worst = troubles.iter().map(|(_, trouble)| trouble.status).max_by_key(|status| rank(*status));
    let Some(status) = worst else { return Outcome::new(Status::Passed, facts) };
    let told = |(name, trouble): &(String, Trouble)| {
        if several { format!("{name}: {}", trouble.reason) } else { trouble.reason.clone() }
    };
    let reason = troubles.iter().map(told).collect::<Vec<_>>().join("; ");
    let excerpt: Vec<&str> = troubles.iter().map(|(_, trouble)| trouble.excerpt.as_str()).collect();
    let outcome = Outcome::because(status, reason).with_facts(facts).with_excerpt(excerpt.join("\n"));
    let is_machine = status != Status::Failed && troubles.iter().any(|(_, trouble)| trouble.environment);
    if is_machine { outcome.blame_environment() } else { outcome }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(troubles: Vec<Option<Trouble>>) -> Outcome {
        let done = |(place, trouble): (usize, Option<Trouble>)| Done {
            trouble,
            ..Done::well(ImageRecord::named(format!("image-{place}")))
        };
        conclude(troubles.into_iter().enumerate().map(done).collect())
    }

    #[test]
    fn the_worst_image_decides_and_none_is_left_out() {
        let outcome =
            of(vec![Some(Trouble::environment("no engine")), None, Some(Trouble::failed("too large"))]);
        assert_eq!(outcome.status, Status::Failed);
        assert_eq!(outcome.reason.as_deref(), Some("image-0: no engine; image-2: too large"));
        assert_eq!(outcome.facts.images.len(), 3);
        assert!(!outcome.environment, "something is wrong with the code too");
    }

    #[test]
    fn one_image_alone_is_not_named() {
        let outcome = of(vec![Some(Trouble::environment("no engine").hint(["start it".to_owned()]))]);
        assert_eq!(outcome.reason.as_deref(), Some("no engine"));
        assert_eq!(outcome.excerpt.as_deref(), Some("hint: start it"));
        assert!(outcome.environment && outcome.status == Status::Inconclusive);
        assert_eq!(of(vec![None]).status, Status::Passed);
    }
}
