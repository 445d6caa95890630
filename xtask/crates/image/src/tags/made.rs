//! Texts on the way to a tag, and what they were made of.

/// What a text was made of. The greatest counts: a branch and a commit together are as good as the branch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Origin {
    /// The settings alone, and clocks.
    #[default]
    Settings,
    /// The branch that it is for, which many references share.
    Base,
    /// The commit.
    Commit,
    /// The reference: its branch, tag or number.
    Reference,
}

/// A text, and what it was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) text: String,
    pub(super) origin: Origin,
    /// A name of git is in it that would look like another one as a tag.
    pub(super) is_lossy: bool,
}

impl Made {
    pub(super) fn of(text: impl Into<String>, origin: Origin) -> Self {
        let text = text.into();
        // What the settings say is the same text for everybody: nothing of it can be confused.
        let is_lossy = origin != Origin::Settings && !keeps_apart(&text);
        Self { text, origin, is_lossy }
    }

    /// Puts a text behind this one.
    pub(super) fn push(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.origin = self.origin.max(other.origin);
        self.is_lossy |= other.is_lossy;
    }

    /// Both texts, one behind the other.
    pub(super) fn then(mut self, other: &Self) -> Self {
        self.push(other);
        self
    }
}

/// Whether a tag may have this letter, not minding the first place.
pub(super) const fn is_legal(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-')
}

/// Whether each run of letters that no tag has is one `/` or `+`: those are in everyday names, `feature/x` and
/// `1.2.3+4`.
fn keeps_apart(text: &str) -> bool {
    let mut runs = text.split(is_legal).filter(|run| !run.is_empty());
    runs.all(|run| run == "/" || run == "+")
}
