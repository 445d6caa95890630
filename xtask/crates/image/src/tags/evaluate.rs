//! Rules over inputs: which tags an image gets, in which order, and why.

use super::error::{Problem, Shown as _, TagError};
use super::flavor::{Affix, Flavor, Latest};
use super::inputs::{Inputs, Source};
use super::made::{Made, Origin};
use super::release::{self, Release};
use super::rule::{Rule, What};
use super::safe::{Change, Safe, safe};
use super::template::{NoParts, Template};
use crate::reference::Tag;

mod value;
mod versioned;

pub use value::Follows;
use value::{Outcome, Value};

/// The tags of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags {
    /// The first tag, by priority; it is what the image's label says for its version.
    pub version: Option<Tag>,
    /// All tags, the first one first and `latest` last. No tag is there twice.
    pub tags: Vec<Named>,
    /// The rules that made no tag, and why.
    pub skipped: Vec<Skipped>,
    /// The version of the release that the image is, when it is one.
    pub release: Option<Release>,
}

/// A tag, and how it came to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The tag.
    pub tag: Tag,
    /// What the tag follows, and thereby which image may take it.
    pub follows: Follows,
    /// One sentence for people, without a full stop: ``from `type=edge`: the branch is `main` ``.
    pub reason: String,
}

/// A rule that made no tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The rule, as it was written.
    pub rule: String,
    /// Why, in one sentence without a full stop.
    pub reason: String,
}

/// The tags of these rules.
///
/// # Errors
/// A rule whose `enable` is neither `true` nor `false`.
pub fn evaluate(rules: &[Rule], flavor: &Flavor, inputs: &Inputs) -> Result<Tags, TagError> {
    let mut sorted: Vec<&Rule> = rules.iter().collect();
    sorted.sort_by(|one, other| other.priority.total_cmp(&one.priority));
    let mut tags = Tags::default();
    let mut latest = None;
    for rule in sorted {
        let outcome = if is_enabled(rule, inputs)? {
            value(rule, inputs)
        } else {
            Err("`enable` is `false`".to_owned())
        };
        match outcome.and_then(|value| named(rule, flavor, inputs, value)) {
            Ok((named, value)) => {
                latest.get_or_insert(value.latest);
                tags.release = tags.release.or(value.release);
                tags.add(named);
            }
            Err(reason) => tags.skipped.push(Skipped { rule: rule.line.clone(), reason }),
        }
    }
    tags.version = tags.tags.first().map(|first| first.tag.clone());
    tags.release = tags.release.or_else(|| tag_release(inputs));
    let (wanted, why) = match flavor.latest {
        Latest::Auto => (latest == Some(true), "the first tag is that of a stable release"),
        Latest::Always => (latest.is_some(), "it is always wanted"),
        Latest::Never => (false, ""),
    };
    if wanted {
        tags.add_latest(flavor, inputs, why);
    }
    Ok(tags)
}

impl Tags {
    fn add(&mut self, named: Named) {
        if self.tags.iter().all(|other| other.tag != named.tag) {
            self.tags.push(named);
        }
    }

    fn add_latest(&mut self, flavor: &Flavor, inputs: &Inputs, why: &str) {
        let shown = if flavor.latest == Latest::Auto { "auto" } else { "true" };
        let affix = |affix: &Affix| {
            affix.text.as_ref().filter(|_| affix.on_latest).map(|text| text.render(inputs, &NoParts))
        };
        let word = Made::of("latest", Origin::Settings);
        let head = affix(&flavor.prefix).unwrap_or_default().then(&word);
        let Some(safe) = safe(&head, &affix(&flavor.suffix).unwrap_or_default()) else { return };
        // Where another rule made it already, it goes to the end all the same.
        self.tags.retain(|named| named.tag != safe.tag);
        let reason = format!("from `latest={shown}`: {why}");
        self.tags.push(Named { tag: safe.tag, follows: Follows::Latest, reason });
    }
}

fn is_enabled(rule: &Rule, inputs: &Inputs) -> Result<bool, TagError> {
    let text = rule.enable.render(inputs, &NoParts).text;
    super::flavor::truth("enable", &text).map_err(|problem: Problem| problem.at(&rule.line))
}

