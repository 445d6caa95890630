//! The embedded reader says what llvm-cov says, and what a person would count.

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
    let fixture = Fixture::run("fixture", flags);
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
