//! The effective settings as a file that could be used as `slipway.toml`, each line with its origin.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::document::join;
use super::loaded::Loaded;

/// Origins of lines that are longer than this do not line up with the others.
const WIDEST: usize = 48;

impl Loaded {
    /// The effective settings as TOML, each line with its origin as a comment behind it.
    #[must_use]
    pub fn show(&self) -> String {
        let mut sections: BTreeMap<&str, Vec<Line>> = BTreeMap::new();
        let mut steps = Vec::new();
        for (path, index) in &self.winners {
            let Some(layer) = self.layers.get(*index) else { continue };
            let Some(value) = layer.leaves.get(path) else { continue };
            if let (Value::Array(items), "steps") = (value, path.as_str()) {
                let tables = items.iter().enumerate().filter_map(|(at, item)| Some((at, item.as_table()?)));
                steps = tables
                    .map(|(at, table)| {
                        let path = format!("steps[{at}]");
                        lines(table, |key| layer.origin(&join(&path, key)))
                    })
                    .collect();
                continue;
            }
            let (section, key) = path.rsplit_once('.').unwrap_or(("", path));
            let line = Line { text: format!("{key} = {value}"), origin: layer.origin(path) };
            sections.entry(section).or_default().push(line);
        }
        let sections = sections.into_iter().map(|(name, lines)| match name {
            "" => (String::new(), lines),
            name => (format!("[{name}]\n"), lines),
        });
        let blocks: Vec<(String, Vec<Line>)> =
            sections.chain(steps.into_iter().map(|lines| ("[[steps]]\n".to_owned(), lines))).collect();
        let width =
            blocks.iter().flat_map(|(_, lines)| lines).map(Line::width).max().unwrap_or(0).min(WIDEST);
        let block = |(head, lines): &(String, Vec<Line>)| {
            let lines: String = lines.iter().map(|line| line.show(width)).collect();
            format!("{head}{lines}")
        };
        blocks.iter().map(block).collect::<Vec<_>>().join("\n")
    }
}

/// The lines of a step, its name first.
fn lines(table: &Table, origin: impl Fn(&str) -> String) -> Vec<Line> {
    let line =
        |(key, value): (&String, &Value)| Line { text: format!("{key} = {value}"), origin: origin(key) };
    let (mut names, others): (Vec<_>, Vec<_>) = table.iter().partition(|(key, _)| *key == "name");
    names.extend(others);
    names.into_iter().map(line).collect()
}

struct Line {
    text: String,
    origin: String,
}

impl Line {
    /// Columns of the last line: text of several lines ends in one of them.
    fn width(&self) -> usize {
        self.text.lines().last().map_or(0, |line| line.chars().count())
    }

    fn show(&self, width: usize) -> String {
        let fill = width.saturating_sub(self.width());
        format!("{}{:fill$}  # {}\n", self.text, "", crate::kit::text::terminal(&self.origin))
    }
}

#[cfg(test)]
mod tests;
