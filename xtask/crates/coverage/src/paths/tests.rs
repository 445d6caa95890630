use std::thread;

use proptest::prelude::*;

use super::*;
use crate::model::FileCoverage;

const ROOT: &str = "/home/me/thing";

fn scope() -> Scope {
    Scope::new(ROOT)
}

fn kept(scope: &Scope, raw: &str) -> Option<String> {
    scope.keep(raw)
}

fn reason(scope: &Scope, raw: &str) -> Option<Reason> {
    let before = scope.dropped();
    assert_eq!(scope.keep(raw), None, "{raw}");
    scope.dropped().iter().find(|(reason, times)| before.times(*reason) < *times).map(|(reason, _)| reason)
}

#[test]
fn paths_below_the_root_are_relative_to_it() {
    for raw in
        ["/home/me/thing/src/lib.rs", "src/lib.rs", "./src/./lib.rs", "/home/me/thing/app/../src//lib.rs"]
    {
        assert_eq!(kept(&scope(), raw).as_deref(), Some("src/lib.rs"), "{raw}");
    }
}

#[test]
fn a_folder_whose_name_begins_alike_is_another_one() {
    for raw in
        ["/home/me/thing2/src/lib.rs", "/home/me/src/lib.rs", "../lib.rs", "src/../../x.rs", "/", "", ROOT]
    {
        assert_eq!(reason(&scope(), raw), Some(Reason::Outside), "{raw}");
    }
}

#[test]
fn windows_paths_are_the_same_paths() {
    let scope = Scope::new("c:\\work\\thing\\");
    for raw in [
        "C:\\work\\thing\\src\\lib.rs",
        "\\\\?\\C:\\work\\thing\\src\\lib.rs",
        "src\\lib.rs",
        "c:/work/thing/src/lib.rs",
    ] {
        assert_eq!(kept(&scope, raw).as_deref(), Some("src/lib.rs"), "{raw}");
    }
    assert_eq!(reason(&scope, "D:\\work\\thing\\src\\lib.rs"), Some(Reason::Outside));
}

#[test]
fn a_root_that_is_the_whole_system_works() {
    assert_eq!(kept(&Scope::new("/"), "/src/lib.rs").as_deref(), Some("src/lib.rs"));
    assert_eq!(kept(&Scope::new("."), "src/lib.rs").as_deref(), Some("src/lib.rs"));
}

#[test]
fn the_longest_prefix_is_mapped_at_whole_folders_only() {
    let maps = ["/builds=/elsewhere", "/builds/thing=/home/me/thing", "C:\\ci\\thing="]
        .map(|map| PrefixMap::parse(map).unwrap());
    let scope = scope().map(maps);
    assert_eq!(kept(&scope, "/builds/thing/src/lib.rs").as_deref(), Some("src/lib.rs"));
    assert_eq!(kept(&scope, "C:\\ci\\thing\\src\\lib.rs").as_deref(), Some("src/lib.rs"));
    assert_eq!(reason(&scope, "/builds/thing2/src/lib.rs"), Some(Reason::Outside));
}

#[test]
fn a_prefix_map_has_two_sides() {
    assert_eq!(PrefixMap::parse("/builds/thing"), None);
    assert_eq!(PrefixMap::parse("=/home/me"), None);
    assert_eq!(PrefixMap::parse("./=/home/me"), None);
    let map = PrefixMap::parse("/a=b/c=/d").unwrap();
    assert_eq!(map.apply("/a=b/c/x.rs").as_deref(), Some("/d/x.rs"));
}

#[test]
fn code_of_others_is_dropped() {
    let scope = scope();
    for raw in [
        "/rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/fmt/mod.rs",
        "/rustc/1.95.0/library/core/src/fmt/mod.rs",
        "/root/.rustup/toolchains/stable-x86_64-unknown-linux-gnu/lib/rustlib/src/rust/library/std/src/io.rs",
    ] {
        assert_eq!(reason(&scope, raw), Some(Reason::StandardLibrary), "{raw}");
    }
    for raw in [
        "/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.0/src/lib.rs",
        "/root/.cargo/git/checkouts/serde-0123456789abcdef/123abcd/src/lib.rs",
        "/home/me/thing/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/serde-1.0.0/src/lib.rs",
    ] {
        assert_eq!(reason(&scope, raw), Some(Reason::Dependency), "{raw}");
    }
    for raw in [
        "src/registry/src/lib.rs",
        "src/registry/src/in-memory/lib.rs",
        "src/rustc/version.rs",
        "src/rustc/feed/mod.rs",
        "src/git/checkouts/mod.rs",
    ] {
        assert_eq!(kept(&scope, raw).as_deref(), Some(raw));
    }
}

