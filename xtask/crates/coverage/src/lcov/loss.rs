//! What reading a tracefile lost: counted by kind, so that a report can say it.

use std::collections::BTreeMap;
use std::fmt;

/// Something that a tracefile says and the model cannot, or that makes no sense as it stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// Records of this kind were left out, for example `MCDC` or `VER`.
    LeftOut(String),
    /// A function has a count and no line: it was left out.
    FunctionWithoutLine,
    /// Branches that the writer marked as excluded were left out.
    ExcludedBranch,
    /// A count below zero was read as 0. GCC writes them where threads race for a counter.
    NegativeCount,
    /// A count above [`u64::MAX`] was read as that.
    HugeCount,
    /// A branch that only an exception takes was read as any other.
    ExceptionBranch,
    /// A branch or block is named by a text, and was given a number made of it.
    NamedBranch,
    /// Bytes that are not UTF-8 were replaced by `U+FFFD`.
    NotUtf8,
}

/// Distinct kinds of records that are counted by name; more of them are no tracefile's, and would fill the memory.
const KINDS: usize = 32;

/// How often each loss occurred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(BTreeMap<Loss, u64>);

impl Losses {
    /// Each kind of loss, and how often it occurred.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Loss, u64)> {
        self.0.iter().map(|(loss, times)| (loss, *times))
    }

    /// Whether nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often it occurred.
    #[must_use]
    pub fn times(&self, loss: &Loss) -> u64 {
        self.0.get(loss).copied().unwrap_or_default()
    }

    /// Adds what another tracefile lost.
    pub fn merge(&mut self, other: Self) {
        for (loss, times) in other.0 {
            *self.0.entry(loss).or_default() += times;
        }
    }

    pub(super) fn add(&mut self, loss: Loss) {
        *self.0.entry(loss).or_default() += 1;
    }

    pub(super) fn left_out(&mut self, kind: &str) {
        let mut loss = Loss::LeftOut(kind.to_owned());
        if self.0.len() >= KINDS && !self.0.contains_key(&loss) {
            loss = Loss::LeftOut("other".to_owned());
        }
        self.add(loss);
    }
}

/// One phrase for each kind, for example `12 MCDC records left out, 1 negative count read as 0`.
impl fmt::Display for Losses {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (loss, times)) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let s = if times == 1 { "" } else { "s" };
            write!(out, "{separator}{times} ")?;
            match loss {
                Loss::LeftOut(kind) => write!(out, "{kind} record{s} left out")?,
                Loss::FunctionWithoutLine => write!(out, "function{s} without a line left out")?,
                Loss::ExcludedBranch => write!(out, "excluded branch record{s} left out")?,
                Loss::NegativeCount => write!(out, "negative count{s} read as 0")?,
                Loss::HugeCount => write!(out, "count{s} above {} read as that", u64::MAX)?,
                Loss::ExceptionBranch => write!(out, "exception branch record{s} read as plain")?,
                Loss::NamedBranch => write!(out, "named branch record{s} numbered")?,
                Loss::NotUtf8 => write!(out, "line{s} not in UTF-8")?,
            }
        }
        Ok(())
    }
}
