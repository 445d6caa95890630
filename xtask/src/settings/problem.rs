//! Something wrong with a setting, and how it is shown: where it stands in a file, as rustc does, or else the
//! variable or flag that it came from.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::document::{Document, SyntaxError};
use super::schema::Node;
use crate::kit::failure::Failure;
use crate::kit::text;

/// What part of a setting a label is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
}

/// What is wrong with one setting.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    title: String,
    /// The path of the value: `test.retries`, `steps[0].run`.
    path: String,
    labels: Vec<Label>,
    notes: Vec<String>,
    help: Option<String>,
}

#[derive(Clone, Debug)]
struct Label {
    path: String,
    part: Part,
    text: String,
}

impl Problem {
    pub(super) fn new(title: impl Into<String>, path: impl Into<String>) -> Self {
        let (title, path) = (title.into(), path.into());
        Self { title, path, labels: Vec::new(), notes: Vec::new(), help: None }
    }

    /// Says something about the setting itself.
    #[must_use]
    pub(super) fn label(self, part: Part, text: impl Into<String>) -> Self {
        let path = self.path.clone();
        self.label_at(path, part, text)
    }

    /// Says something about another place.
    #[must_use]
    pub(super) fn label_at(mut self, path: String, part: Part, text: impl Into<String>) -> Self {
        self.labels.push(Label { path, part, text: text.into() });
        self
    }

    /// Says something without a place.
    #[must_use]
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says what was probably meant, if anything was.
    #[must_use]
    pub(super) fn meant(self, name: Option<&str>) -> Self {
        match name {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    fn render(&self, document: Option<&Document>) -> String {
        let mut group = Group::with_title(Level::ERROR.primary_title(self.title.as_str()));
        let mut notes = self.notes.clone();
        if let Some(document) = document {
            group = group.element(excerpt(&document.path, &document.text, self.annotations(document)));
        } else {
            notes.extend(self.labels.iter().map(|label| label.text.clone()));
        }
        group = group.elements(notes.iter().map(|note| Level::NOTE.message(note)));
        group = group.elements(self.help.iter().map(|help| Level::HELP.message(help)));
        rendered(group)
    }

    fn annotations<'a>(&'a self, document: &Document) -> Vec<Annotation<'a>> {
        let annotation = |(index, label): (usize, &'a Label)| {
            let place = document.place(&label.path)?;
            let span = if label.part == Part::Key { place.key.clone() } else { place.value.clone() };
            let kind = if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
            Some(kind.span(span).label(&label.text))
        };
        self.labels.iter().enumerate().filter_map(annotation).collect()
    }

    /// The key as `config explain` takes it: the nearest one that there is.
    fn key(&self) -> Option<String> {
        let key: Vec<&str> =
            self.path.split('.').map(|part| part.split('[').next().unwrap_or(part)).collect();
        let prefixes = (1..=key.len()).rev().map(|length| key[..length].join("."));
        prefixes.into_iter().find(|key| Node::find(key).is_some())
    }
}

/// A failure that tells all problems, each with the file that it stands in, if it stands in one.
pub(super) fn failure<'a>(
    problems: impl IntoIterator<Item = (&'a Problem, Option<&'a Document>)>,
) -> Failure {
    let mut problems: Vec<_> = problems.into_iter().collect();
    // In the order of the file; what stands in no file comes behind it.
    problems.sort_by_key(|(problem, document)| {
        let place = document.and_then(|document| document.place(&problem.path));
        place.map_or(usize::MAX, |place| place.key.start)
    });
    let rendered: Vec<String> =
        problems.iter().map(|(problem, document)| problem.render(*document)).collect();
    let message = match problems.as_slice() {
        [(only, _)] => text::terminal(&only.title),
        several => format!("{} of the settings", text::plural(several.len(), "problem")),
    };
    let hint = match problems.iter().find_map(|(problem, _)| problem.key()) {
        Some(key) if problems.len() == 1 => format!("`cargo xtask config explain {key}` describes it"),
        Some(_) => "`cargo xtask config explain KEY` describes a key".to_owned(),
        None => "`cargo xtask config explain` lists all keys".to_owned(),
    };
    Failure::usage(message).excerpt(rendered.join("\n\n")).hint(hint)
}

/// A failure for a file that is no TOML.
pub(super) fn syntax(path: &str, source: &str, error: &SyntaxError) -> Failure {
    let title = format!("{path} is not valid TOML");
    let label = error.message.replace('\n', ", ");
    let annotation = AnnotationKind::Primary.span(error.span.clone()).label(label);
    let group = Group::with_title(Level::ERROR.primary_title(&title));
    let group = group.element(excerpt(path, source, vec![annotation]));
    let rendered = rendered(group);
    Failure::usage(text::terminal(&title)).excerpt(rendered)
}

/// Plain text; names and values in it came from outside.
fn rendered(group: Group<'_>) -> String {
    text::terminal(&Renderer::plain().render(&[group]))
}

fn excerpt<'a>(
    path: &'a str,
    source: &'a str,
    annotations: Vec<Annotation<'a>>,
) -> Snippet<'a, Annotation<'a>> {
    Snippet::source(source).path(path).annotations(annotations)
}
