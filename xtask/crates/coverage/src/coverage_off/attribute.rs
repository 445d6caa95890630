//! Attributes that switch coverage off or on.

use super::lexer::Token;

/// What an attribute says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Switch {
    On,
    Off,
}

/// An attribute, by its first token and the one behind its last.
pub(super) struct Found {
    pub(super) switch: Switch,
    /// Whether it is written `#![…]`, and speaks of what is around it.
    pub(super) inner: bool,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// All of them, in the order of the file.
pub(super) fn find(tokens: &[Token<'_>]) -> Vec<Found> {
    let starts = (0..tokens.len()).filter(|start| text(tokens, *start) == "#");
    starts.filter_map(|start| at(tokens, start)).collect()
}

fn at(tokens: &[Token<'_>], start: usize) -> Option<Found> {
    let inner = text(tokens, start + 1) == "!";
    let open = start + 1 + usize::from(inner);
    if text(tokens, open) != "[" || !matches!(text(tokens, open + 1), "coverage" | "cfg_attr") {
        return None;
    }
    let words: Vec<&str> = tokens.iter().skip(open + 1).take(LONGEST).map(|token| token.text).collect();
    let (words, _) = words.split_at_checked(closing(&words)?)?;
    Some(Found { switch: switch(words)?, inner, start, end: open + words.len() + 2 })
}

/// Words of the longest attribute that is looked at, so that brackets that are never closed cost nothing.
const LONGEST: usize = 200;

fn text<'a>(tokens: &[Token<'a>], index: usize) -> &'a str {
    tokens.get(index).map_or("", |token| token.text)
}

/// Where the bracket closes that was opened before.
fn closing(words: &[&str]) -> Option<usize> {
    let mut open = 1u32;
    words.iter().position(|word| {
        match *word {
            "(" | "[" | "{" => open += 1,
            ")" | "]" | "}" => open -= 1,
            _ => {}
        }
        open == 0
    })
}

fn switch(words: &[&str]) -> Option<Switch> {
    match words {
        ["coverage", "(", "off", ")"] => Some(Switch::Off),
        ["coverage", "(", "on", ")"] => Some(Switch::On),
        ["cfg_attr", "(", inside @ .., ")"] => {
            let comma = top_level_comma(inside)?;
            let (condition, attributes) = inside.split_at_checked(comma)?;
            let asks = |word: &&str| matches!(*word, "coverage" | "coverage_nightly");
            let asked = condition.iter().any(asks) && !condition.contains(&"not");
            let mut windows = attributes.windows(4);
            asked.then(|| windows.find_map(switch)).flatten()
        }
        _ => None,
    }
}

fn top_level_comma(words: &[&str]) -> Option<usize> {
    let mut depth = 0i64;
    words.iter().position(|word| {
        depth += i64::from(*word == "(") - i64::from(*word == ")");
        depth == 0 && *word == ","
    })
}
