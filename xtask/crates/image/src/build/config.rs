//! The configuration of an image: the base's, and over it what the recipe says, as in a Dockerfile.

use chrono::{DateTime, SecondsFormat};

use super::{Base, BuildError, Recipe};
use crate::oci::{Descriptor, History, ImageConfig, Names, Platform, RootFs, RunConfig, media};

/// The search path of an image whose base sets none; engines add the same.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Seconds since 1970 as RFC 3339.
pub(super) fn date(epoch: u64) -> Result<String, BuildError> {
    let date = i64::try_from(epoch).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    Ok(date.ok_or(BuildError::Epoch(epoch))?.to_rfc3339_opts(SecondsFormat::Secs, true))
}

/// The configuration before layers are added.
pub(super) fn begin(recipe: &Recipe<'_>, created: &str) -> Result<ImageConfig, BuildError> {
    let Platform { architecture, os, variant } = recipe.platform.clone();
    let mut config = ImageConfig {
        created: Some(created.to_owned()),
        architecture,
        variant,
        os,
        config: RunConfig::default(),
        rootfs: RootFs { kind: "layers".to_owned(), diff_ids: Vec::new() },
        history: Vec::new(),
    };
    if let Base::Image { image, .. } = &recipe.base {
        let base = &image.config;
        if (&base.os, &base.architecture) != (&config.os, &config.architecture) {
            let name = |os: &str, architecture: &str| format!("{os}/{architecture}");
            let wanted = name(&config.os, &config.architecture);
            return Err(BuildError::Platform { base: name(&base.os, &base.architecture), wanted });
        }
        config.config = base.config.clone();
        config.rootfs = base.rootfs.clone();
        config.history = history(base);
    }
    apply(recipe, &mut config.config);
    Ok(config)
}

/// The base's steps, one for each of its layers at least. The specification lets a base say nothing of some; without an entry
/// for them, those of our layers would stand beside layers of the base.
fn history(base: &ImageConfig) -> Vec<History> {
    let told = base.history.iter().filter(|step| step.empty_layer != Some(true)).count();
    let untold = base.rootfs.diff_ids.len().saturating_sub(told);
    std::iter::repeat_n(History::default(), untold).chain(base.history.iter().cloned()).collect()
}

fn apply(recipe: &Recipe<'_>, run: &mut RunConfig) {
    run.user = Some(recipe.user.to_string());
    run.entrypoint = Some(recipe.entrypoint.clone().unwrap_or_else(|| vec![recipe.program.clone()]));
    // The base's arguments were for the base's program.
    run.cmd = (!recipe.cmd.is_empty()).then(|| recipe.cmd.clone());
    run.env = Some(env(recipe, run.env.take().unwrap_or_default()));
    let mut ports = run.exposed_ports.take().unwrap_or_default().0;
    ports.extend(recipe.ports.iter().cloned());
    run.exposed_ports = (!ports.is_empty()).then_some(Names(ports));
    let mut labels = run.labels.take().unwrap_or_default();
    labels.extend(recipe.labels.clone());
    run.labels = (!labels.is_empty()).then_some(labels);
    run.healthcheck = recipe.healthcheck.clone().or_else(|| run.healthcheck.take());
    run.working_dir = recipe.workdir.clone().or_else(|| run.working_dir.take());
    run.stop_signal = recipe.stop_signal.clone().or_else(|| run.stop_signal.take());
}

/// The base's variables in their order, then the others by name.
fn env(recipe: &Recipe<'_>, base: Vec<String>) -> Vec<String> {
    let name = |line: &str| line.split('=').next().unwrap_or_default().to_owned();
    let mut env = base;
    if !env.iter().any(|line| name(line) == "PATH") {
        env.push(format!("PATH={PATH}"));
    }
    env.retain(|line| !recipe.env.contains_key(&name(line)));
    env.extend(recipe.env.iter().map(|(name, value)| format!("{name}={value}")));
    env
}

/// A layer of Docker's as one of the specification's: the bytes are the same, and a manifest speaks one language.
pub(super) fn in_oci_words(layer: &Descriptor) -> Descriptor {
    let media_type = match layer.media_type.as_str() {
        media::DOCKER_LAYER_GZIP => media::LAYER_GZIP,
        other => other,
    };
    Descriptor { media_type: media_type.to_owned(), ..layer.clone() }
}
