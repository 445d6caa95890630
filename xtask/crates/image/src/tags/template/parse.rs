//! Reads templates.

use chrono_tz::Tz;

use super::node::{Moment, Name, Node, Scope};
use crate::tags::date;
use crate::tags::error::{Problem, Shown as _, words};
use crate::tags::suggest::nearest;

/// How deep conditions may stand in conditions: far more than anybody reads, and little enough for any stack.
const DEEPEST: usize = 16;

const GLOBAL: [(&str, Name); 6] = [
    ("branch", Name::Branch),
    ("tag", Name::Tag),
    ("sha", Name::Sha),
    ("base_ref", Name::BaseRef),
    ("is_default_branch", Name::IsDefaultBranch),
    ("is_not_default_branch", Name::IsNotDefaultBranch),
];

/// Those of versions; the first five are known of both kinds.
const PARTS: [(&str, Name); 7] = [
    ("raw", Name::Raw),
    ("version", Name::Version),
    ("major", Name::Major),
    ("minor", Name::Minor),
    ("patch", Name::Patch),
    ("prerelease", Name::Prerelease),
    ("build", Name::Build),
];

/// A piece of a template: text, or what stands between braces.
enum Piece<'a> {
    Text(String),
    Tag(&'a str),
}

/// How a run of pieces ended.
enum End<'a> {
    Text,
    Else(&'a str),
    Close(&'a str),
}

/// Pieces that are still to be read.
struct Reader<'a> {
    pieces: std::vec::IntoIter<Piece<'a>>,
    scope: Scope,
    /// How much deeper conditions may stand.
    depth: usize,
}

pub(super) fn nodes(text: &str, scope: Scope) -> Result<Vec<Node>, Problem> {
    let mut reader = Reader { pieces: pieces(text)?.into_iter(), scope, depth: DEEPEST };
    match reader.run()? {
        (nodes, End::Text) => Ok(nodes),
        (_, End::Else(_)) => Err(told("`{{else}}` stands outside of a condition")),
        (_, End::Close(name)) => Err(told(&format!("`{{{{/{}}}}}` closes nothing", name.shown()))),
    }
}

fn told(what: &str) -> Problem {
    Problem::Expression(what.to_owned())
}

/// Cuts a text at its braces.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Problem> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (inside, next) = inside(behind)?;
        if let Some(before) = before.strip_suffix('\\') {
            plain.push_str(before);
            plain.push_str("{{");
            plain.push_str(inside);
            plain.push_str("}}");
            rest = next;
            continue;
        }
        plain.push_str(before);
        let (left, inside) = inside.strip_prefix('~').map_or((false, inside), |inside| (true, inside));
        let (right, inside) = inside.strip_suffix('~').map_or((false, inside), |inside| (true, inside));
        if left {
            plain.truncate(plain.trim_end().len());
        }
        rest = if right { next.trim_start() } else { next };
        if !inside.starts_with('!') {
            pieces.extend([Piece::Text(std::mem::take(&mut plain)), Piece::Tag(inside)]);
        }
    }
    plain.push_str(rest);
    pieces.push(Piece::Text(plain));
    Ok(pieces)
}

/// What stands between the braces, of which two are read already, and what follows them. Three braces and `&` mean "do
/// not escape for HTML", which nothing here does anyway.
fn inside(text: &str) -> Result<(&str, &str), Problem> {
    let (text, close) = if let Some(text) = text.strip_prefix('{') {
        (text, "}}}")
    } else if text.starts_with("!--") {
        (text, "--}}")
    } else {
        (text.strip_prefix('&').unwrap_or(text), "}}")
    };
    text.split_once(close).ok_or_else(|| told(&format!("`{{{{` is not closed by `{close}`")))
}

