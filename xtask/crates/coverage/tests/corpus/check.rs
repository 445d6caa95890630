//! What must hold for any bytes. The fuzz targets check the same as the tests that replay their corpus.

#![cfg_attr(not(test), expect(dead_code, reason = "each fuzz target takes one of them"))]

use std::time::UNIX_EPOCH;

use slipway_coverage::embedded::fuzzing;
use slipway_coverage::paths::Scope;
use slipway_coverage::{cobertura, lcov};

/// A tracefile is read or refused; what was read and is written is read as the same, without any loss, and every
/// other writer takes it too.
pub(crate) fn tracefile(bytes: &[u8]) {
    let Ok(read) = lcov::read(bytes, "any.info") else { return };
    let mut text = Vec::new();
    lcov::write(&read.coverage, &mut text).expect("memory takes all");
    let again = lcov::read(text.as_slice(), "written.info").expect("what is written can be read");
    assert!(again.losses.is_empty(), "{}", again.losses);
    assert_eq!(again.coverage, read.coverage);

    let header = cobertura::Header { root: "/work", package: &str::to_owned, time: UNIX_EPOCH };
    cobertura::write(&read.coverage, &header, &mut Vec::new()).expect("memory takes all");

    let scope = Scope::new("/work").with_tests();
    let scoped = scope.apply(read.coverage);
    assert_eq!(scope.apply(scoped.clone()), scoped);
}

/// A profile is added up or refused.
pub(crate) fn profraw(bytes: &[u8]) {
    fuzzing::profile(bytes);
}

/// The parts of a coverage map are read or refused: by the first byte tables, names, or a function, of which the
/// second says how many counters of eight bytes stand in front of its record.
pub(crate) fn covmap(bytes: &[u8]) {
    match bytes {
        [0, tables @ ..] => fuzzing::tables(tables),
        [1, names @ ..] => fuzzing::names(names),
        [2, count, rest @ ..] => {
            let (counters, record) = rest.split_at(rest.len().min(usize::from(*count) * 8));
            let counters =
                counters.chunks_exact(8).map(|n| u64::from_le_bytes(n.try_into().expect("of eight")));
            fuzzing::function(record, &counters.collect::<Vec<_>>());
        }
        _ => {}
    }
}
