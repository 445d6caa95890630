//! What a builder gives, whichever it is.

use slipway_image::layout::Image;

/// An image that was just built.
pub(super) struct Fresh {
    /// The image, as it lies in the layout.
    pub image: Image,
    /// What built it.
    pub builder: String,
    /// How long that took, in milliseconds, without compiling.
    pub duration_ms: Option<u64>,
    /// What would keep the program that was put into it from starting, in one sentence each.
    pub problems: Vec<String>,
    /// Sentences for the report.
    pub notes: Vec<String>,
}