impl<'a> Reader<'a> {
    /// Reads up to what ends this run.
    fn run(&mut self) -> Result<(Vec<Node>, End<'a>), Problem> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let tag = match piece {
                Piece::Text(text) if text.is_empty() => continue,
                Piece::Text(text) => {
                    nodes.push(Node::Text(text));
                    continue;
                }
                Piece::Tag(tag) => tag.trim(),
            };
            if let Some(name) = tag.strip_prefix('/') {
                return Ok((nodes, End::Close(name.trim())));
            }
            if let Some(rest) =
                tag.strip_prefix("else").filter(|rest| rest.is_empty() || rest.starts_with(' '))
            {
                return Ok((nodes, End::Else(rest.trim())));
            }
            match tag.strip_prefix('#') {
                Some(block) => nodes.push(self.condition(block.trim(), None)?),
                None => nodes.push(expression(tag, self.scope)?),
            }
        }
        Ok((nodes, End::Text))
    }

    /// A condition from its opening words on. A chain of `{{else if x}}` is closed by the word that opened all of it.
    fn condition(&mut self, open: &'a str, close: Option<&'a str>) -> Result<Node, Problem> {
        let (word, name) = open.split_once(char::is_whitespace).unwrap_or((open, ""));
        let negated = match word {
            "if" => false,
            "unless" => true,
            _ => {
                let open = open.shown();
                return Err(told(&format!("`{{{{#{open}}}}}` is not known; there are `#if` and `#unless`")));
            }
        };
        let condition = named(name.trim(), self.scope)?;
        self.depth =
            self.depth.checked_sub(1).ok_or_else(|| told("conditions stand too deep in each other"))?;
        let close = close.unwrap_or(word);
        let (first, end) = self.run()?;
        let (second, end) = match end {
            End::Else("") => self.run()?,
            End::Else(next) => (vec![self.condition(next, Some(close))?], End::Close(close)),
            end => (Vec::new(), end),
        };
        self.depth += 1;
        let (then, otherwise) = if negated { (second, first) } else { (first, second) };
        match end {
            End::Close(found) if found == close => Ok(Node::If { condition, then, otherwise }),
            _ => Err(told(&format!("`{{{{#{close}}}}}` is not closed by `{{{{/{close}}}}}`"))),
        }
    }
}

/// `name`, or `date 'FORMAT' tz='ZONE'`.
fn expression(text: &str, scope: Scope) -> Result<Node, Problem> {
    let (word, arguments) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let of = match word {
        "date" => Moment::Run,
        "commit_date" => Moment::Commit,
        _ if arguments.trim().is_empty() => return named(word, scope).map(Node::Name),
        _ => {
            named(word, scope)?;
            return Err(told(&format!("`{{{{{word}}}}}` takes nothing behind its name")));
        }
    };
    let example =
        format!("write `{{{{{word} 'YYYYMMDD'}}}}`, and `tz='Asia/Tokyo'` behind that for a time zone");
    let (format, rest) = quoted(arguments.trim_start())
        .ok_or_else(|| told(&format!("`{{{{{word}}}}}` has no format in quotes; {example}")))?;
    if format.is_empty() {
        return Err(told(&format!("`{{{{{word} ''}}}}` has an empty format; {example}")));
    }
    let rest = rest.trim();
    let zone = if rest.is_empty() { Tz::UTC } else { zone(rest, &example)? };
    Ok(Node::Date { of, format: format.to_owned(), zone })
}

/// `tz='ZONE'`.
fn zone(text: &str, example: &str) -> Result<Tz, Problem> {
    let name = text.strip_prefix("tz").and_then(|rest| rest.trim_start().strip_prefix('='));
    let name = name.and_then(|rest| quoted(rest.trim_start())).filter(|(_, behind)| behind.trim().is_empty());
    let Some((name, _)) = name else {
        return Err(told(&format!("`{}` is not known behind a format; {example}", text.shown())));
    };
    date::zone(name).ok_or_else(|| {
        told(&format!("`{}` is no time zone of the IANA database, as `Europe/Berlin` is", name.shown()))
    })
}

/// A text in quotes of either kind, and what follows.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
    text.get(1..)?.split_once(quote)
}

fn named(word: &str, scope: Scope) -> Result<Name, Problem> {
    let parts = match scope {
        Scope::Everywhere => 0,
        Scope::Pep440 => 5,
        Scope::Semver => PARTS.len(),
    };
    let known = || PARTS.iter().take(parts).chain(&GLOBAL);
    if let Some((_, name)) = known().find(|(text, _)| *text == word) {
        return Ok(*name);
    }
    let legal: Vec<&str> = known().map(|(text, _)| *text).chain(["date", "commit_date"]).collect();
    let shown = word.shown();
    let meant = nearest(word, &legal);
    let hint = meant.map_or_else(
        || format!("there are {}", words(&legal)),
        |meant| format!("did you mean `{{{{{meant}}}}}`?"),
    );
    Err(told(&format!("`{{{{{shown}}}}}` is not known here; {hint}")))
}
