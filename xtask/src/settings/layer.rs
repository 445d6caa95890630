//! A layer of settings: values by key, and where they were written.

use std::collections::BTreeMap;

use toml::Value;

use super::document::Document;
use super::problem::Problem;
use super::shape;

/// How strong a layer is, the weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Defaults,
    Guest,
    File,
    Environment,
    Flags,
}

/// Values from one place: a file, one variable or one flag.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    /// How strong it is.
    pub(super) rank: Rank,
    /// The file, variable or flag, for messages.
    pub(super) name: String,
    /// Values by their keys.
    pub(super) leaves: BTreeMap<String, Value>,
    /// The file.
    pub(super) document: Option<Document>,
}

impl Layer {
    /// A layer from a file, and what is wrong with the file's shape.
    pub(super) fn file(rank: Rank, document: Document) -> (Self, Vec<Problem>) {
        let (leaves, problems) = shape::read(&document.table);
        (Self { rank, name: document.path.clone(), leaves, document: Some(document) }, problems)
    }

    /// A layer with one value.
    pub(super) fn single(rank: Rank, name: &str, key: &str, value: Value) -> Self {
        let leaves = BTreeMap::from([(key.to_owned(), value)]);
        Self { rank, name: name.to_owned(), leaves, document: None }
    }

    /// Where the value of a path was written: `default`, `slipway.toml:3`, `SLIPWAY_MODE`, `--mode`.
    pub(super) fn origin(&self, path: &str) -> String {
        match self.rank {
            Rank::Defaults => "default".to_owned(),
            Rank::Guest => "guest default".to_owned(),
            Rank::File => {
                let line = self.document.as_ref().and_then(|document| document.line(path));
                line.map_or_else(|| self.name.clone(), |line| format!("{}:{line}", self.name))
            }
            Rank::Environment | Rank::Flags => self.name.clone(),
        }
    }
}
