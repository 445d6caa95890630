//! Texts with expressions: the part of Handlebars that rules of tags need. `{{name}}`, `{{{name}}}`, `{{date 'FORMAT'
//! tz='ZONE'}}`, `{{commit_date …}}`, `{{#if name}}…{{else}}…{{/if}}`, `{{#unless …}}`, `{{! comments }}`, `~` next to
//! the braces and `\{{`. All of it is understood when a rule is read, so that a slip is found on every event.

use super::date;
use super::error::Problem;
use super::inputs::{Inputs, Source};
use super::made::{Made, Origin};

mod node;
mod parse;

use node::{Moment, Node};
pub(super) use node::{Name, Scope};

/// A text with expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Node>);

/// The parts of a version that a pattern may name.
pub(super) trait Parts {
    /// The text of a part; none for what is no part.
    fn part(&self, name: Name) -> Option<String>;
}

/// No version.
pub(super) struct NoParts;

impl Parts for NoParts {
    fn part(&self, _: Name) -> Option<String> {
        None
    }
}

impl Template {
    /// Reads a text with expressions.
    pub(super) fn parse(text: &str, scope: Scope) -> Result<Self, Problem> {
        parse::nodes(text, scope).map(Self)
    }

    /// The text, with what expressions stand for.
    pub(super) fn render(&self, inputs: &Inputs, parts: &dyn Parts) -> Made {
        let mut made = Made::default();
        render(&self.0, inputs, parts, &mut made);
        made
    }

    /// Whether it is `{{raw}}` and nothing else.
    pub(super) fn is_raw(&self) -> bool {
        self.0 == [Node::Name(Name::Raw)]
    }

    /// Whether there is no text in it, and no expression.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn render(nodes: &[Node], inputs: &Inputs, parts: &dyn Parts, made: &mut Made) {
    for node in nodes {
        match node {
            Node::Text(text) => made.text.push_str(text),
            Node::Name(name) => {
                let (text, origin) = value(*name, inputs, parts);
                // An expression that stands for nothing here did not make the text.
                if !text.is_empty() {
                    made.push(&Made::of(text, origin));
                }
            }
            Node::Date { of, format, zone } => {
                let time = match of {
                    Moment::Run => inputs.now,
                    Moment::Commit => inputs.committed,
                };
                made.text.push_str(&date::format(time, *zone, format));
            }
            Node::If { condition, then, otherwise } => {
                let (text, _) = value(*condition, inputs, parts);
                let holds = !text.is_empty() && text != "false";
                render(if holds { then } else { otherwise }, inputs, parts, made);
            }
        }
    }
}

fn value(name: Name, inputs: &Inputs, parts: &dyn Parts) -> (String, Origin) {
    match (name, &inputs.source) {
        (Name::Branch, Source::Branch(text)) | (Name::Tag, Source::Tag(text)) => {
            (text.clone(), Origin::Reference)
        }
        (Name::Branch | Name::Tag, _) => (String::new(), Origin::Settings),
        (Name::Sha, _) => (inputs.short_commit().to_owned(), Origin::Commit),
        (Name::BaseRef, Source::MergeQueue(base)) => (base.clone(), Origin::Base),
        (Name::BaseRef, _) => (inputs.base.clone().unwrap_or_default(), Origin::Base),
        (Name::IsDefaultBranch, _) => (inputs.is_default_branch().to_string(), Origin::Settings),
        (Name::IsNotDefaultBranch, _) => ((!inputs.is_default_branch()).to_string(), Origin::Settings),
        _ => (parts.part(name).unwrap_or_default(), Origin::Reference),
    }
}

#[cfg(test)]
mod tests;
