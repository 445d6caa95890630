//! The tags of a repository. OCI distribution specification, "Listing Tags".

use serde::Deserialize;

use super::auth::Scope;
use super::call::Call;
use super::error::RegistryError;
use super::wire::{Answer, Ask};
use crate::reference::{Repository, Tag};

/// Pages of a list; a registry that has more goes in circles.
const PAGES: usize = 1000;

/// The most bytes of a page.
const PAGE_BYTES: u64 = 16 << 20;

#[derive(Deserialize)]
struct Page {
    /// Registries write `null` for none.
    tags: Option<Vec<String>>,
}

pub(super) fn list(call: &Call<'_>, repository: &Repository) -> Result<Vec<Tag>, RegistryError> {
    let scope = Scope::pull(repository);
    let mut tags = Vec::new();
    let mut url = call.url(repository, "tags/list?n=1000")?;
    for _ in 0..PAGES {
        let ask = Ask::get(url.clone());
        let mut tried = 0;
        let (answer, bytes) = loop {
            tried += 1;
            let mut answer = call.accept(call.send(&ask, scope)?, scope, &[200])?;
            match call.bytes(&mut answer, PAGE_BYTES) {
                Ok(bytes) => break (answer, bytes),
                Err(error) => call.wait_after(error, tried)?,
            }
        };
        let bytes =
            bytes.ok_or_else(|| answer.unexpected(format!("a page of more than {PAGE_BYTES} bytes")))?;
        let page: Page = serde_json::from_slice(&bytes)
            .map_err(|error| answer.unexpected(format!("this is no list of tags: {error}")))?;
        for tag in page.tags.into_iter().flatten() {
            tags.push(tag.parse().map_err(|error| answer.unexpected(format!("{error}")))?);
        }
        let Some(next) = next(&answer) else { return Ok(tags) };
        let next = answer
            .url
            .join(next)
            .map_err(|why| answer.unexpected(format!("the next page is at no address: {why}")))?;
        // The token goes along, so it stays where it is good.
        if next.origin() != url.origin() || next == url {
            return Err(answer.unexpected(format!("the next page would be {next}")));
        }
        url = next;
    }
    Err(Ask::get(url).unexpected(format!("more than {PAGES} pages of tags")))
}

/// The address in `Link: <…>; rel="next"` (RFC 8288).
fn next(answer: &Answer) -> Option<&str> {
    answer.headers("link").flat_map(|links| links.split(",<")).find_map(|link| {
        let (target, parameters) = link.trim().trim_start_matches('<').split_once('>')?;
        let is_next = parameters.split(';').any(|parameter| {
            let parameter = parameter.trim().replace(' ', "");
            parameter.eq_ignore_ascii_case("rel=\"next\"") || parameter.eq_ignore_ascii_case("rel=next")
        });
        is_next.then_some(target)
    })
}
