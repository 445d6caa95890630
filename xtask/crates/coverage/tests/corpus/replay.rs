//! Runs each file of a corpus through the check of its fuzz target.

use std::fs;
use std::path::Path;

use crate::check;

#[test]
fn tracefiles_hold_what_must_hold() {
    replay("tracefile", check::tracefile);
}

#[test]
fn profiles_and_maps_are_read_or_refused() {
    replay("profraw", check::profraw);
    replay("covmap", check::covmap);
}

fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty(), "the corpus of {target} is empty");
    for file in files {
        println!("{}", file.display());
        check(&fs::read(file).unwrap());
    }
}
