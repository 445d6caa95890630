//! Any coverage, for properties that must hold for all.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::{Branch, Coverage, FileCoverage, Function, Regions, Share};

/// Few lines, names and paths, so that two of them meet; counts up to the greatest.
pub(crate) fn coverage() -> impl Strategy<Value = Coverage> {
    let path = prop_oneof!["[a-c]\\.rs", "[ -~]{1,12}", "\\PC{1,8}"];
    btree_map(path, file(), 0..4).prop_map(|files| Coverage { files })
}

fn file() -> impl Strategy<Value = FileCoverage> {
    let name = prop_oneof![
        "[ab]",
        "[0-9]{1,2},[ab]",
        "<[AB], [CD]>::f",
        "line [0-9]: [ab]",
        "_ZN1a1bE",
        "\\PC{0,8}"
    ];
    let functions = btree_map((line(), name), count(), 0..6);
    let branches = btree_map((line(), 0u32..2, 0u32..3), option::of(count()), 0..6);
    let regions = option::of(vec(any::<bool>(), 0..4));
    (btree_map(line(), count(), 0..8), functions, branches, regions).prop_map(
        |(lines, functions, branches, regions)| FileCoverage {
            lines: lines.into_iter().collect(),
            functions: functions.into_iter().map(function).collect(),
            branches: branches.into_iter().map(branch).collect(),
            regions: regions
                .map(|ran| Regions { share: ran.into_iter().collect::<Share>(), uncovered: Vec::new() }),
        },
    )
}

fn function(((line, name), count): ((u32, String), u64)) -> Function {
    Function { line, name, count }
}

fn branch(((line, block, branch), taken): ((u32, u32, u32), Option<u64>)) -> Branch {
    Branch { line, block, branch, taken }
}

fn line() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 1u32..10, 1 => Just(u32::MAX)]
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..3, Just(u64::MAX - 1), Just(u64::MAX), any::<u64>()]
}

/// The same without what a tracefile does not hold.
pub(crate) fn without_regions(coverage: &Coverage) -> Coverage {
    let files: BTreeMap<_, _> = coverage
        .files
        .iter()
        .map(|(path, file)| (path.clone(), FileCoverage { regions: None, ..file.clone() }))
        .collect();
    Coverage { files }
}
