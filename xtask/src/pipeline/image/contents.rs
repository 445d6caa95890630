//! What is in an image, as the record keeps it.

use slipway_image::Reference;
use slipway_image::inspect::Facts;
use slipway_image::layer::cache::Cache;
use slipway_image::layout::{Image, Layout, REF_NAME};
use slipway_image::view::View;

use super::stock::Stock;
use super::trouble::Trouble;
use crate::kit::failure::Failure;
use crate::model::image::{Contents, LayerRecord};
use crate::pipeline::Session;
use crate::tools::files::TemporaryFolder;

/// All that a container of an image would see.
pub(super) fn view(stock: &Stock<'_>, layout: &Layout, image: &Image) -> Result<View, Trouble> {
    let cache = Cache::new(&stock.folder("cache"));
    View::open(layout.blobs(), image, Some(&cache)).map_err(|error| Trouble::failed(error.to_string()))
}

/// The facts as the record keeps them.
pub(super) fn record(facts: &Facts) -> Contents {
    Contents {
        size: facts.packed,
        unpacked: facts.unpacked,
        layers: facts
            .layers
            .iter()
            .map(|layer| LayerRecord {
                digest: layer.digest.to_string(),
                size: layer.size,
                unpacked: Some(layer.unpacked),
                made_by: layer.created_by.clone().unwrap_or_default(),
            })
            .collect(),
        wasted: facts.wasted,
        user: facts.user.clone(),
        entrypoint: facts.entrypoint.clone(),
        args: facts.cmd.clone(),
        ports: facts.ports.clone(),
        files: facts.files as u64,
        before: None,
    }
}

/// The facts of an image in a registry, or of each that was built last, by name.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn facts(session: &Session, reference: Option<&Reference>) -> Result<Vec<(String, Facts)>, Failure> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::environment(error.to_string());
    let cache = Cache::new(&session.workspace.target_directory.join("slipway/image/cache"));
    let of = |layout: &Layout, image: &Image| {
        let view = View::open(layout.blobs(), image, Some(&cache)).map_err(|error| unreadable(&error))?;
        Ok::<_, Failure>(Facts::of(image, &view))
    };
    if let Some(reference) = reference {
        let folder = TemporaryFolder::new().map_err(|error| unreadable(&error))?;
        let layout = Layout::create(folder.path()).map_err(|error| unreadable(&error))?;
        let image = super::registry::fetch(session, reference, &layout)?;
        return Ok(vec![(reference.to_string(), of(&layout, &image)?)]);
    }
    let none = || {
        Failure::usage("no image was built here")
            .hint("build them with `cargo xtask image build`, or name one")
    };
    let layout = Layout::open(&session.reports.join("image")).map_err(|_| none())?;
    let index = layout.index().map_err(|error| unreadable(&error))?;
    // A build that came to nothing leaves an empty layout.
    if index.manifests.is_empty() {
        return Err(none());
    }
    let named = index.manifests.iter().map(|descriptor| {
        let name = descriptor.annotations.get(REF_NAME).cloned().unwrap_or_default();
        let image = layout.image_of(descriptor.clone()).map_err(|error| unreadable(&error))?;
        Ok((name, of(&layout, &image)?))
    });
    named.collect()
}
