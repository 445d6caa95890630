//! The embedded reader says what llvm-cov says, and what a person would count.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests")]

use std::{env, path::Path};

use slipway_coverage::embedded::{self, Input, Reading};

#[path = "support/fixture.rs"]
mod fixture;
#[path = "support/llvm.rs"]
mod llvm;

use fixture::Fixture;

fn read(fixture: &Fixture, keep: &(dyn Fn(&str) -> Option<String> + Sync)) -> Reading {
    embedded::read(Input { profiles: &fixture.profiles, objects: &fixture.objects, keep }).unwrap()
}

fn same_as_llvm_cov(flags: &str) -> Option<Reading> {
    let Some(tools) = llvm::Tools::find() else {
        assert!(
            env::var("CI").is_err(),
            "no llvm-cov of the compiler's version; set LLVM_COV and LLVM_PROFDATA"
        );
        println!("skipped: no llvm-cov of the compiler's version");
        return None;
    };
    let fixture = Fixture::run("rich", flags);
    let root = fixture.root();
    let keep = |path: &str| Path::new(path).strip_prefix(&root).ok().map(|path| path.display().to_string());
    let ours = read(&fixture, &keep);
    let theirs = tools.read(&fixture.profiles, &fixture.objects, fixture.scratch());
    let differences = llvm::compare(&theirs, &ours, keep);
    assert!(differences.list.is_empty(), "{differences}");
    assert!(differences.files >= 7 && differences.lines > 150, "{differences}");
    assert_eq!(ours.notes, [] as [&str; 0]);
    Some(ours)
}

#[test]
fn lines_functions_and_regions_are_those_of_llvm_cov() {
    if let Some(ours) = same_as_llvm_cov("") {
        assert!(ours.coverage.files.values().all(|file| file.branches.is_empty()));
        assert!(ours.coverage.files.contains_key("made/src/lib.rs"), "the proc-macro ran in the compiler");
    }
}

#[test]
fn branches_are_those_of_llvm_cov() {
    if let Some(ours) = same_as_llvm_cov("-Zcoverage-options=branch") {
        assert!(ours.coverage.files.values().any(|file| !file.branches.is_empty()));
    }
}

#[test]
fn a_tiny_program_has_the_counts_that_a_person_finds() {
    let fixture = Fixture::run("tiny", "");
    let main = fixture.root().join("src/main.rs");
    let reading = read(&fixture, &|path| (Path::new(path) == main).then(|| "main".to_owned()));
    let file = &reading.coverage.files["main"];

    // The program ran twice; `shown` is called four times in a run.
    let lines: Vec<(u32, u64)> = file.lines.iter().collect();
    let shown = [(3, 8), (4, 8), (5, 4), (6, 4), (7, 4), (8, 8)];
    let never = [(10, 0), (11, 0), (12, 0)];
    let main = [(14, 2), (15, 2), (16, 6), (17, 6), (18, 6), (19, 2), (20, 2), (21, 2), (22, 2), (23, 2)];
    assert_eq!(lines, [shown.as_slice(), &never, &main].concat());

    // Two types make one function, and its name tells neither.
    let functions: Vec<_> = file.functions.iter().map(|f| (f.line, f.name.as_str(), f.count)).collect();
    let [shown, never, main, closure] = functions.as_slice() else { panic!("{functions:?}") };
    assert_eq!(
        [shown, never, main],
        [&(3, "tiny::shown", 8), &(10, "tiny::never", 0), &(14, "tiny::main", 2)]
    );
    assert_eq!(closure, &(21, "tiny::main::{closure#0}", 2));

    let uncovered = file.regions.as_ref().unwrap().uncovered.clone();
    let places: Vec<_> =
        uncovered.iter().map(|s| (s.start_line, s.start_column, s.end_line, s.end_column)).collect();
    assert_eq!(places, [(10, 1, 10, 24), (11, 5, 11, 10), (12, 1, 12, 2), (20, 23, 20, 35)]);
    assert_eq!(reading.notes, [] as [&str; 0]);
}
