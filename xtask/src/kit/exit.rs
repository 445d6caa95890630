//! Exit codes: the same for each verb, part of the public interface.

use std::process::ExitCode;

/// How the process ends. The numbers are documented in README and never change meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: pass, or a failing verdict in `report-only`.
    Pass,
    /// 1: a failing or inconclusive verdict in `block`.
    Verdict,
    /// 2: a usage or settings error: nothing was run.
    Usage,
    /// 3: the environment failed: a needed tool is missing, a disk is full, there is no network.
    Environment,
    /// 130: interrupted by Ctrl-C or SIGTERM.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Verdict => 1,
            Self::Usage => 2,
            Self::Environment => 3,
            Self::Interrupted => 130,
        }
    }
}

impl Exit {
    /// The one with this number; an unknown number is a failure of the environment.
    #[must_use]
    pub fn of(code: u8) -> Self {
        [Self::Pass, Self::Verdict, Self::Usage, Self::Environment, Self::Interrupted]
            .into_iter()
            .find(|exit| exit.code() == code)
            .unwrap_or(Self::Environment)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
