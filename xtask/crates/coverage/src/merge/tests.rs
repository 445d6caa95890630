use proptest::prelude::*;

use super::*;
use crate::fixture::coverage;
use crate::{Regions, Share};

fn merged(mut one: Coverage, other: Coverage) -> Coverage {
    one.merge(other);
    one
}

fn one_file(file: FileCoverage) -> Coverage {
    Coverage { files: [("a.rs".to_owned(), file)].into() }
}

fn branches(taken: &[Option<u64>]) -> Coverage {
    let branches =
        (0..).zip(taken).map(|(branch, taken)| Branch { line: 1, block: 0, branch, taken: *taken });
    one_file(FileCoverage { branches: branches.collect(), ..FileCoverage::default() })
}

#[test]
fn lines_that_either_saw_are_there_with_both_counts() {
    let one = one_file(FileCoverage { lines: [(1, 1), (2, 0)].into_iter().collect(), ..<_>::default() });
    let other =
        one_file(FileCoverage { lines: [(2, 5), (9, u64::MAX)].into_iter().collect(), ..<_>::default() });
    let both = merged(merged(one, other.clone()), other);
    assert_eq!(both.files["a.rs"].lines.iter().collect::<Vec<_>>(), [(1, 1), (2, 10), (9, u64::MAX)]);
}

#[test]
fn a_function_is_its_line_and_its_name() {
    let function = |line, name: &str| Function { line, name: name.to_owned(), count: 1 };
    let one =
        one_file(FileCoverage { functions: vec![function(1, "a"), function(4, "a")], ..<_>::default() });
    let other =
        one_file(FileCoverage { functions: vec![function(1, "b"), function(4, "a")], ..<_>::default() });
    let functions = &merged(one, other).files["a.rs"].functions;
    let seen: Vec<_> = functions.iter().map(|f| (f.line, f.name.as_str(), f.count)).collect();
    assert_eq!(seen, [(1, "a", 1), (1, "b", 1), (4, "a", 2)]);
}

#[test]
fn a_branch_that_one_run_never_reached_has_the_count_of_the_other() {
    let both = merged(branches(&[None, None, Some(0)]), branches(&[None, Some(3), Some(2)]));
    assert_eq!(both, branches(&[None, Some(3), Some(2)]));
}

#[test]
fn regions_stay_only_where_one_run_saw_the_file() {
    let regions = Some(Regions { share: Share { covered: 1, total: 2 }, uncovered: Vec::new() });
    let one = one_file(FileCoverage { regions, ..FileCoverage::default() });
    assert_eq!(merged(one.clone(), Coverage::default()), one);
    assert_eq!(merged(one.clone(), one).files["a.rs"].regions, None);
}

proptest! {
    #[test]
    fn merging_is_commutative(a in coverage(), b in coverage()) {
        prop_assert_eq!(merged(a.clone(), b.clone()), merged(b, a));
    }

    #[test]
    fn merging_is_associative(a in coverage(), b in coverage(), c in coverage()) {
        let left = merged(merged(a.clone(), b.clone()), c.clone());
        prop_assert_eq!(left, merged(a, merged(b, c)));
    }

    #[test]
    fn merging_nothing_changes_nothing(a in coverage()) {
        prop_assert_eq!(&merged(a.clone(), Coverage::default()), &a);
        prop_assert_eq!(merged(Coverage::default(), a.clone()), a);
    }
}
