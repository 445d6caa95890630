//! Versions as Python has them. Source: <https://packaging.python.org/en/latest/specifications/version-specifiers/>,
//! with its appendix on spellings that are to be understood.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A version, in its normal form.
#[derive(Clone, Debug)]
pub(super) struct Pep440 {
    epoch: Number,
    release: Vec<Number>,
    /// `a`, `b` or `rc`, and its number.
    pre: Option<(&'static str, Number)>,
    post: Option<Number>,
    dev: Option<Number>,
    local: Vec<Local>,
}

/// A number of any length: its digits without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Number(String);

/// A part of a local version. Words come before numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Local {
    Word(String),
    Number(Number),
}

impl Pep440 {
    /// Whether it comes before its release: a candidate or a development version.
    pub(super) fn is_prerelease(&self) -> bool {
        self.pre.is_some() || self.dev.is_some()
    }

    /// Whether it comes after its release.
    pub(super) fn is_postrelease(&self) -> bool {
        self.post.is_some()
    }

    /// The number at this place of the release, `0` where there is none.
    pub(super) fn part(&self, index: usize) -> String {
        self.release.get(index).map_or_else(|| "0".to_owned(), Number::to_string)
    }

    /// What it is ordered by. Of one release the order is `.devN`, `aN`, `bN`, `rcN`, the release itself, `.postN`; and
    /// `.devN` comes before what it is of.
    fn key(&self) -> impl Ord + use<> {
        let zeros = self.release.iter().rev().take_while(|number| number.0 == "0").count();
        let release: Vec<Number> = self.release.iter().take(self.release.len() - zeros).cloned().collect();
        let pre = match &self.pre {
            Some((letter, number)) => (1, *letter, Some(number.clone())),
            None if self.dev.is_some() && self.post.is_none() => (0, "", None),
            None => (2, "", None),
        };
        let dev = (self.dev.is_none(), self.dev.clone());
        (self.epoch.clone(), release, pre, self.post.clone(), dev, self.local.clone())
    }
}

impl Ord for Pep440 {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl PartialOrd for Pep440 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pep440 {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Pep440 {}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What is still to be read of a version, in lower case.
struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    fn eat(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let length = self.0.bytes().take_while(|byte| wanted(*byte)).count();
        let (taken, rest) = self.0.split_at_checked(length).unwrap_or_default();
        self.0 = rest;
        taken
    }

    fn number(&mut self) -> Option<Number> {
        let digits = self.take(|byte| byte.is_ascii_digit());
        (!digits.is_empty()).then(|| Number::of(digits))
    }

    fn separator(&mut self) {
        let _ = self.eat("-") || self.eat("_") || self.eat(".");
    }

