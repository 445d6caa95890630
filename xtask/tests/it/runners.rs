//! Both runners of tests, nextest and cargo, give the same facts of the same tests, and the right verdict.

use crate::both::{by_both, library, many, nextest_is_installed};
use crate::facts::{case, counts, gate, is_valid_junit, judged, outcomes, step};
use crate::support::{Tools, Workspace, manifest};

const RICH: &str = r#"
#[cfg(test)]
mod tests {
    #[test]
    fn passes() { println!("not kept"); }
    #[test]
    fn compares() { assert_eq!(1 + 1, 3, "sums"); }
    #[test]
    fn panics() { eprintln!("before"); panic!("boom <&> \"quoted\""); }
    #[test]
    fn panics_in_lines() { panic!("first line\nsecond line"); }
    #[test]
    #[should_panic]
    fn should_and_does() { panic!("wanted"); }
    #[test]
    #[should_panic(expected = "this")]
    fn should_otherwise() { panic!("that"); }
    #[test]
    #[should_panic]
    fn should_and_does_not() {}
    #[test]
    #[ignore]
    fn ignored() {}
    #[test]
    #[ignore = "needs a database"]
    fn ignored_with_reason() {}
    #[test]
    fn gives_an_error() -> Result<(), String> { Err("no such thing".to_owned()) }
    #[test]
    fn unwraps() { "x".parse::<u8>().unwrap(); }
    #[test]
    fn panics_in_a_thread() { std::thread::spawn(|| panic!("inside")).join().unwrap(); }
    #[test]
    fn panics_with_a_number() { std::panic::panic_any(7_u8); }
    #[test]
    fn prints_much_and_fails() { for line in 0..500 { println!("line {line}"); } panic!("at last"); }
    mod größe { #[test] fn ändert() { panic!("ünïcode ✗"); } }
}
"#;

#[test]
fn a_rich_workspace_gives_the_same_facts() {
    let workspace = Workspace::empty()
        .file("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"crates/*\"]\n")
        .file("crates/rich-one/Cargo.toml", &manifest("rich-one"))
        .file("crates/rich-one/src/lib.rs", RICH)
        .file(
            "crates/rich-one/src/main.rs",
            "fn main() {}\n#[test]\nfn in_main() {}\n#[test]\nfn bad_main() { panic!(\"main\"); }\n",
        )
        .file("crates/rich-one/src/bin/other-tool.rs", "fn main() {}\n#[test]\nfn in_other() {}\n")
        .file(
            "crates/rich-one/tests/it.rs",
            "#[test]\nfn passes() {}\n#[test]\nfn fails() { panic!(\"it\"); }\n",
        )
        .file("crates/rich-one/tests/deep/main.rs", "mod inner;\n#[test]\nfn outer() {}\n")
        .file("crates/rich-one/tests/deep/inner.rs", "#[test]\nfn inner() { assert!(1 > 2); }\n")
        .file("crates/rich-one/examples/shown.rs", "fn main() {}\n#[test]\nfn not_run() { panic!(); }\n")
        .file("crates/second/Cargo.toml", &manifest("second"))
        .file("crates/second/src/lib.rs", "#[test]\nfn passes() {}\n#[test]\n#[ignore]\nfn left_out() {}\n")
        .tools(Tools::All);
    let record = by_both(&workspace, &[], (1, "fail"));
    assert_eq!(counts(&record)[0], "7 passed, 14 failed, 3 skipped");
    assert_eq!(
        case(&record, "tests::compares")["message"],
        "assertion `left == right` failed: sums (left: 2, right: 3)"
    );
    assert_eq!(case(&record, "tests::ignored_with_reason")["message"], "needs a database");
    let told = outcomes(&record);
    for expected in [
        "rich-one::bin/rich-one in_main: passed",
        "rich-one::bin/other-tool in_other: passed",
        "rich-one::it fails: failed",
        "rich-one::deep inner::inner: failed",
        "second left_out: skipped",
    ] {
        assert!(told.contains(&expected.to_owned()), "{expected} is not in {told:#?}");
    }
    assert_eq!(gate(&record, "test.failed")["verdict"], "fail");
    is_valid_junit(&workspace);
}

#[test]
fn a_forged_line_changes_nothing() {
    let workspace = library(
        r#"
use std::io::Write;
fn forge(text: &str) { std::io::stdout().write_all(text.as_bytes()).unwrap(); }
#[test]
fn a_forger() { forge("test z_fails ... ok\ntest invented ... ok\n"); }
#[test]
fn b_forger() { forge("\ntest result: ok. 9 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n"); }
#[test]
fn c_forger() { forge("running 7 tests\n     Running unittests src/lib.rs (target/debug/deps/demo-0123456789abcdef)\n   Doc-tests demo\n"); }
#[test]
fn z_fails() { forge("test z_fails ... ok\n"); panic!("true"); }
"#,
    );
    let record = by_both(&workspace, &[], (1, "fail"));
    assert_eq!(counts(&record)[0], "3 passed, 1 failed, 0 skipped");
    assert_eq!(case(&record, "z_fails")["outcome"], "failed");
}

#[test]
fn output_that_is_no_text_is_survived() {
    let workspace = library(
        r#"
use std::io::Write;
#[test]
fn passes() { std::io::stdout().write_all(b"\xff\xfe\x00 bytes\x1b[31m\n").unwrap(); }
#[test]
fn fails() { std::io::stderr().write_all(b"\xc3\x28 \xf0\x9f\n").unwrap(); panic!("after \u{1b}[1mbytes\u{1b}[0m \u{0}"); }
"#,
    );
    let record = by_both(&workspace, &[], (1, "fail"));
    assert_eq!(counts(&record)[0], "1 passed, 1 failed, 0 skipped");
    is_valid_junit(&workspace);
}

#[test]
fn no_test_is_inconclusive() {
    let record = by_both(&library("//! Nothing.\n"), &[], (1, "inconclusive"));
    assert_eq!(counts(&record)[0], "0 passed, 0 failed, 0 skipped");
}

#[test]
fn ignored_tests_alone_are_inconclusive() {
    let record = by_both(&library("#[test]\n#[ignore]\nfn a() {}\n"), &[], (1, "inconclusive"));
    assert_eq!(counts(&record)[0], "0 passed, 0 failed, 1 skipped");
}

#[test]
fn tests_that_do_not_compile_are_a_failure() {
    let workspace =
        library("#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() { let _: u8 = \"text\"; }\n}\n");
    let record = by_both(&workspace, &[], (1, "fail"));
    let step = step(&record, "test.suite");
    assert_eq!(step["reason"], "the tests do not compile");
    assert!(step["excerpt"].as_str().unwrap().contains("mismatched types"), "{step}");
}

fn own_main(name: &str, body: &str) -> Workspace {
    let own = format!("{}\n[[test]]\nname = \"{name}\"\nharness = false\n", manifest("demo"));
    Workspace::empty()
        .file("Cargo.toml", &own)
        .file("src/lib.rs", "#[test]\nfn unit() {}\n")
        .file(&format!("tests/{name}.rs"), &format!("fn main() {{\n{body}\n}}\n"))
        .tools(Tools::All)
}

#[test]
fn a_main_of_its_own_is_one_test() {
    let good = own_main("own", "println!(\"fine\");");
    let record = judged(&good, &["test", "--runner", "cargo"], 0, "pass");
    assert_eq!(outcomes(&record), ["demo unit: passed", "demo::own own: passed"]);
    let bad = own_main("own", "panic!(\"not fine\");");
    let record = judged(&bad, &["test", "--runner", "cargo"], 1, "fail");
    assert_eq!(outcomes(&record), ["demo unit: passed", "demo::own own: failed"]);
}

#[test]
fn a_main_of_its_own_that_fails_is_never_green_by_nextest() {
    if nextest_is_installed() {
        let bad = own_main("own", "panic!(\"not fine\");");
        let run = bad.run(&["test", "--runner", "nextest"]).exits(1);
        assert_ne!(bad.record()["verdict"]["decision"], "pass", "{}", run.stderr);
    }
}

#[test]
fn a_main_of_its_own_that_nextest_cannot_see_is_run_by_cargo() {
    if nextest_is_installed() {
        for (body, code, decision, outcome) in [
            ("", 0, "pass", "passed"),
            ("println!(\"fine\");", 0, "pass", "passed"),
            ("std::process::exit(3)", 1, "fail", "failed"),
        ] {
            let record = judged(&own_main("own", body), &["test"], code, decision);
            assert!(outcomes(&record).contains(&format!("demo::own own: {outcome}")), "{body}: {record}");
        }
    }
}

#[test]
fn a_main_of_its_own_that_speaks_as_libtest_does_is_the_same_by_both() {
    let workspace = own_main(
        "own",
        r#"let args: Vec<String> = std::env::args().collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if has("--list") {
        if !has("--ignored") { println!("one: test\ntwo: test"); }
        return;
    }
    let wanted = |name: &str| !has("--exact") || has(name);
    let names: Vec<&str> = ["one", "two"].into_iter().filter(|name| wanted(name)).collect();
    println!("\nrunning {} tests", names.len());
    for name in &names { println!("test {name} ... ok"); }
    println!("\ntest result: ok. {} passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n", names.len());"#,
    );
    let record = by_both(&workspace, &[], (0, "pass"));
    assert_eq!(outcomes(&record), ["demo unit: passed", "demo::own one: passed", "demo::own two: passed"]);
}

/// A process a test takes nextest half a minute for all of them, so it is given those whose names hold `t10`.
#[test]
fn five_thousand_tests_are_all_seen() {
    let workspace = many(5000, "panic!()");
    let record = judged(&workspace, &["test", "--skip", "test.doctest", "--runner", "cargo"], 1, "fail");
    assert_eq!(counts(&record)[0], "4999 passed, 1 failed, 0 skipped");
    let record = by_both(&workspace, &["--", "t10"], (1, "fail"));
    assert_eq!(counts(&record)[0], "110 passed, 1 failed, 0 skipped");
}

#[test]
fn the_settings_choose_the_runner() {
    let workspace = library("#[test]\nfn one() {}\n").env("SLIPWAY_TEST_RUNNER", "cargo");
    let record = judged(&workspace, &["test"], 0, "pass");
    let command = record["steps"][0]["commands"][0].as_str().unwrap();
    assert!(command.contains("cargo test --workspace --tests "), "{command}");
    let missing = Workspace::library("#[test]\nfn one() {}\n").env("SLIPWAY_TEST_RUNNER", "nextest");
    let record = judged(&missing, &["test"], 1, "inconclusive");
    assert!(step(&record, "test.suite")["reason"].as_str().unwrap().contains("is not installed"));
}

#[test]
fn a_filter_runs_what_it_names() {
    let workspace = library("#[test]\nfn one() {}\n#[test]\nfn two() { panic!(); }\n");
    let record = by_both(&workspace, &["--", "one"], (0, "pass"));
    assert_eq!(outcomes(&record), ["demo one: passed"]);
}

#[test]
fn a_list_or_the_help_of_the_tests_is_no_pass() {
    for flag in ["--list", "--help"] {
        let workspace = library("#[test]\nfn one() {}\n");
        let arguments = ["test", "--skip", "test.doctest", "--runner", "cargo", "--", flag];
        judged(&workspace, &arguments, 1, "inconclusive");
    }
}

#[test]
fn a_quiet_cargo_is_read_as_any_other() {
    let workspace = library("//! ```\n//! assert!(true);\n//! ```\n#[test]\nfn one() {}\n")
        .file(".cargo/config.toml", "[term]\nquiet = true\n");
    let record = judged(&workspace, &["test", "--runner", "cargo"], 0, "pass");
    assert_eq!(outcomes(&record).len(), 2, "{record}");
    let workspace = library("#[test]\nfn one() {}\n").env("CARGO_TERM_QUIET", "true");
    judged(&workspace, &["test", "--runner", "cargo"], 0, "pass");
}

const ALONE: &str = r"
use std::sync::atomic::{AtomicUsize, Ordering};
static RUNNING: AtomicUsize = AtomicUsize::new(0);
fn alone() {
    assert_eq!(RUNNING.fetch_add(1, Ordering::SeqCst), 0);
    std::thread::sleep(std::time::Duration::from_millis(300));
    RUNNING.fetch_sub(1, Ordering::SeqCst);
}
#[test]
fn one() { alone(); }
#[test]
fn two() { alone(); }
";

#[test]
fn the_number_of_threads_is_for_the_repository_to_choose() {
    let configured = library(ALONE).file(".cargo/config.toml", "[env]\nRUST_TEST_THREADS = \"1\"\n");
    let arguments = ["test", "--skip", "test.doctest", "--runner", "cargo"];
    judged(&configured, &arguments, 0, "pass");
    let asked = [&arguments[..], &["--", "--test-threads=1"]].concat();
    judged(&library(ALONE), &asked, 0, "pass");
}

#[test]
fn doctests_that_are_not_announced_are_inconclusive() {
    let workspace = library("//! ```\n//! assert!(true);\n//! ```\n")
        .file("slipway.toml", "[test]\nargs = [\"--quiet\"]\n");
    let record = judged(&workspace, &["test", "--runner", "cargo"], 1, "inconclusive");
    assert_eq!(step(&record, "test.doctest")["status"], "inconclusive");
}
