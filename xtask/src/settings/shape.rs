//! Whether a table has the shape of the settings: known keys, sections that are sections, steps with all they need.
//! All that is wrong is reported at once. What the values are is looked at later.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::document::join;
use super::problem::{Part, Problem};
use super::schema::{self, Node};
use crate::kit::nearest::nearest;

/// The values of a table by their keys, and what is wrong with its shape.
pub(super) fn read(table: &Table) -> (BTreeMap<String, Value>, Vec<Problem>) {
    let mut shape = Shape::default();
    shape.section(Node::root(), table, "");
    (shape.leaves, shape.problems)
}

#[derive(Default)]
struct Shape {
    leaves: BTreeMap<String, Value>,
    problems: Vec<Problem>,
}

impl Shape {
    fn section(&mut self, node: Node, table: &Table, path: &str) {
        for (key, value) in table {
            let path = join(path, key);
            match (node.child(key), value) {
                (None, _) => self.problems.push(unknown(node, key, path)),
                (Some(child), Value::Table(table)) if child.is_section() => self.section(child, table, &path),
                (Some(child), _) if child.is_section() => self.problems.push(
                    Problem::new(format!("`{path}` is a section"), path.clone())
                        .label(Part::Key, format!("write its keys under `[{path}]`")),
                ),
                (Some(child), Value::Table(_)) if child.items().is_some_and(Node::is_section) => {
                    self.problems.push(
                        Problem::new(format!("`{path}` is a list of tables"), path.clone())
                            .label(Part::Key, format!("write `[[{path}]]`, with two brackets")),
                    );
                }
                (Some(child), value) => {
                    self.tables(child, value, &path);
                    self.leaves.insert(path, value.clone());
                }
            }
        }
    }

    /// Looks into the tables of a list.
    fn tables(&mut self, node: Node, value: &Value, path: &str) {
        let Some(items) = node.items().filter(|items| items.is_section()) else { return };
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            let Some(table) = item.as_table() else { continue };
            let path = format!("{path}[{index}]");
            for (key, _) in table.iter().filter(|(key, _)| items.child(key).is_none()) {
                self.problems.push(unknown(items, key, join(&path, key)));
            }
            for key in items.required().filter(|key| !table.contains_key(*key)) {
                let what = if path.starts_with("steps[") { "a step".to_owned() } else { format!("`{path}`") };
                self.problems.push(
                    Problem::new(format!("{what} has no `{key}`"), path.clone())
                        .label(Part::Key, format!("this one needs `{key}`")),
                );
            }
        }
    }
}

fn unknown(section: Node, key: &str, path: String) -> Problem {
    let siblings = section.properties().map(|(key, _)| key);
    let meant = nearest(key, siblings).map(|meant| match path.rsplit_once('.') {
        Some((parent, _)) if !parent.contains(['[', '"']) => format!("{parent}.{meant}"),
        _ => meant.to_owned(),
    });
    let problem = Problem::new(format!("unknown key `{path}`"), path);
    let problem = problem.label(Part::Key, "there is no such setting");
    problem.meant(meant.or_else(|| schema::named(key)).as_deref())
}
