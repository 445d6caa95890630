//! Building an image without an engine: cargo makes the program, and `slipway-image` the image.

use std::path::PathBuf;
use std::time::Instant;

use slipway_image::base::{User, certificates};
use slipway_image::build::{Base, Extra, LEVEL, Recipe};
use slipway_image::layer::Level;
use slipway_image::layer::cache::Cache;
use slipway_image::layout::{Image, Layout};
use slipway_image::oci::{Healthcheck, Platform};
use slipway_image::tags::stamped;
use slipway_image::{Reference, build as image};

use super::bases::Bases;
use super::fresh::Fresh;
use super::stock::Stock;
use super::trouble::Trouble;
use super::{Naming, Target, registry};
use crate::engine::Bench;
use crate::model::command::CommandLine;
use crate::pipeline::session::cargo_flags;
use crate::settings::TimeSpan;
use crate::tools::registry::Whose;
use crate::tools::{cargo, programs};

/// Bytes of packed layers that are kept for the next build.
const CACHE: u64 = 2 << 30;

/// Builds one.
pub(super) fn build(
    stock: &Stock<'_>,
    target: &Target<'_>,
    naming: &Naming,
    layout: &Layout,
    bench: &Bench<'_>,
) -> Result<Fresh, Trouble> {
    let (_, program) = target.program.ok_or_else(|| Trouble::failed("there is no program to put into it"))?;
    let output =
        bench.run(&compile(stock, target)).map_err(|error| Trouble::environment(error.to_string()))?;
    if !output.success() {
        return Err(Trouble::of_command("the program does not build", &output));
    }
    let binary = cargo::program(&output.stdout, program)
        .ok_or_else(|| Trouble::inconclusive("cargo does not say where the program is"))?;
    let started = Instant::now();
    let bases = Bases::open(&stock.folder("bases"))?;
    let fetched = base(stock, target, bases.layout(), bench)?;
    let fetched = fetched.as_ref().map(|image| (bases.layout(), image));
    let recipe = recipe(stock, target, naming, binary, fetched)?;
    let cache = Cache::new(&stock.folder("cache"));
    let built = image::build(&recipe, layout, target.name(), Some(&cache));
    let built = built.map_err(|error| Trouble::failed(error.to_string()))?;
    drop(recipe);
    cache.prune(CACHE);
    Ok(Fresh {
        image: built.image,
        builder: "embedded".to_owned(),
        duration_ms: u64::try_from(started.elapsed().as_millis()).ok(),
        problems: built.problems.iter().map(ToString::to_string).collect(),
        notes: bases.prune().into_iter().collect(),
    })
}

/// The command that makes the program. Folders of this machine are cut off the paths that the compiler writes into it, so
/// that two checkouts of one commit give one program. Cargo takes such flags for another build altogether: it has a folder of
/// its own.
pub(super) fn compile(stock: &Stock<'_>, target: &Target<'_>) -> CommandLine {
    let settings = stock.session.settings();
    // With it, the program lists its own crates, for whoever scans it.
    let auditable = programs::find_cargo_or_plain(&stock.session.supervisor.env, "cargo-auditable").is_some();
    let line = CommandLine::new("cargo")
        .args(auditable.then_some("auditable"))
        .args(["build", "--profile", &settings.image.profile])
        .args(target.program.iter().flat_map(|(package, bin)| ["--package", &package.name, "--bin", bin]))
        .args(cargo_flags(&settings.cargo).into_iter().filter(|flag| !flag.starts_with("--exclude=")))
        .args(["--message-format=json-render-diagnostics"])
        .arg(format!("--target-dir={}", stock.folder("target").display()));
    let env = &stock.session.request.env;
    let root = stock.session.workspace.root.display().to_string();
    let home = env.get("CARGO_HOME").cloned().or_else(|| Some(format!("{}/.cargo", env.get("HOME")?)));
    let remap = [Some((root, ".")), home.map(|home| (home, "/cargo"))].into_iter().flatten();
    let flags: Vec<String> = remap.map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect();
    // A variable wins over all configuration; without one, cargo adds ours to what is configured.
    if let Some(theirs) = env.get("CARGO_ENCODED_RUSTFLAGS") {
        return line.env("CARGO_ENCODED_RUSTFLAGS", format!("{theirs}\u{1f}{}", flags.join("\u{1f}")));
    }
    if let Some(theirs) = env.get("RUSTFLAGS") {
        let theirs = theirs.split_whitespace().map(ToOwned::to_owned);
        let all: Vec<String> = theirs.chain(flags).collect();
        return line.env("CARGO_ENCODED_RUSTFLAGS", all.join("\u{1f}"));
    }
    line.arg(format!("--config=build.rustflags={}", toml::Value::from(flags)))
}

