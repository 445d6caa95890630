//! A file as it should be, and what that means for the file that is there.

use super::addition::{Addition, CannotAdd};

/// A file that a repository should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Below the root of the repository, with `/`.
    pub path: String,
    /// What it should hold.
    pub body: Body,
}

/// What a file should hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Exactly this.
    Whole(String),
    /// This to begin with; from then on it is the repository's own.
    Start(String),
    /// What is there, and this as well.
    Addition(Addition),
}

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is not there, and gets this text.
    New(String),
    /// It gets this text, in which all that was there stays.
    Extended(String),
    /// It is as it should be.
    Same,
    /// It is there, and the repository's own.
    Own,
    /// It holds something else than this, and stays.
    Differs(String),
    /// It stays, as nothing can be added to it.
    Unfit(CannotAdd),
}

impl Draft {
    /// What becomes of the file with this text, or of one that is not there.
    #[must_use]
    pub fn change(&self, there: Option<&str>) -> Change {
        match (&self.body, there) {
            (Body::Whole(text) | Body::Start(text), None) => Change::New(text.clone()),
            (Body::Whole(text) | Body::Start(text), Some(there)) if text == there => Change::Same,
            (Body::Whole(text), Some(_)) => Change::Differs(text.clone()),
            (Body::Start(_), Some(_)) => Change::Own,
            (Body::Addition(addition), there) => match (addition.to(there.unwrap_or_default()), there) {
                (Ok(text), None) => Change::New(text),
                (Ok(text), Some(there)) if text == there => Change::Same,
                (Ok(text), Some(_)) => Change::Extended(text),
                (Err(error), _) => Change::Unfit(error),
            },
        }
    }
}

impl Change {
    /// The text that is to be written.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::New(text) | Self::Extended(text) => Some(text),
            _ => None,
        }
    }

    /// The text that the file would need to be as it should be; none where it is, or nobody can say.
    #[must_use]
    pub fn wanted(&self) -> Option<&str> {
        match self {
            Self::Differs(text) => Some(text),
            _ => self.text(),
        }
    }

    /// Somebody has to look at it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Differs(_) | Self::Unfit(_))
    }

    /// In a word, for programs and tables.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::New(_) => "new",
            Self::Extended(_) => "extended",
            Self::Same => "same",
            Self::Own => "own",
            Self::Differs(_) => "differs",
            Self::Unfit(_) => "unfit",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(body: Body) -> Draft {
        Draft { path: "a".to_owned(), body }
    }

    #[test]
    fn a_whole_file_is_written_once_and_never_over_another() {
        let draft = draft(Body::Whole("x\n".to_owned()));
        assert_eq!(draft.change(None), Change::New("x\n".to_owned()));
        assert_eq!(draft.change(Some("x\n")), Change::Same);
        let differs = draft.change(Some("y\n"));
        assert_eq!((differs.text(), differs.wanted(), differs.is_open()), (None, Some("x\n"), true));
    }

    #[test]
    fn what_was_begun_belongs_to_the_repository() {
        let draft = draft(Body::Start("x\n".to_owned()));
        assert_eq!(draft.change(None).text(), Some("x\n"));
        let own = draft.change(Some("y\n"));
        assert_eq!((own.wanted(), own.is_open()), (None, false));
    }

    #[test]
    fn additions_join_or_are_told() {
        let draft = draft(Body::Addition(Addition::Alias("xtask")));
        assert!(matches!(draft.change(None), Change::New(_)));
        let extended = draft.change(Some("[build]\n"));
        assert!(matches!(&extended, Change::Extended(text) if text.starts_with("[build]\n")));
        assert_eq!(draft.change(extended.text()), Change::Same);
        assert!(draft.change(Some("[")).is_open());
    }
}