    /// One of these words with its number, both with separators before them; nothing is read where none is.
    fn marked(&mut self, words: &[(&str, &'static str)]) -> Option<(&'static str, Number)> {
        let mut ahead = Reader(self.0);
        ahead.separator();
        let (_, word) = words.iter().find(|(spelling, _)| ahead.eat(spelling))?;
        self.0 = ahead.0;
        ahead.separator();
        let Some(number) = ahead.number() else { return Some((word, Number::of("0"))) };
        self.0 = ahead.0;
        Some((word, number))
    }

    fn post(&mut self) -> Option<Number> {
        let mut ahead = Reader(self.0);
        if ahead.eat("-")
            && let Some(number) = ahead.number()
        {
            self.0 = ahead.0;
            return Some(number);
        }
        self.marked(&[("post", "post"), ("rev", "post"), ("r", "post")]).map(|(_, number)| number)
    }
}

impl Number {
    fn of(digits: &str) -> Self {
        let short = digits.trim_start_matches('0');
        Self(if short.is_empty() { "0" } else { short }.to_owned())
    }
}

impl Local {
    fn of(text: &str) -> Option<Self> {
        let is_word = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if text.bytes().all(|byte| byte.is_ascii_digit()) && is_word {
            return Some(Self::Number(Number::of(text)));
        }
        is_word.then(|| Self::Word(text.to_owned()))
    }
}

/// Spellings of what comes before a release, the longer first of those that begin alike.
const PRE: [(&str, &str); 8] = [
    ("alpha", "a"),
    ("a", "a"),
    ("beta", "b"),
    ("b", "b"),
    ("rc", "rc"),
    ("c", "rc"),
    ("preview", "rc"),
    ("pre", "rc"),
];

impl FromStr for Pep440 {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.to_ascii_lowercase();
        let mut reader = Reader(&lower);
        reader.eat("v");
        let mut first = reader.number().ok_or(())?;
        let mut epoch = Number::of("0");
        if reader.eat("!") {
            epoch = first;
            first = reader.number().ok_or(())?;
        }
        let mut release = vec![first];
        let mut ahead = Reader(reader.0);
        while ahead.eat(".")
            && let Some(number) = ahead.number()
        {
            release.push(number);
            reader.0 = ahead.0;
        }
        let pre = reader.marked(&PRE);
        let post = reader.post();
        let dev = reader.marked(&[("dev", "dev")]).map(|(_, number)| number);
        let local = if reader.eat("+") {
            let parts = std::mem::take(&mut reader.0).split(['.', '_', '-']);
            parts.map(Local::of).collect::<Option<_>>().ok_or(())?
        } else {
            Vec::new()
        };
        if reader.0.is_empty() { Ok(Self { epoch, release, pre, post, dev, local }) } else { Err(()) }
    }
}

impl fmt::Display for Pep440 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.epoch.0 != "0" {
            write!(f, "{}!", self.epoch)?;
        }
        for (index, number) in self.release.iter().enumerate() {
            write!(f, "{}{number}", if index == 0 { "" } else { "." })?;
        }
        if let Some((letter, number)) = &self.pre {
            write!(f, "{letter}{number}")?;
        }
        if let Some(number) = &self.post {
            write!(f, ".post{number}")?;
        }
        if let Some(number) = &self.dev {
            write!(f, ".dev{number}")?;
        }
        for (index, part) in self.local.iter().enumerate() {
            f.write_str(if index == 0 { "+" } else { "." })?;
            match part {
                Local::Word(word) => f.write_str(word)?,
                Local::Number(number) => number.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn normal(text: &str) -> Option<String> {
        text.parse::<Pep440>().ok().map(|version| version.to_string())
    }

    #[test]
    fn spellings_have_one_normal_form() {
        for (text, form) in [
            ("v1.2.3", "1.2.3"),
            ("1.1beta2", "1.1b2"),
            ("1.0.0-alpha_3.post-4+Ab-01", "1.0.0a3.post4+ab.1"),
            ("1.0-1", "1.0.post1"),
            ("1.0c1", "1.0rc1"),
            ("1.0.preview", "1.0rc0"),
            ("1.0dev", "1.0.dev0"),
            ("1.0-r4", "1.0.post4"),
            ("2!01.0RC1", "2!1.0rc1"),
            ("20200110-RC2", "20200110rc2"),
        ] {
            assert_eq!(normal(text).as_deref(), Some(form), "{text}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["", "v", "x", "1.", "1..2", "1.2.x", "1.0+", "1.0+a..b", "1!", "sometag", "1.0 ", "1.0-"]
        {
            assert_eq!(normal(text), None, "{text}");
        }
    }

    #[test]
    fn versions_are_in_the_order_of_the_specification() {
        let order = [
            "1.0.dev1",
            "1.0a1.dev2",
            "1.0a1",
            "1.0a2",
            "1.0b1",
            "1.0rc1",
            "1.0",
            "1.0+abc",
            "1.0+5",
            "1.0.post1.dev1",
            "1.0.post1",
            "1.1",
            "1.10",
            "1!0.1",
        ];
        for pair in order.windows(2) {
            assert!(pair[0].parse::<Pep440>().unwrap() < pair[1].parse().unwrap(), "{pair:?}");
        }
        assert_eq!("1.0".parse::<Pep440>(), "1.0.0".parse());
    }

    proptest! {
        #[test]
        fn normal_forms_read_back(text in "v?[0-9]{1,3}(\\.[0-9]{1,3}){0,3}(rc[0-9])?(-[0-9])?(\\.dev[0-9])?(\\+[a-z0-9]{1,3})?") {
            let version: Pep440 = text.parse().unwrap();
            prop_assert_eq!(version.to_string().parse::<Pep440>().unwrap(), version);
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,30}|[0-9a-z.!+_-]{0,30}") {
            let _ = text.parse::<Pep440>();
        }
    }
}
