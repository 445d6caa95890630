//! The JSON Schema of the settings: made from the types by a test, and read at run time as the single source of
//! which keys there are, what they mean and what they take.

use std::sync::LazyLock;

use serde_json::Value;

const TEXT: &str = include_str!("../../schema/settings.schema.json");

/// A test proves that the committed schema is JSON; were it not, no key would be known.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());

/// The JSON Schema of `slipway.toml`, for editors.
#[must_use]
pub fn schema() -> &'static str {
    TEXT
}

/// A part of the schema: a section, a key or an item of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// As it is used: its description is about this key.
    used: &'static Value,
    /// As it is defined, behind `$ref` and without `null`.
    defined: &'static Value,
}

impl Node {
    /// The settings as a whole.
    pub(super) fn root() -> Self {
        Self::at(&SCHEMA)
    }

    pub(super) fn at(used: &'static Value) -> Self {
        let mut defined = used;
        loop {
            let inner = match (defined["$ref"].as_str(), defined["anyOf"].as_array()) {
                (Some(name), _) => SCHEMA.pointer(name.trim_start_matches('#')),
                // What is optional in the types is `anyOf` itself and null.
                (None, Some(choices)) if choices.iter().any(|choice| choice["type"] == "null") => {
                    choices.first()
                }
                _ => None,
            };
            match inner {
                Some(inner) => defined = inner,
                None => return Self { used, defined },
            }
        }
    }

    /// What is defined here.
    pub(super) fn definition(self) -> &'static Value {
        self.defined
    }

    /// Whether its type has a name of its own: the description of the definition is then about the type.
    pub(super) fn is_named_type(self) -> bool {
        !std::ptr::eq(self.used, self.defined)
    }

    /// What it is for, in sentences of one line.
    pub(super) fn doc(self) -> String {
        let doc = self.used["description"].as_str().or_else(|| self.defined["description"].as_str());
        doc.unwrap_or_default().replace('\n', " ")
    }

    /// The keys of a section, in alphabetical order.
    pub(super) fn properties(self) -> impl Iterator<Item = (&'static str, Self)> {
        let properties = self.defined["properties"].as_object();
        properties.into_iter().flatten().map(|(key, value)| (key.as_str(), Self::at(value)))
    }

    /// Whether it is a table with keys of its own.
    pub(super) fn is_section(self) -> bool {
        self.defined["properties"].is_object()
    }

    /// The keys that must be there.
    pub(super) fn required(self) -> impl Iterator<Item = &'static str> {
        self.defined["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
    }

    /// What a list has.
    pub(super) fn items(self) -> Option<Self> {
        self.defined.get("items").map(Self::at)
    }

    /// The key of this name.
    pub(super) fn child(self, key: &str) -> Option<Self> {
        self.defined["properties"].get(key).map(Self::at)
    }

    /// The values of a table whose keys can be chosen freely.
    pub(super) fn entries(self) -> Option<Self> {
        let (_, values) = self.defined["patternProperties"].as_object()?.iter().next()?;
        Some(Self::at(values))
    }

    /// The part with this path, such as `test.retries` or `steps.run`: what is said of a list's tables is said of the
    /// list.
    pub(super) fn find(path: &str) -> Option<Self> {
        path.split('.').try_fold(Self::root(), |node, key| {
            let table = node.items().filter(|_| !node.is_section()).unwrap_or(node);
            table.child(key)
        })
    }
}

/// The keys that can be set by themselves, as paths in alphabetical order, sections before those below them; `steps`
/// as a whole is one.
pub(super) fn keys() -> Vec<(String, Node)> {
    let mut keys = Vec::new();
    collect("", Node::root(), &mut keys);
    keys
}

/// The one key with this last part that lies in the fewest sections; none when several do.
pub(super) fn named(last: &str) -> Option<String> {
    let depth = |key: &String| key.matches('.').count();
    let same = keys().into_iter().map(|(key, _)| key).filter(|key| key.rsplit('.').next() == Some(last));
    let mut same: Vec<String> = same.collect();
    same.sort_by_key(depth);
    match same.as_slice() {
        [first, second, ..] if depth(first) == depth(second) => None,
        [first, ..] => Some(first.clone()),
        [] => None,
    }
}

