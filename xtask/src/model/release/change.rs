//! One change, as notes tell it.

/// A change that a commit made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its commit.
    pub sha: String,
    /// What kind of change it is.
    pub kind: Kind,
    /// The part that it is about.
    pub scope: Option<String>,
    /// What it does, in one line.
    pub text: String,
    /// Why users have to change something, when they have to.
    pub breaking: Option<String>,
    /// The pull request that brought it, when its title says so.
    pub pull_request: Option<u64>,
}

/// The kind of a change. The order is that of notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Something new.
    Feature,
    /// Something wrong that is right now.
    Fix,
    /// The same, faster.
    Performance,
    /// Something is as it was before.
    Revert,
    /// It does not say what it is, or in a word that nobody knows.
    Other,
    /// Words for people.
    Documentation,
    /// Of interest to who works on it: builds, tests, style, tidying.
    Internal,
}

impl Kind {
    /// The kind of a type. The specification knows `feat` and `fix`; the others are those of commitlint's convention.
    #[must_use]
    pub fn of(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "feat" | "feature" => Self::Feature,
            "fix" => Self::Fix,
            "perf" => Self::Performance,
            "revert" => Self::Revert,
            "docs" | "doc" => Self::Documentation,
            "build" | "chore" | "ci" | "refactor" | "style" | "test" | "tests" => Self::Internal,
            _ => Self::Other,
        }
    }

    /// The heading above changes of this kind.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::Feature => "Features",
            Self::Fix => "Fixes",
            Self::Performance => "Performance",
            Self::Revert => "Taken back",
            Self::Other => "Other changes",
            Self::Documentation => "Documentation",
            Self::Internal => "Internal",
        }
    }
}
