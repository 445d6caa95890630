//! What is kept of a release between two tries: which one it is, which bytes, and how far it has come. The world is asked again
//! all the same; what is kept tells whether it has changed meanwhile.

use std::collections::BTreeMap;
use std::fmt;

use semver::Version;
use serde::{Deserialize, Serialize};

use super::steps::StepId;

/// The version of the journal's form.
pub const FORMAT: u32 = 1;

/// A release that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// See [`FORMAT`].
    pub format: u32,
    /// Its version.
    pub version: Version,
    /// Its git tag.
    pub tag: String,
    /// Its commit.
    pub commit: String,
    /// `owner/name` on the forge.
    pub repository: String,
    /// Somebody said that the commit need not have passed.
    #[serde(default)]
    pub is_status_waived: bool,
    /// The digest of each image, by the image's name.
    pub images: BTreeMap<String, String>,
    /// What was proven of each image.
    pub proven: BTreeMap<String, Proven>,
    /// How far each step has come; one that was not begun is not there.
    pub steps: BTreeMap<StepId, State>,
}

/// An image that was looked at and run, and all was well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proven {
    /// Its digest.
    pub digest: String,
    /// Of the settings by which it was judged.
    pub settings: String,
}

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It may have done something.
    Begun,
    /// It has done its part.
    Done,
    /// It has no part in this release.
    Skipped,
}

/// A journal that is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalError {
    /// It is none, or of another version of the toolkit.
    Unreadable(String),
    /// It is of something else.
    Other {
        /// What differs.
        what: &'static str,
        /// What the journal says.
        kept: String,
        /// What is so now.
        now: String,
    },
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(reason) => write!(f, "it cannot be read: {reason}"),
            Self::Other { what, kept, now } => write!(f, "it was begun for {what} {kept}, and this is {now}"),
        }
    }
}

impl std::error::Error for JournalError {}

impl Journal {
    /// A release of which nothing is done.
    #[must_use]
    pub fn new(version: Version, tag: String, commit: String, repository: String) -> Self {
        Self {
            format: FORMAT,
            version,
            tag,
            commit,
            repository,
            is_status_waived: false,
            images: BTreeMap::new(),
            proven: BTreeMap::new(),
            steps: BTreeMap::new(),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// When it is none, or of another format.
    pub fn read(text: &str) -> Result<Self, JournalError> {
        let unreadable = |error: serde_json::Error| JournalError::Unreadable(error.to_string());
        let journal: Self = serde_json::from_str(text).map_err(unreadable)?;
        if journal.format != FORMAT {
            let told = format!("it is of format {}, and this toolkit writes {FORMAT}", journal.format);
            return Err(JournalError::Unreadable(told));
        }
        Ok(journal)
    }

    /// The text of it.
    #[must_use]
    pub fn text(&self) -> String {
        // Maps with text as keys: this cannot fail, and if it did, the text would be refused when it is read.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// It is of the same release: version, commit and repository.
    ///
    /// # Errors
    /// When it is of another one.
    pub fn is_of(&self, now: &Self) -> Result<(), JournalError> {
        let pairs = [
            ("version", self.version.to_string(), now.version.to_string()),
            ("the tag", self.tag.clone(), now.tag.clone()),
            ("commit", self.commit.clone(), now.commit.clone()),
            ("the repository", self.repository.clone(), now.repository.clone()),
        ];
        match pairs.into_iter().find(|(_, kept, now)| kept != now) {
            Some((what, kept, now)) => Err(JournalError::Other { what, kept, now }),
            None => Ok(()),
        }
    }

    /// Somebody may have seen something of it: from then on it is this release and no other.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.steps.iter().any(|(id, state)| *id >= StepId::Promote && *state != State::Skipped)
    }

    /// The first step that is not done.
    #[must_use]
    pub fn open(&self) -> Option<StepId> {
        let is_open = |id: &StepId| matches!(self.steps.get(id), None | Some(State::Begun));
        StepId::ALL.into_iter().find(is_open)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn journal() -> Journal {
        let mut journal =
            Journal::new(Version::new(1, 2, 3), "v1.2.3".into(), "c0ffee".into(), "ada/parcels".into());
        journal.images.insert("app".to_owned(), "sha256:00".to_owned());
        journal
    }

    #[test]
    fn what_is_written_is_read() {
        let mut journal = journal();
        assert_eq!(journal.open(), Some(StepId::Image));
        journal.steps.insert(StepId::Image, State::Done);
        journal.steps.insert(StepId::Version, State::Begun);
        assert_eq!(Journal::read(&journal.text()).unwrap(), journal);
        assert_eq!(journal.open(), Some(StepId::Version));
        let before = journal.text().replace("  \"is_status_waived\": false,\n", "");
        assert!(
            before != journal.text() && Journal::read(&before).unwrap() == journal,
            "one of an earlier toolkit"
        );
        assert!(!journal.is_public());
        // Nobody sees anything of a step that has nothing to do.
        journal.steps.insert(StepId::Promote, State::Skipped);
        assert!(!journal.is_public());
        for id in StepId::ALL {
            journal.steps.insert(id, State::Done);
        }
        assert_eq!(journal.open(), None);
        assert!(journal.is_public());
    }

    #[test]
    fn the_journal_of_another_release_is_refused() {
        let now = Journal { commit: "decaf".to_owned(), ..journal() };
        let error = journal().is_of(&now).unwrap_err().to_string();
        assert_eq!(error, "it was begun for commit c0ffee, and this is decaf");
        assert!(journal().is_of(&Journal { images: BTreeMap::new(), ..journal() }).is_ok());
        let other = journal().text().replace("\"format\": 1", "\"format\": 2");
        assert!(Journal::read(&other).unwrap_err().to_string().contains("format 2"));
        let unknown = journal().text().replace("\"format\"", "\"more\": 1, \"format\"");
        assert!(Journal::read(&unknown).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_a_journal_or_refused(cut in 0_usize..400, text in "\\PC{0,30}") {
            let whole = journal().text();
            let cut: String = whole.chars().take(cut).collect();
            if let Ok(read) = Journal::read(&cut) {
                prop_assert_eq!(read, journal());
            }
            prop_assert!(Journal::read(&text).is_err());
        }
    }
}
