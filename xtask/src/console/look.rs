//! How a run is shown: to whom, on what, and how much of it.

/// What to show, and on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// For people or for programs.
    pub format: Format,
    /// Standard error is a terminal that can be redrawn.
    pub terminal: bool,
    /// Colours may be used.
    pub colour: bool,
    /// GitHub Actions reads along.
    pub actions: bool,
    /// How much.
    pub detail: Detail,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text.
    Human,
    /// A JSON object a line, on standard output.
    Json,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Failures and the verdict.
    Quiet,
    /// Each step.
    Normal,
    /// Each line that a step prints.
    Verbose,
}

impl Look {
    /// Whether a program reads our standard output.
    #[must_use]
    pub fn is_for_programs(self) -> bool {
        self.format == Format::Json
    }
}
