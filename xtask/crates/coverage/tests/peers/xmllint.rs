//! Cobertura reports are valid against their DTD.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::UNIX_EPOCH;

use slipway_coverage::{Coverage, cobertura};

use crate::fixture::{is_installed, rich};

#[test]
fn the_cobertura_report_is_valid() {
    if !is_installed("xmllint") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("coverage.xml");
    let package = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let header = cobertura::Header { root: "/a & b", package: &package, time: UNIX_EPOCH };
    for coverage in [rich(), Coverage::default()] {
        let mut text = Vec::new();
        cobertura::write(&coverage, &header, &mut text).unwrap();
        fs::write(&path, text).unwrap();
        let dtd = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/coverage-04.dtd");
        let output =
            Command::new("xmllint").args(["--noout", "--nonet", "--dtdvalid"]).arg(dtd).arg(&path).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
