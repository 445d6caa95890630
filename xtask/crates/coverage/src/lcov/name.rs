//! Names of functions in a tracefile, where a count is joined to its function by the name alone.
//!
//! Two functions of a file may share a name, and lcov 1 reads a name up to the first comma only, as in
//! `<Map<K, V>>::new`. So where two names would be taken for one, each is marked with its line, in front.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::instances;
use crate::model::Function;

/// The names to write for functions, in their order.
pub(super) fn marked(functions: &[Function]) -> Vec<Cow<'_, str>> {
    let mut times: BTreeMap<&str, u32> = BTreeMap::new();
    for function in functions {
        *times.entry(key(&function.name)).or_default() += 1;
    }
    let written = |function: &Function| {
        let Function { line, name, .. } = function;
        let shared = times.get(key(name)).is_some_and(|times| *times > 1);
        (shared || reads_otherwise(name, *line)).then(|| format!("{MARK}{line}: {name}"))
    };
    let names = functions.iter().map(|function| (written(function), function.name.as_str()));
    names.map(|(marked, name)| marked.map_or(Cow::Borrowed(name), Cow::Owned)).collect()
}

/// The name that was written as this, of the function at this line.
pub(super) fn unmarked(name: String, line: u32) -> String {
    match without_mark(&name, line) {
        Some(rest) => rest.to_owned(),
        None => name,
    }
}

/// Whether a reader would make another name of it.
fn reads_otherwise(name: &str, line: u32) -> bool {
    without_mark(name, line).is_some() || instances::is_mangled(name)
}

const MARK: &str = "line ";

fn without_mark(name: &str, line: u32) -> Option<&str> {
    let (number, rest) = name.strip_prefix(MARK)?.split_once(": ")?;
    (number.parse() == Ok(line)).then_some(rest)
}

/// What lcov 1 takes for the name.
fn key(name: &str) -> &str {
    name.split_once(',').map_or(name, |(key, _)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(functions: &[(u32, &str)]) -> Vec<String> {
        let function =
            |(line, name): &(u32, &str)| Function { line: *line, name: (*name).to_owned(), count: 0 };
        let functions: Vec<_> = functions.iter().map(function).collect();
        marked(&functions).into_iter().map(Cow::into_owned).collect()
    }

    #[test]
    fn only_names_that_would_be_taken_for_one_are_marked() {
        assert_eq!(names(&[(1, "a::new"), (7, "b::new")]), ["a::new", "b::new"]);
        assert_eq!(names(&[(1, "new"), (7, "new")]), ["line 1: new", "line 7: new"]);
        assert_eq!(
            names(&[(1, "<M<K, A>>::f"), (7, "<M<K, B>>::f")]),
            ["line 1: <M<K, A>>::f", "line 7: <M<K, B>>::f"]
        );
    }

    #[test]
    fn a_name_that_looks_marked_or_mangled_comes_back_too() {
        assert_eq!(names(&[(3, "line 3: a"), (4, "line 3: b")]), ["line 3: line 3: a", "line 3: b"]);
        assert_eq!(names(&[(3, "_ZN1a1bE")]), ["line 3: _ZN1a1bE"]);
        assert_eq!(unmarked("line 3: line 3: a".to_owned(), 3), "line 3: a");
        assert_eq!(unmarked("line 3: b".to_owned(), 4), "line 3: b");
    }
}
