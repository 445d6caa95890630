//! The one way in which a renderer fails: the library that writes the format refuses.

use std::fmt;

/// A report could not be rendered. It names the file and says why; nothing a user did leads here.
#[derive(Debug)]
pub struct RenderError {
    report: &'static str,
    cause: Box<dyn std::error::Error + Send + Sync>,
}

impl RenderError {
    pub(super) fn new(
        report: &'static str,
        cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { report, cause: cause.into() }
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot render {}", self.report)
    }
}

impl std::error::Error for RenderError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause: &(dyn std::error::Error + 'static) = self.cause.as_ref();
        Some(cause)
    }
}
