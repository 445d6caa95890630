//! Texts as tags. A registry takes 128 of `A-Z a-z 0-9 . _ -`, the first neither `.` nor `-`; git takes nearly
//! everything. What cannot stay becomes `-`, as users know it. Where that loses more than a `/` or a `+` of a name, or
//! where the name is too long, a hash of all of it keeps it apart from its neighbours.

use crate::digest::Digest;
use crate::reference::{TAG_BYTES, Tag};

use super::made::{Made, is_legal};

/// How many digits of the hash a tag shows.
const DIGITS: usize = 8;

/// The longest suffix that stays behind the hash. Users pick images by suffixes such as `-alpine`.
const SUFFIX: usize = 32;

/// A tag, and what was done to the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Safe {
    pub(super) tag: Tag,
    pub(super) change: Change,
}

/// What was done to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing.
    None,
    /// Letters that no tag has became `-`, or were dropped in front.
    Replaced,
    /// A hash tells it from others that would look alike.
    Hashed,
    /// It was cut, and a hash tells it from others.
    Cut,
}

/// The tag of a text; none when there is nothing in it that a tag could have.
pub(super) fn safe(head: &Made, suffix: &Made) -> Option<Safe> {
    let whole = head.clone().then(suffix);
    let plain = plain(&whole.text);
    if plain.is_empty() && !whole.is_lossy {
        return None;
    }
    if !whole.is_lossy && plain.len() <= TAG_BYTES {
        let change = if plain == whole.text { Change::None } else { Change::Replaced };
        return Some(Safe { tag: plain.parse().ok()?, change });
    }
    let hash = Digest::of(whole.text.as_bytes());
    let hash = hash.hex().get(..DIGITS).unwrap_or_default();
    let tail = Some(squeezed(&suffix.text)).filter(|tail| tail.len() <= SUFFIX);
    let start = if tail.is_some() { self::plain(&head.text) } else { plain };
    let tail = tail.unwrap_or_default();
    let room = TAG_BYTES - 1 - DIGITS - tail.len();
    let change = if start.len() > room { Change::Cut } else { Change::Hashed };
    let start = start.get(..room).unwrap_or(&start).trim_end_matches(['.', '-']);
    let start = if start.is_empty() { "ref" } else { start };
    Some(Safe { tag: format!("{start}-{hash}{tail}").parse().ok()?, change })
}

/// Each run of letters that no tag has becomes one `-`.
fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_run = false;
    for letter in text.chars() {
        let legal = is_legal(letter);
        if legal {
            out.push(letter);
        } else if !in_run {
            out.push('-');
        }
        in_run = !legal;
    }
    out
}

/// The same, without what no tag may begin with.
fn plain(text: &str) -> String {
    squeezed(text).trim_start_matches(['.', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tags::made::Origin;

    fn of(text: &str, suffix: &str, origin: Origin) -> Option<(String, Change)> {
        let made = |text: &str| Made::of(text, origin);
        safe(&made(text), &made(suffix)).map(|safe| (safe.tag.to_string(), safe.change))
    }

    fn tag(text: &str) -> String {
        of(text, "", Origin::Reference).unwrap().0
    }

    #[test]
    fn everyday_names_stay_readable() {
        assert_eq!(of("main", "", Origin::Reference).unwrap(), ("main".to_owned(), Change::None));
        assert_eq!(tag("feature/x"), "feature-x");
        assert_eq!(tag("dependabot/npm_and_yarn/a-1.2"), "dependabot-npm_and_yarn-a-1.2");
        assert_eq!(tag("v1.2.3+4"), "v1.2.3-4");
        assert_eq!(tag("-x"), "x");
    }

    #[test]
    fn names_that_would_look_alike_get_a_hash() {
        let tags = ["a#b", "a@b", "a//b", "a/#b", "a b"].map(tag);
        for (index, tag) in tags.iter().enumerate() {
            assert!(tag.starts_with("a-b-") && tag.len() == 12, "{tag}");
            assert!(!tags[..index].contains(tag), "{tag}");
        }
        assert_eq!(tag("größe").len(), "gr-e-00000000".len());
        assert!(tag("日本").starts_with("ref-"));
    }

    #[test]
    fn long_names_are_cut_and_keep_their_suffix() {
        let long = |end: &str| of(&("a/".repeat(90) + end), "-alpine", Origin::Reference).unwrap();
        let (one, change) = long("x");
        assert!((120..=TAG_BYTES).contains(&one.len()) && change == Change::Cut, "{one}");
        assert!(one.ends_with("-alpine") && one.starts_with("a-a-a-"), "{one}");
        assert_ne!(one, long("y").0);
        assert_eq!(of("x", &"s".repeat(200), Origin::Settings).unwrap().0.len(), TAG_BYTES);
    }

    #[test]
    fn what_the_settings_say_gets_no_hash() {
        assert_eq!(of("a  b#c", "", Origin::Settings).unwrap().0, "a-b-c");
        assert_eq!(of("#", "", Origin::Settings), None);
        assert_eq!(of("", "", Origin::Reference), None);
    }

    proptest! {
        #[test]
        fn every_text_is_a_tag_or_nothing(text in "\\PC{0,200}", suffix in "\\PC{0,50}") {
            for origin in [Origin::Settings, Origin::Reference] {
                let made = |text: &str| Made::of(text, origin);
                // The only texts without a tag are those of which nothing is left.
                let is_nothing = plain(&(text.clone() + &suffix)).is_empty();
                prop_assert!(safe(&made(&text), &made(&suffix)).is_some() || is_nothing);
            }
        }
    }
}
