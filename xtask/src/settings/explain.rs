//! What a key is for, what it takes, and which layers say what about it.

use std::fmt::Write as _;

use super::environment::variable;
use super::kind::Kind;
use super::loaded::Loaded;
use super::schema::{self, Node};
use crate::kit::failure::Failure;
use crate::kit::nearest::nearest;
use crate::kit::text;

impl Loaded {
    /// Explains a key (`test.retries`, `steps.run`), or lists the keys of a section; an empty key lists all.
    ///
    /// # Errors
    /// When there is no such key or section.
    pub fn explain(&self, key: &str) -> Result<String, Failure> {
        if key.is_empty() {
            return Ok(list("", Node::root()));
        }
        let Some(node) = Node::find(key) else { return Err(unknown(key)) };
        let table = node.items().unwrap_or(node);
        if table.is_section() {
            let head = if node.is_section() { format!("[{key}]") } else { format!("[[{key}]]") };
            return Ok(format!("{head}\n{}\n\n{}{}", node.doc(), list(key, table), self.values(key)));
        }
        let mut page = format!("{key}\n{}\n\n", node.doc());
        let _ = writeln!(page, "takes     {}", node.kind().expected());
        page.push_str(&words(&node.kind()));
        match variable(key) {
            Some(variable) => {
                let _ = writeln!(page, "variable  {variable}{}", how(&node.kind()));
            }
            None => page.push_str("variable  none: tables can be set in slipway.toml only\n"),
        }
        page.push_str(&self.values(key));
        Ok(page)
    }

    /// What each layer says, the one that holds marked.
    fn values(&self, key: &str) -> String {
        let said: Vec<(String, String)> = self
            .layers
            .iter()
            .enumerate()
            .filter_map(|(index, layer)| {
                let value = layer.leaves.get(key)?;
                let shown = match value {
                    toml::Value::Array(steps) if key == "steps" => text::plural(steps.len(), "step"),
                    value => text::terminal(&value.to_string()),
                };
                let mark = if self.winners.get(key) == Some(&index) { "->" } else { "  " };
                Some((format!("{mark} {}", text::terminal(&layer.origin(key))), shown))
            })
            .collect();
        let rows = columns("", said);
        if rows.is_empty() { rows } else { format!("\n{rows}") }
    }
}

/// The words that can be chosen, with what they mean.
fn words(kind: &Kind) -> String {
    let choice = if let Kind::List(items) = kind { items } else { kind };
    let Kind::Choice(words) = choice else { return String::new() };
    columns("          ", words.iter().map(|word| (word.word.clone(), word.doc.clone())).collect())
}

/// How a variable is written, where that is not plain.
fn how(kind: &Kind) -> &'static str {
    match kind {
        Kind::List(_) => ", items separated by commas",
        Kind::Switch => ", `true` or `1`, `false` or `0`",
        _ => "",
    }
}

/// The keys of a section with the first sentence about each.
fn list(section: &str, node: Node) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for (key, child) in node.properties() {
        let path = if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
        let doc = child.doc();
        let first = doc.split_inclusive(". ").next().unwrap_or_default().trim_end().to_owned();
        rows.push((path, first));
    }
    columns("", rows)
}

fn columns(indent: &str, rows: Vec<(String, String)>) -> String {
    let width = rows.iter().map(|(left, _)| left.chars().count()).max().unwrap_or(0);
    rows.into_iter().fold(String::new(), |mut text, (left, right)| {
        let _ = writeln!(text, "{indent}{left:width$}  {right}");
        text
    })
}

fn unknown(key: &str) -> Failure {
    let steps = Node::find("steps").and_then(Node::items);
    let steps = steps.into_iter().flat_map(Node::properties).map(|(key, _)| format!("steps.{key}"));
    let mut known: Vec<String> = schema::keys().into_iter().map(|(key, _)| key).chain(steps).collect();
    let sections = known.iter().filter_map(|key| Some(key.rsplit_once('.')?.0.to_owned()));
    known.extend(sections.collect::<Vec<_>>());
    let failure = Failure::usage(format!("there is no setting `{}`", text::terminal(key)));
    let same_end = schema::named(key);
    match nearest(key, known.iter().map(String::as_str)).or(same_end.as_deref()) {
        Some(meant) => failure.hint(format!("did you mean `{meant}`?")),
        None => failure.hint("`cargo xtask config explain` lists all keys"),
    }
}

#[cfg(test)]
mod tests;
