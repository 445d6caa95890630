//! Why GitHub gives an App no token.

use std::fmt;

/// Why GitHub gives an App no token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// GitHub's clock and ours differ by more than a minute.
    Clock,
    /// The key is not one of this App.
    Key,
    /// It is not installed in this repository.
    NotInstalled(String),
    /// The installation that is named is not one of this App.
    NoSuchInstallation,
    /// It was not given the rights, or not for this repository.
    Rights,
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clock => f.write_str("GitHub's clock and this machine's differ"),
            Self::Key => f.write_str("GitHub does not know its key"),
            Self::NotInstalled(repository) => write!(f, "it is not installed in {repository}"),
            Self::NoSuchInstallation => f.write_str("it has no such installation"),
            Self::Rights => f.write_str("it was not given these rights, or not for this repository"),
        }
    }
}

impl WhyNot {
    /// What to do next.
    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::Clock => "set the clock of this machine: a token may be dated at most a minute ahead",
            Self::Key => {
                "look whether SLIPWAY_GITHUB_APP_ID and the key are of the same App, and whether the key was removed there"
            }
            Self::NotInstalled(_) => {
                "install it: the App's page, \"Install App\", and choose this repository"
            }
            Self::NoSuchInstallation => "unset SLIPWAY_GITHUB_APP_INSTALLATION_ID: it is looked up then",
            Self::Rights => {
                "give the App its rights (docs/login.md lists them), and let the owner accept them"
            }
        }
    }
}
