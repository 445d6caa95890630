//! What must hold for any bytes. The fuzz targets check the same as the tests that replay their corpus.

use std::time::UNIX_EPOCH;

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
