//! Where a result points: always at a real file below the repository's root, as code scanning refuses any other.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::kit::text::terminal;
use crate::model::finding::Finding;
use crate::report::pick::is_inside;

/// Stands in for findings without a file of the repository.
const ROOT_FILE: &str = "Cargo.toml";

/// SARIF's `physicalLocation`, and the path of the finding when that lies outside and has to be told in words.
pub(super) fn physical(finding: &Finding) -> (Value, Option<String>) {
    let location = finding.location.as_ref();
    let Some(at) = location.filter(|at| is_inside(&at.path)) else {
        let region = json!({ "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2 });
        return (located(ROOT_FILE, &region), location.map(|at| terminal(&at.path)));
    };
    let (line, column) = (at.line.max(1), at.column.max(1));
    let end_line = at.end_line.max(line);
    // A place without a width is shown as one character: an empty region is not shown at all.
    let narrowest = if end_line == line { column.saturating_add(1) } else { 1 };
    let region = json!({
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": at.end_column.max(narrowest),
    });
    (located(&percent_encoded(&at.path), &region), None)
}

fn located(uri: &str, region: &Value) -> Value {
    json!({ "artifactLocation": { "uri": uri, "uriBaseId": "%SRCROOT%" }, "region": region })
}

/// A relative path as a URI reference: everything but RFC 3986's unreserved characters and `/` is encoded.
fn percent_encoded(path: &str) -> String {
    let path = path.replace('\\', "/");
    let mut uri = String::with_capacity(path.len());
    for byte in path.trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::finding::{Level, Location};

    fn physical_at(location: Option<Location>) -> (Value, Option<String>) {
        physical(&Finding { location, ..Finding::new("lint.x", "r", Level::Note, "m") })
    }

    #[test]
    fn a_path_is_percent_encoded() {
        let (place, outside) = physical_at(Some(Location::at("a b/größe#1.rs", 3, 4).until(5, 1)));
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/gr%C3%B6%C3%9Fe%231.rs");
        assert_eq!(
            place["region"],
            json!({ "startLine": 3, "startColumn": 4, "endLine": 5, "endColumn": 1 })
        );
        assert_eq!(outside, None);
    }

    #[test]
    fn a_finding_without_a_file_of_the_repository_points_at_the_root_manifest() {
        for location in [None, Some(Location::at("/usr/x.rs", 3, 1)), Some(Location::at("../x.rs", 3, 1))] {
            let expected = location.as_ref().map(|at| at.path.clone());
            let (place, outside) = physical_at(location);
            assert_eq!((&place["artifactLocation"]["uri"], outside), (&json!("Cargo.toml"), expected));
        }
    }

    proptest! {
        #[test]
        fn no_region_counts_from_zero_or_runs_backwards(line: u32, column: u32, end_line: u32, end_column: u32) {
            let at = Location { path: "a.rs".to_owned(), line, column, end_line, end_column };
            let region = physical_at(Some(at)).0["region"].clone();
            let number = |name: &str| region[name].as_u64().unwrap();
            prop_assert!(number("startLine") > 0 && number("startColumn") > 0 && number("endColumn") > 0);
            prop_assert!(number("endLine") >= number("startLine"));
            prop_assert!(number("endLine") > number("startLine") || number("endColumn") >= number("startColumn"));
        }
    }
}
