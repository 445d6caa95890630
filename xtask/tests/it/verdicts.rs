//! The right verdict on workspaces of every kind, with nothing but the toolchain installed and no settings.

use crate::support::Workspace;

const GOOD: &str = "//! Demo.\n\n/// Adds.\n///\n/// ```\n/// assert_eq!(demo::add(1, 2), 3);\n/// ```\n\
                    #[must_use]\npub fn add(a: u64, b: u64) -> u64 {\n    a + b\n}\n\n\
                    #[cfg(test)]\nmod tests {\n    #[test]\n    fn adds() {\n        assert_eq!(super::add(2, 2), 4);\n    }\n}\n";

#[test]
fn a_good_library_passes() {
    let workspace = Workspace::library(GOOD);
    workspace.run(&["ci"]).exits(0);
    let record = workspace.record();
    assert_eq!(record["verdict"]["decision"], "pass");
    assert_eq!(
        (&record["tests"]["tests"]["passed"], &record["tests"]["doctests"]["passed"]),
        (&1.into(), &1.into())
    );
}

#[test]
fn a_failing_test_fails() {
    let workspace = Workspace::library("#[test]\nfn fails() {\n    assert_eq!(1, 2);\n}\n");
    workspace.run(&["ci"]).exits(1).says("1 of 1 test failed");
    assert_eq!(workspace.record()["verdict"]["decision"], "fail");
}

#[test]
fn no_test_at_all_is_not_green() {
    let workspace = Workspace::library("//! Nothing.\n");
    workspace.run(&["ci"]).exits(1);
    assert_eq!(workspace.record()["verdict"]["decision"], "inconclusive");
}