#[test]
fn generated_files_are_dropped() {
    let scope = scope()
        .without_folder("/home/me/thing/target")
        .without_folder("vendor")
        .without_folder("/tmp/target");
    for raw in ["/home/me/thing/target/debug/build/a/out/x.rs", "vendor/serde/src/lib.rs", "/tmp/target/x.rs"]
    {
        assert_eq!(reason(&scope, raw), Some(Reason::Generated), "{raw}");
    }
    assert_eq!(kept(&scope, "targets/x.rs").as_deref(), Some("targets/x.rs"));
}

#[test]
fn what_only_tests_is_dropped_as_cargo_llvm_cov_does() {
    let tests = [
        "tests/it.rs",
        "app/tests/common/mod.rs",
        "examples/a.rs",
        "app/benches/b.rs",
        "src/model/tests.rs",
        "tests.rs",
        "src/parser_tests.rs",
        "src/parser-tests.rs",
    ];
    for raw in tests {
        assert_eq!(reason(&scope(), raw), Some(Reason::Test), "{raw}");
        assert_eq!(kept(&scope().with_tests(), raw).as_deref(), Some(raw));
    }
    for raw in [
        "src/test.rs",
        "src/contests.rs",
        "src/_tests.rs",
        "src/tests_of.rs",
        "src/é_tests.rs",
        "src/benches.rs",
    ] {
        assert_eq!(kept(&scope(), raw).as_deref(), Some(raw));
    }
}

#[test]
fn globs_exclude_by_the_path_in_the_model() {
    let scope = scope().without(["src/gen/**", "*.pb.rs"]).unwrap();
    assert_eq!(reason(&scope, "/home/me/thing/src/gen/a/b.rs"), Some(Reason::Excluded));
    assert_eq!(reason(&scope, "x.pb.rs"), Some(Reason::Excluded));
    assert_eq!(kept(&scope, "src/x.pb.rs").as_deref(), Some("src/x.pb.rs"), "`*` stops at a folder");
}

#[test]
fn a_text_that_is_no_glob_is_named() {
    let error = scope().without(["src/**", "a[b"]).unwrap_err();
    assert!(error.to_string().starts_with("`a[b` is not a glob: "), "{error}");
}

#[test]
fn what_was_dropped_is_told_by_reason() {
    let scope = scope().without(["src/gen/**"]).unwrap();
    assert!(scope.dropped().is_empty());
    for raw in ["/rustc/abc/a.rs", "/rustc/abc/b.rs", "src/gen/x.rs", "tests/it.rs", "src/lib.rs"] {
        let _ = scope.keep(raw);
    }
    let told = "2 of the standard library, 1 of tests, examples and benches, 1 excluded";
    assert_eq!(scope.dropped().to_string(), told);
}

#[test]
fn several_threads_may_ask() {
    let scope = scope();
    thread::scope(|threads| {
        for _ in 0..4 {
            threads.spawn(|| (0..100).filter_map(|_| scope.keep("/rustc/abc/a.rs")).count());
        }
    });
    assert_eq!(scope.dropped().times(Reason::StandardLibrary), 400);
}

#[test]
fn files_that_come_to_have_the_same_path_are_merged() {
    let file = FileCoverage { lines: [(1, 2)].into_iter().collect(), ..FileCoverage::default() };
    let paths = ["/home/me/thing/src/lib.rs", "src/lib.rs", "/rustc/abc/a.rs"];
    let foreign = Coverage { files: paths.map(|path| (path.to_owned(), file.clone())).into() };
    let scoped = scope().apply(foreign);
    assert_eq!(scoped.files.keys().collect::<Vec<_>>(), ["src/lib.rs"]);
    assert_eq!(scoped.files["src/lib.rs"].lines.get(1), Some(4));
}

#[test]
fn a_drive_is_a_drive_wherever_it_comes_to_stand() {
    for raw in ["./C:/x.rs", "a/../c:\\x.rs", "/home/me/thing/C:/x.rs"] {
        assert_eq!(reason(&scope(), raw), Some(Reason::Outside), "{raw}");
    }
}

proptest! {
    #[test]
    fn a_path_that_is_kept_is_kept_as_it_is(raw in "(\\PC|/|\\\\|\\.|src|C:){0,12}") {
        if let Some(path) = scope().with_tests().keep(&raw) {
            prop_assert!(!path.starts_with('/') && !path.contains('\\'));
            prop_assert!(path.split('/').all(|component| !matches!(component, "" | "." | "..")), "{path}");
            prop_assert_eq!(scope().with_tests().keep(&path), Some(path));
        }
    }
}
