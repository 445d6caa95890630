//! Which programs there are, and what they are given.

use std::env;
use std::process::{Command, Stdio};

use slipway_coverage::{Branch, Coverage, FileCoverage, Function};

/// Whether a program is there. On a CI system it has to be: a check that is skipped there checks nothing.
pub(crate) fn is_installed(program: &str) -> bool {
    let found =
        Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    assert!(found || env::var_os("CI").is_none(), "{program} is not installed, and CI is set");
    if !found {
        println!("skipped: {program} is not installed");
    }
    found
}

/// All that the formats have words for: names with commas, names that several functions share, branches that were never
/// reached, counts of any size, markup in names and paths.
pub(crate) fn rich() -> Coverage {
    let function = |line, name: &str, count| Function { line, name: name.to_owned(), count };
    let branch = |line, block, branch, taken| Branch { line, block, branch, taken };
    let file = |offset: u32| FileCoverage {
        lines: (1..40).map(|line| (line * 3 + offset, u64::from(line % 4) * 1000)).collect(),
        functions: vec![
            function(3, "thing::new", 7),
            function(9, "thing::new", 0),
            function(12, "<Map<K, A> as Iterator>::next", 1),
            function(15, "<Map<K, B> as Iterator>::next", 0),
            function(18, "thing::run::{closure#0}", u64::from(u32::MAX)),
        ],
        branches: vec![
            branch(6, 0, 0, Some(2)),
            branch(6, 0, 1, Some(0)),
            branch(6, 1, 0, None),
            branch(6, 1, 1, None),
            branch(12, 0, 0, Some(9)),
        ],
        regions: None,
    };
    let paths = ["app/src/main.rs", "src/a & b \"<c>\".rs", "src/lib.rs", "src/ünï.rs"];
    let files = (0..).zip(paths).map(|(offset, path)| (path.to_owned(), file(offset)));
    Coverage { files: files.collect() }
}
