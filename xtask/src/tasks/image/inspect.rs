//! `image inspect`: what an image is, wherever it lies: in a registry, or as it was built last.

use slipway_image::Reference;
use slipway_image::inspect::Facts;

use crate::console::{Format, Look};
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::{bytes, plural, terminal};
use crate::pipeline::Session;
use crate::pipeline::image::facts;
use crate::pipeline::publish::data;

/// Prints the facts of one, or of each that was built.
///
/// # Errors
/// When there is none, or it cannot be read.
pub(super) fn run(session: &Session, image: Option<&Reference>, look: Look) -> Result<Exit, Failure> {
    for (name, facts) in facts(session, image)? {
        let text = match look.format {
            Format::Json => {
                let text = serde_json::to_string_pretty(&facts);
                text.map_err(|error| Failure::environment("cannot write the facts as JSON").because(error))?
                    + "\n"
            }
            Format::Human => told(&name, &facts),
        };
        data(&text);
    }
    Ok(Exit::Pass)
}

fn told(name: &str, facts: &Facts) -> String {
    let mut rows: Vec<(&str, String)> = vec![
        ("digest", facts.digest.to_string()),
        ("platform", facts.platform.clone()),
        ("created", facts.created.clone().unwrap_or_default()),
        (
            "size",
            format!(
                "{}, {} unpacked, {}",
                bytes(facts.packed),
                bytes(facts.unpacked),
                plural(facts.files, "file")
            ),
        ),
        ("user", if facts.user.is_empty() { "root".to_owned() } else { facts.user.clone() }),
        ("entrypoint", facts.entrypoint.join(" ")),
        ("arguments", facts.cmd.join(" ")),
        ("folder", facts.workdir.clone()),
        ("variables", facts.env.join(", ")),
        ("ports", facts.ports.join(", ")),
        ("setuid", facts.setuid.join(", ")),
        ("shells", facts.shells.join(", ")),
        ("wasted", if facts.wasted > 0 { bytes(facts.wasted) } else { String::new() }),
    ];
    for (number, layer) in facts.layers.iter().enumerate() {
        let made_by = layer.created_by.clone().unwrap_or_default();
        let label = if number == 0 { "layers" } else { "" };
        rows.push((label, format!("{:>9}  {}  {made_by}", bytes(layer.size), layer.digest.short())));
    }
    for (number, (label, value)) in facts.labels.iter().enumerate() {
        rows.push((if number == 0 { "labels" } else { "" }, format!("{label}={value}")));
    }
    let told = rows.into_iter().filter(|(label, value)| !value.is_empty() || *label == "layers");
    // It may be anybody's image: nothing of it may move the cursor.
    told.fold(format!("{}\n", terminal(name)), |text, (label, value)| {
        // Nor begin a line, which a CI service could take for a command.
        let value = terminal(&value).replace(['\n', '\t'], " ");
        text + &format!("  {label:10}  {value}\n")
    })
}
