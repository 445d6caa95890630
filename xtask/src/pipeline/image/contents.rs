//! What is in an image, as the record keeps it.

use slipway_image::inspect::Facts;
use slipway_image::layer::cache::Cache;
use slipway_image::layout::{Image, Layout};
use slipway_image::view::View;

use super::stock::Stock;
use super::trouble::Trouble;
use crate::model::image::{Contents, LayerRecord};

/// Reads an image of a layout.
pub(super) fn of(stock: &Stock<'_>, layout: &Layout, image: &Image) -> Result<Contents, Trouble> {
    let view = view(stock, layout, image)?;
    Ok(record(&Facts::of(image, &view)))
}

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
