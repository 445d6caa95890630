//! `index.html`: the whole run on one page that needs nothing else, works without script, and obeys no text from outside.
//!
//! The page is a template (`html/page.html`) with one style sheet and one script, both inlined and named by their
//! hash in the page's own content security policy, so nothing that a test printed can run or load anything.

mod coverage;
mod failures;
mod findings;
mod gates;
mod images;
mod pieces;
mod steps;
mod tests;
mod view;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use sha2::{Digest, Sha256};

use super::RenderError;
use crate::model::record::RunRecord;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// The run as one HTML page.
///
/// # Errors
/// When the template does not fit what is known: a mistake of this toolkit, found by its tests.
pub fn html(record: &RunRecord) -> Result<String, RenderError> {
    let failed = |cause| RenderError::new("index.html", cause);
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(failed)?;
    environment.set_syntax(syntax);
    environment.add_template("page.html", PAGE).map_err(failed)?;
    let template = environment.get_template("page.html").map_err(failed)?;
    let page = context! {
        page => Value::from(Serde(view::page(record))),
        style => Value::from_safe_string(STYLE.to_owned()),
        script => Value::from_safe_string(SCRIPT.to_owned()),
        style_hash => Value::from_safe_string(source_hash(STYLE)),
        script_hash => Value::from_safe_string(source_hash(SCRIPT)),
    };
    template.render(page).map_err(failed)
}

/// As a content security policy names an inlined source (CSP level 3, hash-source).
fn source_hash(source: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(source)))
}

#[cfg(test)]
mod checks;
