//! Any bytes as the parts of a coverage map.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/corpus/check.rs"]
mod check;

fuzz_target!(|bytes: &[u8]| check::covmap(bytes));
