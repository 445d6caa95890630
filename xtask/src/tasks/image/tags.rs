//! `image tags`: which tags and labels images get, and why.

use std::fmt::Write as _;

use serde_json::json;
use slipway_image::Repository;
use slipway_image::tags::{Document, Level};

use crate::console::{Format, Look};
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::terminal;
use crate::pipeline::Session;
use crate::pipeline::image::{Naming, Wanted, naming, targets};
use crate::pipeline::publish::{data, say};

/// What is asked.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct TagsAsked {
    /// Name these repositories instead of those of the settings.
    #[arg(long = "image", value_name = "NAME")]
    pub images: Vec<String>,
    /// Use these rules instead of those of the settings, such as `type=ref,event=branch`.
    #[arg(long = "tag", value_name = "RULE")]
    pub tags: Vec<String>,
    /// Use these rules for all tags, such as `latest=auto`.
    #[arg(long, value_name = "RULE")]
    pub flavor: Vec<String>,
    /// Print the object that docker/metadata-action gives as `json`.
    #[arg(long)]
    pub json: bool,
    /// Say of each tag, and of each rule that made none, why.
    #[arg(long, conflicts_with = "json")]
    pub explain: bool,
}

/// Prints them.
///
/// # Errors
/// When a rule or a name cannot be read.
pub(super) fn run(session: &Session, asked: &TagsAsked, look: Look) -> Result<Exit, Failure> {
    let wanted = Wanted { tags: asked.tags.clone(), flavor: asked.flavor.clone() };
    let mut all = Vec::new();
    if asked.images.is_empty() && !session.settings().images.is_empty() {
        for target in targets(session.settings(), &session.workspace, &session.context)? {
            let repositories: Vec<Repository> =
                target.repository.clone().or_else(|| target.local()).into_iter().collect();
            all.push((
                Some(target.name().to_owned()),
                naming(session, Some(&target), &wanted)?,
                repositories,
            ));
        }
    } else {
        all.push((None, naming(session, None, &wanted)?, repositories(session, &asked.images)?));
    }
    let is_json = asked.json || look.format == Format::Json;
    for (name, naming, repositories) in &all {
        if is_json {
            let document = document(naming, repositories);
            let text = serde_json::to_string_pretty(&json!(document))
                .map_err(|error| Failure::environment("cannot write the tags as JSON").because(error))?;
            data(&(text + "\n"));
        } else if asked.explain {
            data(&terminal(&explained(name.as_deref(), naming)));
        } else {
            let document = document(naming, repositories);
            data(&document.tags.iter().fold(String::new(), |text, tag| text + tag + "\n"));
        }
        if naming.tags.tags.is_empty() && !asked.explain {
            say("no rule makes a tag here; `--explain` says why");
        }
    }
    Ok(Exit::Pass)
}

fn repositories(session: &Session, images: &[String]) -> Result<Vec<Repository>, Failure> {
    let usual = session.context.repository.as_ref();
    let usual =
        usual.map(|ours| format!("{}/{ours}", session.settings().image.registry).to_ascii_lowercase());
    let names = if images.is_empty() { usual.into_iter().collect() } else { images.to_vec() };
    let parsed = slipway_image::tags::images(&names.join("\n"));
    parsed.map_err(|error| Failure::usage(error.to_string()).hint("write it as ghcr.io/owner/name"))
}

fn document(naming: &Naming, repositories: &[Repository]) -> Document {
    Document::new(&naming.tags, repositories, naming.labels.clone(), (&[Level::Manifest], &naming.labels))
}

fn explained(name: Option<&str>, naming: &Naming) -> String {
    let tags = &naming.tags;
    let width = tags.tags.iter().map(|named| named.tag.as_str().len()).max().unwrap_or_default();
    let mut text = name.map_or_else(String::new, |name| format!("{name}: {}\n", naming.inputs.source));
    for named in &tags.tags {
        let _ = writeln!(text, "  {:width$}  {}", named.tag.as_str(), named.reason);
    }
    if !tags.skipped.is_empty() {
        text += "no tag:\n";
    }
    for skipped in &tags.skipped {
        let _ = writeln!(text, "  {}: {}", skipped.rule, skipped.reason);
    }
    text
}
