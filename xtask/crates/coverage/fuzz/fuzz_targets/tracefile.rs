//! Any bytes as a tracefile.

#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../tests/corpus/check.rs"]
mod check;

fuzz_target!(|bytes: &[u8]| check::tracefile(bytes));