/// Puts prefix and suffix around a value and makes a tag of it.
fn named(rule: &Rule, flavor: &Flavor, inputs: &Inputs, value: Value) -> Result<(Named, Value), String> {
    let affix = |own: &Option<Template>, all: &Affix| {
        own.as_ref().or(all.text.as_ref()).map(|text| text.render(inputs, &NoParts)).unwrap_or_default()
    };
    let head = affix(&rule.prefix, &flavor.prefix).then(&value.made);
    let suffix = affix(&rule.suffix, &flavor.suffix);
    let origin = head.origin.max(suffix.origin);
    let Some(Safe { tag, change }) = safe(&head, &suffix) else {
        return Err(if head.text.is_empty() && suffix.text.is_empty() {
            format!("{}, which is an empty text here", value.why)
        } else {
            format!("{}, and nothing of that can be in a tag", value.why)
        });
    };
    let follows = match (value.follows, origin) {
        _ if tag.as_str() == "latest" => Follows::Latest,
        // A branch in a prefix makes the tag that branch's own.
        (Follows::Settings, Origin::Reference) => Follows::Reference,
        (Follows::Settings, Origin::Commit) => Follows::Commit,
        (follows, _) => follows,
    };
    let change = match change {
        Change::None => "",
        Change::Replaced => "; letters that no tag has are `-`",
        Change::Hashed => "; a hash of the name stands for letters that no tag has",
        Change::Cut => "; a hash of the name stands for what is too long",
    };
    let reason = format!("from `{}`: {}{change}", rule.line.shown(), value.why);
    Ok((Named { tag, follows, reason }, value))
}

fn value(rule: &Rule, inputs: &Inputs) -> Outcome {
    match &rule.what {
        What::Schedule { .. } if !inputs.scheduled => Err("no clock started the run".to_owned()),
        What::Schedule { pattern } => {
            let made = pattern.render(inputs, &NoParts);
            Ok(Value::plain(made, "a clock started the run".to_owned(), Follows::Settings))
        }
        What::Semver(rule) => versioned::semver(rule, inputs),
        What::Pep440(rule) => versioned::pep440(rule, inputs),
        What::Match { pattern, group, value } => versioned::matching(pattern, *group, value.as_ref(), inputs),
        What::Edge { branch } => edge(branch.as_deref(), inputs),
        What::Branch => match &inputs.source {
            Source::Branch(name) => Ok(Value::plain(
                Made::of(name, Origin::Reference),
                inputs.source.is_told(),
                Follows::Reference,
            )),
            source => Err(format!("it is {source}, and no branch")),
        },
        What::Tag => match &inputs.source {
            Source::Tag(name) => {
                let latest = tag_release(inputs).is_none_or(|release| release.is_stable());
                let value = Value::plain(
                    Made::of(name, Origin::Reference),
                    inputs.source.is_told(),
                    Follows::Reference,
                );
                Ok(Value { latest, ..value })
            }
            source => Err(format!("it is {source}, and no tag")),
        },
        What::PullRequest => match &inputs.source {
            Source::PullRequest(number) => {
                let made = Made::of(number.to_string(), Origin::Reference);
                Ok(Value::plain(made, inputs.source.is_told(), Follows::Reference))
            }
            source => Err(format!("it is {source}, and no pull request")),
        },
        What::Raw { value } => {
            let made = value.render(inputs, &NoParts);
            let why = if made.origin == Origin::Settings {
                "the text is as it is".to_owned()
            } else {
                inputs.source.is_told()
            };
            Ok(Value::plain(made, why, Follows::Settings))
        }
        What::ShortSha | What::LongSha if inputs.commit.is_empty() => {
            Err("the commit is not known".to_owned())
        }
        What::ShortSha => Ok(commit(inputs.short_commit(), inputs)),
        What::LongSha => Ok(commit(&inputs.commit, inputs)),
    }
}

fn commit(shown: &str, inputs: &Inputs) -> Value {
    let why = match inputs.source {
        Source::PullRequest(number) => {
            format!("the head of pull request {number} is `{}`", inputs.commit.shown())
        }
        _ => format!("the commit is `{}`", inputs.commit.shown()),
    };
    Value::plain(Made::of(shown, Origin::Commit), why, Follows::Commit)
}

fn edge(branch: Option<&str>, inputs: &Inputs) -> Outcome {
    let Some(wanted) = branch.or(inputs.default_branch.as_deref()) else {
        return Err("the default branch is not known, and the rule names no `branch`".to_owned());
    };
    match &inputs.source {
        Source::Branch(name) if name == wanted => {
            let made = Made::of("edge", Origin::Settings);
            Ok(Value::plain(made, inputs.source.is_told(), Follows::Settings))
        }
        source => Err(format!("it is {source}, and not the branch `{}`", wanted.shown())),
    }
}

/// The version that the git tag is, as Semantic Versioning has it.
fn tag_release(inputs: &Inputs) -> Option<Release> {
    match &inputs.source {
        Source::Tag(name) => release::semver(name).map(Release::semver),
        _ => None,
    }
}

impl Source {
    /// The sentence of a reason.
    fn is_told(&self) -> String {
        match self {
            Self::Branch(name) => format!("the branch is `{}`", name.shown()),
            Self::Tag(name) => format!("the tag is `{}`", name.shown()),
            Self::PullRequest(number) => format!("the pull request is {number}"),
            Self::MergeQueue(base) => format!("a merge queue tries it for `{}`", base.shown()),
            Self::Commit => "it is a commit without a name".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