/// The image that the program is put on; none for `scratch`.
fn base(
    stock: &Stock<'_>,
    target: &Target<'_>,
    bases: &Layout,
    bench: &Bench<'_>,
) -> Result<Option<Image>, Trouble> {
    let named = target.settings.base.as_ref().unwrap_or(&stock.session.settings().image.base);
    if named == "scratch" {
        return Ok(None);
    }
    let reference: Reference = named.parse().map_err(|error| Trouble::failed(format!("`base`: {error}")))?;
    bench.say(&format!("fetching the base {reference}"));
    registry::pull(stock, &reference, bases, Whose::Others, bench).map(|(image, _)| Some(image))
}

fn recipe<'b>(
    stock: &Stock<'_>,
    target: &Target<'_>,
    naming: &Naming,
    binary: PathBuf,
    base: Option<(&'b Layout, &'b Image)>,
) -> Result<Recipe<'b>, Trouble> {
    let settings = &target.settings;
    let env = &stock.session.request.env;
    let epoch = env.get("SOURCE_DATE_EPOCH").and_then(|text| text.trim().parse().ok());
    let committed = u64::try_from(naming.inputs.committed.timestamp()).unwrap_or_default();
    let base = match base {
        Some((layout, image)) => Base::Image { layout, image },
        None => Base::Scratch { certificates: certificates(env.get("SSL_CERT_FILE").map(String::as_str)) },
    };
    Ok(Recipe {
        binary,
        program: format!("/app/{}", target.program.map_or("", |(_, program)| program)),
        base,
        user: user(settings.user.as_ref().unwrap_or(&stock.session.settings().image.user))?,
        entrypoint: Some(settings.entrypoint.clone()).filter(|entrypoint| !entrypoint.is_empty()),
        cmd: settings.args.clone(),
        env: settings.env.iter().map(|(name, value)| (name.as_str().to_owned(), value.clone())).collect(),
        ports: settings.ports.iter().map(|port| with_protocol(port)).collect(),
        labels: stamped(&naming.labels),
        annotations: naming.labels.clone(),
        healthcheck: healthcheck(stock, target),
        workdir: settings.workdir.clone().or_else(|| Some("/app".to_owned())),
        stop_signal: Some("SIGTERM".to_owned()),
        files: settings.files.iter().map(|file| extra(stock, file)).collect(),
        epoch: epoch.unwrap_or(committed),
        platform: Platform::native(),
        level: Level::new(LEVEL),
    })
}

/// `UID:GID`, or `UID` for both.
fn user(text: &str) -> Result<User, Trouble> {
    let (uid, gid) = text.split_once(':').unwrap_or((text, text));
    match (uid.parse(), gid.parse()) {
        (Ok(uid), Ok(gid)) => Ok(User { uid, gid }),
        _ => Err(Trouble::failed(format!("`user` is two numbers, such as `1000:1000`, not `{text}`"))),
    }
}

/// `8080` is `8080/tcp`.
pub(super) fn with_protocol(port: &str) -> String {
    if port.contains('/') { port.to_owned() } else { format!("{port}/tcp") }
}

fn healthcheck(stock: &Stock<'_>, target: &Target<'_>) -> Option<Healthcheck> {
    let times = &stock.session.settings().image.healthcheck;
    let nanoseconds = |span: TimeSpan| u64::try_from(span.get().as_nanos()).ok();
    let command = &target.settings.healthcheck;
    (!command.is_empty()).then(|| Healthcheck {
        test: Some(std::iter::once("CMD".to_owned()).chain(command.iter().cloned()).collect()),
        interval: nanoseconds(times.interval),
        timeout: nanoseconds(times.timeout),
        start_period: nanoseconds(times.start_period),
        retries: Some(times.retries.into()),
    })
}

/// `FROM:TO`, or one path for the same path below the root of the image.
fn extra(stock: &Stock<'_>, file: &str) -> Extra {
    let (from, to) = file.split_once(':').unwrap_or((file, file));
    let to = if to.starts_with('/') { to.to_owned() } else { format!("/{to}") };
    Extra { from: stock.session.workspace.root.join(from), to }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbers() {
        assert_eq!(user("1000:100").unwrap(), User { uid: 1000, gid: 100 });
        assert_eq!(user("65532").unwrap(), User { uid: 65532, gid: 65532 });
        assert!(user("app").is_err() && user("1:").is_err());
    }

    #[test]
    fn ports_have_a_protocol() {
        assert_eq!(with_protocol("80"), "80/tcp");
        assert_eq!(with_protocol("53/udp"), "53/udp");
    }
}
