//! The section of a tracefile that belongs to one source file.

use std::collections::BTreeMap;
use std::mem;

use super::record::Line;
use super::{Loss, Losses, Tracefile, instances, name};
use crate::merge;
use crate::model::{Branch, FileCoverage, Function};

/// What the open section said so far.
#[derive(Default)]
pub(super) struct Section {
    path: Option<String>,
    counts: Vec<(u32, u64)>,
    declared: Vec<(String, u32)>,
    calls: Vec<(String, u64)>,
    leaders: BTreeMap<u32, Leader>,
    stated: Option<u32>,
    branches: Vec<Branch>,
}

/// A function as lcov 2.2 writes it: one line, and a name and a count for each instantiation.
#[derive(Default)]
struct Leader {
    line: Option<u32>,
    alias: Option<(String, u64)>,
}

impl Section {
    /// The source file of the open section; none between sections.
    pub(super) fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// Takes in a line. The error says why it cannot stand here.
    pub(super) fn take(&mut self, line: Line) -> Result<(), String> {
        if self.path.is_none() && !matches!(line, Line::Source(_) | Line::Nothing) {
            return Err("this stands outside of a section, which `SF:` begins".to_owned());
        }
        match line {
            Line::Count { line, count } => self.counts.push((line, count)),
            Line::Function { line, name } => self.declared.push((name, line)),
            Line::Calls { name, count } => self.calls.push((name, count)),
            Line::Leader { index, line } => self.leaders.entry(index).or_default().line = Some(line),
            Line::Alias { index, count, name } => self.leaders.entry(index).or_default().join(name, count),
            Line::FunctionsFound(stated) => self.stated = Some(stated),
            Line::Branch(branch) => self.branches.push(branch),
            Line::Source(path) => {
                if let Some(open) = self.path.replace(path) {
                    return Err(format!("the section of {open} has no `end_of_record` before this"));
                }
            }
            Line::End | Line::Nothing => {}
        }
        Ok(())
    }

    /// Ends the section, and adds its file to the tracefile. The error says that there is none to end.
    pub(super) fn close(&mut self, tracefile: &mut Tracefile) -> Result<(), String> {
        let path = self.path.take().ok_or("this ends no section: no `SF:` began one")?;
        let mut file = FileCoverage {
            lines: self.counts.iter().copied().collect(),
            functions: self.functions(&mut tracefile.losses),
            branches: mem::take(&mut self.branches),
            regions: None,
        };
        self.counts.clear();
        merge::combine(&mut file.functions);
        merge::combine(&mut file.branches);
        tracefile.coverage.add(path, file);
        Ok(())
    }

    /// The functions of the section, in any order.
    fn functions(&mut self, losses: &mut Losses) -> Vec<Function> {
        let (mangled, plain): (Vec<_>, Vec<_>) =
            self.called(losses).into_iter().partition(|function| instances::is_mangled(&function.name));
        let stated =
            self.stated.take().and_then(|stated| usize::try_from(stated).ok()?.checked_sub(plain.len()));
        let mut functions = instances::join(mangled, stated);
        functions.extend(plain.into_iter().map(|Function { line, name, count }| {
            let name = name::unmarked(name, line);
            Function { line, name, count }
        }));
        for Leader { line, alias } in mem::take(&mut self.leaders).into_values() {
            match (line, alias) {
                (Some(line), Some((name, count))) => functions.push(Function { line, name, count }),
                (None, Some(_)) => losses.add(Loss::FunctionWithoutLine),
                (_, None) => {}
            }
        }
        functions
    }

    /// Joins counts to functions by name. Of a name that is declared several times, the first count is the first
    /// declaration's, and so on; what is left over belongs to the last.
    fn called(&mut self, losses: &mut Losses) -> Vec<Function> {
        self.declared.sort_by(|one, other| one.0.cmp(&other.0));
        self.calls.sort_by(|one, other| one.0.cmp(&other.0));
        let mut calls = self.calls.drain(..).peekable();
        let mut functions: Vec<Function> = Vec::with_capacity(self.declared.len());
        for (name, line) in self.declared.drain(..) {
            while let Some(earlier) = calls.next_if(|call| call.0 < name) {
                left_over(earlier, &mut functions, losses);
            }
            let count = calls.next_if(|call| call.0 == name).map_or(0, |call| call.1);
            functions.push(Function { line, name, count });
        }
        calls.for_each(|call| left_over(call, &mut functions, losses));
        functions
    }
}

fn left_over((name, count): (String, u64), functions: &mut [Function], losses: &mut Losses) {
    match functions.last_mut().filter(|last| last.name == name) {
        Some(last) => last.count = last.count.saturating_add(count),
        None => losses.add(Loss::FunctionWithoutLine),
    }
}

impl Leader {
    /// The instantiations of a generic function are one function, under the name that sorts first.
    fn join(&mut self, name: String, count: u64) {
        self.alias = Some(match self.alias.take() {
            Some((first, sum)) => (first.min(name), sum.saturating_add(count)),
            None => (name, count),
        });
    }
}
