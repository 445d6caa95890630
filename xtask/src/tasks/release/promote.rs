//! `release promote`: an image gets further tags, such as `prod`, by its digest.

use serde_json::json;
use slipway_image::{Reference, Tag};

use crate::console::Look;
use crate::kit::exit::Exit;
use crate::kit::failure::Failure;
use crate::kit::text::workflow_json;
use crate::pipeline::Session;
use crate::pipeline::image::Shelf;
use crate::pipeline::publish::{data, say};

/// Which image, and where to.
#[derive(Clone, Debug, clap::Args)]
pub struct PromoteAsked {
    /// The image: `ghcr.io/owner/name:tag`, or with `@sha256:…`.
    #[arg(long, value_name = "IMAGE")]
    pub from: Reference,
    /// The tags that name it then.
    #[arg(long, value_name = "TAG", required = true, num_args = 1..)]
    pub to: Vec<Tag>,
}

/// Puts the tags.
pub(super) fn run(session: &Session, asked: &PromoteAsked, look: Look) -> Result<Exit, Failure> {
    let home = &asked.from.repository;
    let shelf = Shelf::open(session, home)?;
    let digest = shelf.find(&asked.from)?;
    if session.request.dry_run {
        for tag in &asked.to {
            let now = shelf.digest(tag)?;
            let told = match now {
                Some(now) if now == digest => "is there".to_owned(),
                Some(now) => format!("would be moved from {now}"),
                None => "would be made".to_owned(),
            };
            data(&format!("{} {told}: {digest}\n", home.tagged(tag)));
        }
        return Ok(Exit::Pass);
    }
    shelf.put(&digest, &asked.to)?;
    for tag in &asked.to {
        let name = home.tagged(tag).to_string();
        if look.is_for_programs() {
            let event = json!({ "event": "promoted", "tag": name, "digest": digest.to_string() });
            data(&(workflow_json(&event.to_string()) + "\n"));
        } else {
            say(&format!("{name} is {digest}"));
        }
    }
    Ok(Exit::Pass)
}