fn collect(section: &str, node: Node, keys: &mut Vec<(String, Node)>) {
    let path = |key: &str| if section.is_empty() { key.to_owned() } else { format!("{section}.{key}") };
    let (sections, leaves): (Vec<_>, Vec<_>) = node.properties().partition(|(_, child)| child.is_section());
    keys.extend(leaves.into_iter().map(|(key, child)| (path(key), child)));
    for (key, child) in sections {
        collect(&path(key), child, keys);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::record::tests::held;
    use crate::settings::document::Document;
    use crate::settings::kind::Kind;
    use crate::settings::root::Settings;
    use crate::settings::shape;

    const DEFAULTS: &str = include_str!("defaults.toml");

    /// Only tables of a list have keys that must be there: the others have defaults, which editors then show.
    fn generated() -> String {
        let mut schema = schemars::schema_for!(Settings).to_value();
        let defaults: toml::Table = DEFAULTS.parse().unwrap();
        soften(&mut schema);
        for (name, definition) in schema["$defs"].as_object_mut().unwrap() {
            if !["CustomStep", "FileOverride", "Http", "OneImage", "Smoke", "Waiver"].contains(&name.as_str())
            {
                soften(definition);
            }
        }
        add_defaults(&mut schema, "", &toml::Value::Table(defaults));
        let schema = schemars::Schema::try_from(schema).unwrap();
        serde_json::to_string_pretty(&schema).unwrap() + "\n"
    }

    fn soften(definition: &mut Value) {
        definition.as_object_mut().unwrap().remove("required");
    }

    /// Puts each default beside its key; sections of one type must have the same defaults.
    fn add_defaults(schema: &mut Value, pointer: &str, defaults: &toml::Value) {
        for (key, default) in defaults.as_table().unwrap() {
            let here = format!("{pointer}/properties/{key}");
            let used = schema.pointer_mut(&here).unwrap();
            let target = used["$ref"].as_str().map(|name| name.trim_start_matches('#').to_owned());
            if default.is_table() {
                add_defaults(schema, &target.unwrap(), default);
            } else {
                let default = serde_json::to_value(default).unwrap();
                let earlier = used.as_object_mut().unwrap().insert("default".to_owned(), default.clone());
                assert!(earlier.is_none_or(|earlier| earlier == default), "two defaults: {here}");
            }
        }
    }

    #[test]
    fn the_committed_schema_is_current() {
        held("settings.schema.json", &generated());
    }

    #[test]
    fn every_key_has_a_default_and_every_default_is_a_key() {
        let document = Document::parse("defaults.toml", DEFAULTS).unwrap();
        let (leaves, problems) = shape::read(&document.table);
        assert!(problems.is_empty(), "{problems:?}");
        let defaults: BTreeSet<String> = leaves.into_keys().collect();
        let keys: BTreeSet<String> = keys().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys.difference(&defaults).collect::<Vec<_>>(), ["images", "smoke", "steps", "waivers"]);
        assert!(defaults.is_subset(&keys));
    }

    #[test]
    fn every_key_is_described() {
        let steps = Node::find("steps").unwrap().items().unwrap();
        let steps = steps.properties().map(|(key, node)| (format!("steps.{key}"), node));
        for (key, node) in keys().into_iter().chain(steps) {
            assert!(node.doc().ends_with('.'), "{key}: {:?}", node.doc());
            assert_ne!(node.kind().expected(), Kind::Anything.expected(), "{key}");
        }
    }

    #[test]
    fn the_schema_takes_the_defaults_and_refuses_what_is_unknown() {
        let validator = jsonschema::validator_for(&SCHEMA).unwrap();
        let json = |text: &str| serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
        assert!(validator.is_valid(&json(DEFAULTS)));
        assert!(validator.is_valid(&json("[[steps]]\nname = 'a'\nrun = 'true'\nenv = { A = 'b' }")));
        for wrong in
            ["mod = 1", "[[steps]]\nname = 'a'", "run.timeout = '5d'", "[[steps]]\nname='a b'\nrun='x'"]
        {
            assert!(!validator.is_valid(&json(wrong)), "{wrong}");
        }
    }
}
