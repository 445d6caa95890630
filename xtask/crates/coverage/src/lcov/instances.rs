//! The instantiations of a function, which llvm-cov lists one by one under mangled names while its totals (`FNF`,
//! `FNH`) count them as one.
//!
//! LLVM tells them by line and column. A tracefile has no columns, so functions of one line are one when their names
//! end alike: `<u8 as Show>::show` and `<u16 as Show>::show` come from one `impl<T> Show for T`, or from one macro. A
//! macro may also name each function that it makes; then the total tells that a line is one function.

use crate::embedded::names;
use crate::merge::Counted;
use crate::model::Function;

/// Whether a name is as a Rust compiler makes them, in the old way or the new one.
pub(super) fn is_mangled(name: &str) -> bool {
    (name.starts_with("_R") || name.starts_with("_ZN")) && rustc_demangle::try_demangle(name).is_ok()
}

/// Joins functions with mangled names, which become readable and lose their generic arguments: with them a function
/// would have another name in a shard that instantiates it otherwise. `stated` is the total that the tracefile states
/// for them; of the two ways to join, the one that comes nearer to it is taken.
pub(super) fn join(mangled: Vec<Function>, stated: Option<usize>) -> Vec<Function> {
    let mut functions = mangled;
    for function in &mut functions {
        function.name = names::without_arguments(&names::plain(&function.name));
    }
    functions.sort_by(|one, other| key(one).cmp(&key(other)).then_with(|| one.name.cmp(&other.name)));
    let by_name = functions.chunk_by(|one, other| key(one) == key(other)).count();
    let by_line = functions.chunk_by(|one, other| one.line == other.line).count();
    let lines_alone = stated.is_some_and(|stated| by_line.abs_diff(stated) < by_name.abs_diff(stated));
    functions.dedup_by(|later, kept| {
        let same = if lines_alone { later.line == kept.line } else { key(later) == key(kept) };
        if same {
            kept.add(later);
        }
        same
    });
    functions
}

/// The line, and the last part of the path with the closures in it: `show`, or `show::{closure#0}`.
fn key(function: &Function) -> (u32, &str) {
    let name = function.name.as_str();
    let path = name.split_once("::{").map_or(name, |(path, _closures)| path);
    let start = path.rfind("::").map_or(0, |at| at + 2);
    (function.line, name.get(start..).unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(functions: &[(u32, &str, u64)]) -> Vec<(u32, String, u64)> {
        joined_to(None, functions)
    }

    fn joined_to(stated: Option<usize>, functions: &[(u32, &str, u64)]) -> Vec<(u32, String, u64)> {
        let function = |(line, name, count): &(u32, &str, u64)| {
            assert!(is_mangled(name), "{name}");
            Function { line: *line, name: (*name).to_owned(), count: *count }
        };
        let joined = join(functions.iter().map(function).collect(), stated).into_iter();
        joined.map(|Function { line, name, count }| (line, name, count)).collect()
    }

    #[test]
    fn instantiations_are_one_function_with_the_sum_of_their_counts() {
        let twice = [
            (1, "_RINvCs32gj3y4fnmh_4main5twicedEB2_", 3),
            (1, "_RINvCs32gj3y4fnmh_4main5twicelEB2_", u64::MAX),
        ];
        assert_eq!(joined(&twice), [(1, "main::twice".to_owned(), u64::MAX)]);
        let legacy =
            [(1, "_ZN4main5twice17h0123456789abcdefE", 1), (1, "_ZN4main5twice17hfedcba9876543210E", 0)];
        assert_eq!(joined(&legacy), [(1, "main::twice".to_owned(), 1)]);
    }

    #[test]
    fn functions_of_one_line_with_other_names_stay_apart() {
        let names = [(1, "_RNvCs32gj3y4fnmh_4main4main", 1), (1, "_RNvCs32gj3y4fnmh_4main6unused", 1)];
        assert_eq!(joined(&names).len(), 2);
        let closure = [(1, "_RNvCs32gj3y4fnmh_4main4main", 1), (1, "_RNCNvCs32gj3y4fnmh_4main4main0B3_", 1)];
        assert_eq!(joined(&closure).len(), 2);
        let lines = [(1, "_RNvCs32gj3y4fnmh_4main4main", 1), (2, "_RNvCs32gj3y4fnmh_4main4main", 1)];
        assert_eq!(joined(&lines).len(), 2);
    }

    #[test]
    fn the_total_tells_that_a_macro_named_the_functions_of_a_line() {
        let names = [(1, "_RNvCs32gj3y4fnmh_4main4main", 1), (1, "_RNvCs32gj3y4fnmh_4main6unused", 2)];
        assert_eq!(joined_to(Some(1), &names), [(1, "main::main".to_owned(), 3)]);
        assert_eq!(joined_to(Some(2), &names).len(), 2);
    }

    #[test]
    fn the_key_is_the_end_of_the_path() {
        let key = |name: &str| self::key(&Function { line: 1, name: name.to_owned(), count: 0 }).1.to_owned();
        assert_eq!(key("<u8 as a::Show>::show"), "show");
        assert_eq!(key("a::b::run::{closure#0}::{closure#1}"), "run::{closure#0}::{closure#1}");
        assert_eq!(key("main"), "main");
    }

    #[test]
    fn other_names_are_not_mangled() {
        for name in ["main", "_R", "_ZN", "_Reader", "a::b", "_Z3addii", ""] {
            assert!(!is_mangled(name), "{name}");
        }
    }
}
