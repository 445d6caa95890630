//! Lays the layers over each other and gives the values their types. Each layer is checked when it is laid on, so
//! that a wrong value is found even where a stronger layer covers it.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::layer::Layer;
use super::problem::Problem;
use super::root::Settings;
use super::wrong::typed;

/// For each key the layer whose value holds, as its place among the layers.
pub(super) type Winners = BTreeMap<String, usize>;

/// The effective settings, or what is wrong with the values and in which layer.
pub(super) fn merge(layers: &[Layer]) -> Result<(Settings, Winners), Vec<(usize, Problem)>> {
    let mut winners = Winners::new();
    let mut settings = None;
    let mut problems = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let mut keys: Vec<&String> = layer.leaves.keys().collect();
        // A wrong value is reported and taken out again, and the rest is looked at.
        loop {
            let mut tried = winners.clone();
            tried.extend(keys.iter().map(|key| ((*key).clone(), index)));
            match typed(&effective(layers, &tried)) {
                Ok(good) => {
                    settings = Some(good);
                    winners = tried;
                    break;
                }
                Err(wrong) => {
                    problems.push((index, wrong.problem(layer)));
                    let count = keys.len();
                    keys.retain(|key| **key != wrong.key);
                    if keys.len() == count {
                        return Err(problems);
                    }
                }
            }
        }
    }
    match settings {
        Some(settings) if problems.is_empty() => Ok((settings, winners)),
        _ => Err(problems),
    }
}

/// The values that hold, as one table.
fn effective(layers: &[Layer], winners: &Winners) -> Table {
    let mut table = Table::new();
    for (key, index) in winners {
        if let Some(value) = layers.get(*index).and_then(|layer| layer.leaves.get(key)) {
            insert(&mut table, key, value.clone());
        }
    }
    table
}

fn insert(table: &mut Table, key: &str, value: Value) {
    match key.split_once('.') {
        None => {
            table.insert(key.to_owned(), value);
        }
        Some((section, rest)) => {
            let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(section) = section {
                insert(section, rest, value);
            }
        }
    }
}
