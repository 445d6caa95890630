//! `image.json`: the images of a run for scripts, without the rest of the record.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::image::ImageRecord;
use crate::model::record::RunRecord;
use crate::report::{RenderError, images};

/// The version of the shape.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    images: Vec<Image<'a>>,
}

#[derive(Serialize)]
struct Image<'a> {
    name: &'a str,
    repository: Option<&'a str>,
    /// By digest; null when it is in no registry, so that nobody deploys what cannot be pulled.
    reference: Option<String>,
    digest: Option<&'a str>,
    /// Full references.
    tags: Vec<String>,
    labels: &'a BTreeMap<String, String>,
    platform: Option<&'a str>,
    /// Bytes, as it is pulled.
    size: Option<u64>,
    files: &'a [String],
}

/// The images as pretty JSON with a line feed at its end: name, reference by digest, tags as full references, labels, size.
///
/// # Errors
/// When it cannot be written as JSON; it has no map with keys that are not text, so it always can.
pub fn image_json(record: &RunRecord) -> Result<String, RenderError> {
    let document = Document { version: VERSION, images: record.images.iter().map(image).collect() };
    let text =
        serde_json::to_string_pretty(&document).map_err(|cause| RenderError::new("image.json", cause))?;
    Ok(text + "\n")
}

fn image(image: &ImageRecord) -> Image<'_> {
    Image {
        name: &image.name,
        repository: image.repository.as_deref(),
        reference: images::published(image),
        digest: image.digest.as_deref(),
        tags: images::references(image),
        labels: &image.labels,
        platform: image.platform.as_deref(),
        size: image.contents.as_ref().map(|contents| contents.size),
        files: &image.files,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::sample;

    #[test]
    fn a_script_finds_what_to_deploy() {
        let text = image_json(&sample()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let (first, second) = (&value["images"][0], &value["images"][1]);
        assert_eq!(first["reference"], sample().images[0].pinned().unwrap());
        assert_eq!(first["tags"][0], "ghcr.io/acme/widgets:pr-12");
        assert_eq!((&first["size"], &value["version"]), (&17_300_000.into(), &1.into()));
        assert_eq!(first["labels"]["org.opencontainers.image.title"], "widgets");
        assert!(second["reference"].is_null() && second["digest"].is_string(), "it was not pushed");
        assert!(text.ends_with("}\n"));
    }
}
