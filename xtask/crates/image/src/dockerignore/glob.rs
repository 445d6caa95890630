//! One pattern. `*` and `?` stop at `/`, `**` does not, `[…]` is a set, `\` takes the meaning from the next character.

use std::fmt::Write as _;

use regex::Regex;

/// A pattern, in the form that is quickest to hold against a path.
#[derive(Clone, Debug)]
pub(super) struct Glob {
    test: Test,
    /// The folders that it begins with, as far as they are plain text.
    folders: Vec<String>,
    /// How many parts a path has that fits; none when `**` allows any number.
    depth: Option<usize>,
}

#[derive(Clone, Debug)]
enum Test {
    /// The path itself.
    Exactly(String),
    /// `text**`: whatever begins so.
    Beginning(String),
    /// `**text`: whatever ends so, also in the midst of a name.
    Ending(String),
    /// Anything else.
    Regex(Regex),
}

/// A pattern in its parts.
enum Piece {
    Plain(char),
    /// `*`
    Name,
    /// `?`
    Character,
    /// `**`, and with it a `/` that follows.
    Anything,
    /// `[…]`, as a class of a regular expression.
    Class(String),
}

impl Glob {
    /// A pattern that is clean: no `.`, no empty part, no `/` at its ends.
    pub(super) fn new(pattern: &str) -> Result<Self, &'static str> {
        let (pieces, is_plain_throughout) = pieces(pattern)?;
        let folders: Vec<String> = pattern
            .split('/')
            .take_while(|part| !part.contains(['*', '?', '[', '\\']))
            .map(ToOwned::to_owned)
            .collect();
        let depth = (!pattern.contains("**")).then(|| pattern.split('/').count());
        let middle = pieces.get(1..).unwrap_or_default();
        let plain = |pieces: &[Piece]| -> Option<String> {
            pieces.iter().map(|piece| if let Piece::Plain(it) = piece { Some(*it) } else { None }).collect()
        };
        let test = match (pieces.as_slice(), is_plain_throughout) {
            // An escaped character makes the pattern an expression, whatever else is in it.
            ([Piece::Anything, ..], true) if plain(middle).is_some() => {
                Test::Ending(pattern.strip_prefix("**").unwrap_or(pattern).to_owned())
            }
            ([before @ .., Piece::Anything], true) if plain(before).is_some() => {
                Test::Beginning(plain(before).unwrap_or_default())
            }
            (all, true) if plain(all).is_some() => Test::Exactly(pattern.to_owned()),
            (all, _) => Test::Regex(expression(all)?),
        };
        Ok(Self { test, folders, depth })
    }

    pub(super) fn fits(&self, path: &str) -> bool {
        match &self.test {
            Test::Exactly(text) => path == text,
            Test::Beginning(text) => path.starts_with(text.as_str()),
            Test::Ending(text) => path.ends_with(text.as_str()) || text.strip_prefix('/') == Some(path),
            Test::Regex(regex) => regex.is_match(path),
        }
    }

    /// Whether a path below this folder may fit. Says yes where it does not know.
    pub(super) fn may_fit_below(&self, folder: &str) -> bool {
        let parts = folder.split('/').count();
        self.folders.iter().zip(folder.split('/')).all(|(plain, part)| plain == part)
            && self.depth.is_none_or(|depth| depth > parts)
    }
}

/// The pieces of a pattern, and whether each plain one is written as itself.
fn pieces(pattern: &str) -> Result<(Vec<Piece>, bool), &'static str> {
    let mut pieces = Vec::new();
    let mut is_plain_throughout = true;
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        pieces.push(match character {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                Piece::Anything
            }
            '*' => Piece::Name,
            '?' => Piece::Character,
            '[' => Piece::Class(class(&mut rest)?),
            '\\' => {
                is_plain_throughout = false;
                Piece::Plain(rest.next().ok_or("ends with `\\`, which needs a character behind it")?)
            }
            ']' => {
                is_plain_throughout = false;
                Piece::Plain(']')
            }
            other => Piece::Plain(other),
        });
    }
    Ok((pieces, is_plain_throughout))
}

/// The grammar of Go's `filepath.Match`: `-` and `]` stand for themselves only behind `\`.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<String, &'static str> {
    const OPEN: &str = "has a `[` that is not closed";

    let mut class = String::from("[");
    if rest.next_if_eq(&'^').is_some() {
        class.push('^');
    }
    let mut is_empty = true;
    loop {
        if !is_empty && rest.next_if_eq(&']').is_some() {
            class.push(']');
            return Ok(class);
        }
        let low = member(rest)?;
        let high = match rest.next_if_eq(&'-') {
            Some(_) => member(rest)?,
            None => low,
        };
        if low > high {
            return Err("has a range that ends before it begins");
        }
        for (character, mark) in [(low, "-"), (high, "")] {
            let _ = write!(class, "\\u{{{:x}}}{mark}", u32::from(character));
        }
        is_empty = false;
        rest.peek().ok_or(OPEN)?;
    }
}

fn member(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char, &'static str> {
    match rest.next() {
        None => Err("has a `[` that is not closed"),
        Some('-' | ']') => Err("has a `-` or `]` at the wrong place of a set: write it behind `\\`"),
        Some('\\') => rest.next().ok_or("has a `[` that is not closed"),
        Some(other) => Ok(other),
    }
}

fn expression(pieces: &[Piece]) -> Result<Regex, &'static str> {
    let mut text = String::from("(?s)^");
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Plain(character) => text.push_str(&regex::escape(character.encode_utf8(&mut [0; 4]))),
            Piece::Name => text.push_str("[^/]*"),
            Piece::Character => text.push_str("[^/]"),
            Piece::Anything if index + 1 == pieces.len() => text.push_str(".*"),
            Piece::Anything => text.push_str("(?:.*/)?"),
            Piece::Class(class) => text.push_str(class),
        }
    }
    text.push('$');
    Regex::new(&text).map_err(|_| "is too long")
}
