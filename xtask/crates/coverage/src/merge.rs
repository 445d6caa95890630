//! What several runs saw, as one: counts add up.
//!
//! Merging is commutative and associative, so shards may come in any order and be joined in any grouping.

use std::cmp::Ordering;
use std::collections::btree_map::Entry;

use crate::model::{Branch, Coverage, FileCoverage, Function};

impl Coverage {
    /// Adds what another run saw. Counts add up and stop at [`u64::MAX`].
    pub fn merge(&mut self, other: Self) {
        if self.files.is_empty() {
            *self = other;
            return;
        }
        for (path, file) in other.files {
            self.add(path, file);
        }
    }

    /// Adds what was seen of one file.
    pub fn add(&mut self, path: String, file: FileCoverage) {
        match self.files.entry(path) {
            Entry::Vacant(place) => {
                place.insert(file);
            }
            Entry::Occupied(mut place) => place.get_mut().merge(file),
        }
    }
}

impl FileCoverage {
    /// Adds what another run saw of the same file: lines are joined by number, functions by line and name, branches
    /// by line, block and number. A branch that one run never reached has the count of the other.
    ///
    /// Regions are lost. Two runs that each ran half of a line's regions say how many, not which, so the share of
    /// both together is not known, and a guess would neither be exact nor the same in another order. A file that only
    /// one run saw never comes here, and keeps its own.
    pub fn merge(&mut self, other: Self) {
        self.lines.merge(other.lines);
        join(&mut self.functions, other.functions);
        join(&mut self.branches, other.branches);
        self.regions = None;
    }
}

/// Something with a place, and a count that adds up.
pub(crate) trait Counted {
    /// Compares places; equal ones are the same thing.
    fn order(&self, other: &Self) -> Ordering;

    /// Adds the count of the same thing.
    fn add(&mut self, other: &Self);
}

impl Counted for (u32, u64) {
    fn order(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }

    fn add(&mut self, other: &Self) {
        self.1 = self.1.saturating_add(other.1);
    }
}

impl Counted for Function {
    fn order(&self, other: &Self) -> Ordering {
        (self.line, &self.name).cmp(&(other.line, &other.name))
    }

    fn add(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
    }
}

impl Counted for Branch {
    fn order(&self, other: &Self) -> Ordering {
        (self.line, self.block, self.branch).cmp(&(other.line, other.block, other.branch))
    }

    fn add(&mut self, other: &Self) {
        self.taken = match (self.taken, other.taken) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
    }
}

/// Joins two lists that are each sorted and without equals. Shards of one program mostly list the same things, so that
/// is the short way.
pub(crate) fn join<T: Counted>(kept: &mut Vec<T>, other: Vec<T>) {
    if kept.len() == other.len() && kept.iter().zip(&other).all(|(one, other)| one.order(other).is_eq()) {
        kept.iter_mut().zip(&other).for_each(|(kept, added)| kept.add(added));
    } else {
        kept.extend(other);
        combine(kept);
    }
}

/// Sorts a list and makes one of equals. The stable sort finds runs that are sorted already.
pub(crate) fn combine<T: Counted>(list: &mut Vec<T>) {
    list.sort_by(T::order);
    list.dedup_by(|later, kept| {
        let same = later.order(kept).is_eq();
        if same {
            kept.add(later);
        }
        same
    });
}

#[cfg(test)]
mod tests;
