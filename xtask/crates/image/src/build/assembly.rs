//! Layers as they are put one over the other.

use super::{Base, BuildError, Recipe, config};
use crate::digest::Digest;
use crate::layer::cache::Cache;
use crate::layer::{Contents, Data, Layer};
use crate::layout::{Image, Layout};
use crate::oci::{Descriptor, History, ImageConfig, Manifest, media};
use crate::view::{Kind, Scan, View, read_layer, read_layers};

/// The time of all files, seconds since 1970. It is no time of a commit: layers of which nothing else changed stay as they are.
const FILE_TIME: u64 = 0;

/// An image that is being made.
pub(super) struct Assembly<'a> {
    layout: &'a Layout,
    cache: Option<&'a Cache>,
    recipe: &'a Recipe<'a>,
    created: String,
    layers: Vec<(Descriptor, Digest)>,
    scans: Vec<Scan>,
    view: View,
    config: ImageConfig,
}

impl<'a> Assembly<'a> {
    /// Begins with the layers of the base, which are taken over into the layout.
    pub(super) fn begin(
        recipe: &'a Recipe<'a>,
        layout: &'a Layout,
        cache: Option<&'a Cache>,
    ) -> Result<Self, BuildError> {
        let blobs = layout.blobs();
        let created = config::date(recipe.epoch)?;
        let config = config::begin(recipe, &created)?;
        let (mut layers, mut scans) = (Vec::new(), Vec::new());
        if let Base::Image { layout: from, image } = &recipe.base {
            for (layer, diff_id) in image.manifest.layers.iter().zip(&image.config.rootfs.diff_ids) {
                blobs.copy(from.blobs(), &layer.digest, layer.size)?;
                layers.push((config::in_oci_words(layer), diff_id.clone()));
            }
            scans = read_layers(blobs, &layers, cache)?;
        }
        let view = View::merge(blobs, layers.clone(), scans.clone())?;
        Ok(Self { layout, cache, recipe, created, layers, scans, view, config })
    }

    /// Puts a layer on top. Paths that go through links of lower layers are written where these lead, as a folder of the same
    /// name would hide the link; folders that are there already keep their permissions. Without contents nothing is done.
    pub(super) fn add(&mut self, contents: &Contents, what: &str) -> Result<(), BuildError> {
        if contents.is_empty() {
            return Ok(());
        }
        let view = &self.view;
        let is_folder = |path: &str| view.get(path).is_some_and(|node| node.entry.kind == Kind::Folder);
        let mut placed = Contents::default();
        for (path, item) in contents.items() {
            let place = view.place(path).unwrap_or_else(|| path.to_owned());
            if item.data != Data::Folder || item.mode != 0o755 || !is_folder(&place) {
                placed.add(&place, item.clone())?;
            }
        }
        placed.add_parents(is_folder);
        placed.hold()?;
        let (level, blobs) = (self.recipe.level, self.layout.blobs());
        let Layer { descriptor, diff_id, unpacked } = match self.cache {
            Some(cache) => cache.pack(&placed, FILE_TIME, level, blobs)?,
            None => placed.pack(FILE_TIME, level, blobs)?,
        };
        self.scans.push(if placed.is_held() {
            Scan::of_made(&placed, &diff_id, unpacked, self.cache)?
        } else {
            // What lies on the disk may not be what was packed any more.
            read_layer(blobs, &descriptor, &diff_id, self.cache)?
        });
        self.layers.push((descriptor, diff_id.clone()));
        self.view = View::merge(blobs, self.layers.clone(), self.scans.clone())?;
        self.config.rootfs.diff_ids.push(diff_id);
        let created = Some(self.created.clone());
        let created_by = Some(format!("slipway: {what}"));
        self.config.history.push(History { created, created_by, comment: None, empty_layer: None });
        Ok(())
    }

    /// Writes configuration and manifest, and names the image.
    pub(super) fn finish(self, recipe: &Recipe<'_>, name: &str) -> Result<(Image, View), BuildError> {
        let manifest = Manifest {
            schema_version: 2,
            media_type: Some(media::MANIFEST.to_owned()),
            config: self.layout.put_json(media::CONFIG, &self.config)?,
            layers: self.layers.into_iter().map(|(layer, _)| layer).collect(),
            annotations: recipe.annotations.clone(),
        };
        let mut descriptor = self.layout.put_json(media::MANIFEST, &manifest)?;
        descriptor.platform = Some(recipe.platform.clone());
        self.layout.name(name, descriptor.clone())?;
        Ok((self.layout.image_of(descriptor)?, self.view))
    }
}
