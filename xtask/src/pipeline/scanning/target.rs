//! What is handed to a scan, and whether it goes on.

use crate::tools::trivy::Source;

/// An image to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in the settings.
    pub image: String,
    /// Where it is; none when there is only a bill of materials.
    pub source: Option<Source>,
    /// Its bill of materials, as CycloneDX: a file, relative to the workspace root.
    pub sbom: Option<String>,
}

/// Whether a scan goes on after a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GoesOn {
    /// It does.
    Yes,
    /// Somebody wants an end.
    No,
}
