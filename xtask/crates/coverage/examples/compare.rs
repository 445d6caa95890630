//! Compares the embedded reader with llvm-cov on real profiles.
//!
//! `cargo run --release --example compare -- PROFILES ROOT OBJECT…` reads all raw profiles in the folder `PROFILES`
//! and the executables, and compares what both say of source files below `ROOT`. Ends with 1 when they differ.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to people")]

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use slipway_coverage::embedded::{self, Input};

#[path = "../tests/support/llvm.rs"]
mod llvm;

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(root)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: compare PROFILES ROOT OBJECT…");
        return ExitCode::from(2);
    };
    let objects: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut profiles: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|e| e == "profraw")).collect();
    profiles.sort();
    let keep = |path: &str| Path::new(path).starts_with(&root).then(|| path.to_owned());
    let input = Input { profiles: &profiles, objects: &objects, keep: &keep };
    let start = Instant::now();
    let ours = match embedded::read(input) {
        Ok(ours) => ours,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!("embedded: {} profiles, {} objects, {:?}", profiles.len(), objects.len(), start.elapsed());
    ours.notes.iter().for_each(|note| println!("note: {note}"));
    let Some(tools) = llvm::Tools::find() else {
        eprintln!("no llvm-cov and llvm-profdata of the compiler's version; set LLVM_COV and LLVM_PROFDATA");
        return ExitCode::FAILURE;
    };
    let start = Instant::now();
    let theirs = tools.read(&profiles, &objects, Path::new(&folder));
    println!("llvm-profdata merge, llvm-cov export twice: {:?}", start.elapsed());
    let differences = llvm::compare(&theirs, &ours, keep);
    print!("{differences}");
    ExitCode::from(u8::from(!differences.list.is_empty()))
}
