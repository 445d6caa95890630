//! Giving values their types, and a value that its type refuses: the types decide, the schema says what was expected.

use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::document::join;
use super::layer::Layer;
use super::problem::{Part, Problem};
use super::root::Settings;
use super::schema::Node;
use crate::kit::nearest::nearest;
use crate::kit::text;

/// A value that its type refuses.
pub(super) struct Wrong {
    /// The key that holds it: `steps` for all that is inside.
    pub(super) key: String,
    /// The path of the value itself.
    path: String,
    /// What the key takes.
    node: Option<Node>,
    /// The value.
    value: Option<Value>,
    /// Its key was chosen freely, so that the key may be what is wrong.
    free: bool,
    /// The type's words.
    message: String,
}

/// Gives all values their types, or says which one does not fit.
pub(super) fn typed(table: &Table) -> Result<Settings, Box<Wrong>> {
    serde_path_to_error::deserialize(table.clone()).map_err(|error| {
        let mut wrong = Wrong {
            key: String::new(),
            path: String::new(),
            node: Some(Node::root()),
            value: Some(Value::Table(table.clone())),
            free: false,
            message: error.inner().message().to_owned(),
        };
        for segment in error.path() {
            wrong.step_into(segment);
        }
        Box::new(wrong)
    })
}

impl Wrong {
    /// Follows the path to the value by one part.
    fn step_into(&mut self, segment: &Segment) {
        let (node, value) = match segment {
            Segment::Map { key } => {
                self.path = join(&self.path, key);
                let entries = self.node.and_then(Node::entries);
                self.free = entries.is_some();
                let node = entries.or_else(|| self.node.and_then(|node| node.child(key)));
                (node, self.value.as_ref().and_then(|value| value.get(key)))
            }
            Segment::Seq { index } => {
                self.path = format!("{}[{index}]", self.path);
                (self.node.and_then(Node::items), self.value.as_ref().and_then(|value| value.get(index)))
            }
            Segment::Enum { .. } | Segment::Unknown => return,
        };
        (self.node, self.value) = (node, value.cloned());
        // Inside a list the key is the list.
        if !self.path.contains('[') && self.node.is_some() {
            self.key.clone_from(&self.path);
        }
    }

    /// What to say of it, when this layer holds it.
    pub(super) fn problem(&self, layer: &Layer) -> Problem {
        let title = format!("wrong value for `{}`", self.path);
        let title = match (&layer.document, &self.value) {
            (None, Some(value)) => format!("{title}: `{}`", shown(value)),
            _ => title,
        };
        let problem = Problem::new(title, self.path.clone());
        let problem = match &layer.document {
            None => problem.note(format!("it is set by {}", layer.name)),
            Some(_) => problem,
        };
        let kind = self.node.map(Node::kind);
        let wrong_shape = kind.filter(|kind| self.value.as_ref().is_none_or(|value| !kind.fits(value)));
        let Some(kind) = wrong_shape else {
            let part = if self.free { Part::Key } else { Part::Value };
            return problem.label(part, self.message.clone());
        };
        let problem = problem.label(Part::Value, format!("expected {}", kind.expected()));
        let word = self.value.as_ref().and_then(Value::as_str);
        problem.meant(word.and_then(|word| nearest(word, kind.words())))
    }
}

/// A value for a title: without quotes when it is text.
fn shown(value: &Value) -> String {
    let shown = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    text::shorten(&shown.replace('\n', " "), 60)
}
