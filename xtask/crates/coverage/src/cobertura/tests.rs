use std::time::Duration;

use super::*;
use crate::model::Function;

fn report(coverage: &Coverage) -> String {
    let package = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let time = UNIX_EPOCH + Duration::from_millis(1_700_000_000_123);
    let mut text = Vec::new();
    write(coverage, &Header { root: "/home/me/a&b", package: &package, time }, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

fn one(file: FileCoverage) -> Coverage {
    Coverage { files: [("app/src/lib.rs".to_owned(), file)].into() }
}

#[test]
fn a_file_is_a_class_of_its_package() {
    let file =
        |counts: &[(u32, u64)]| FileCoverage { lines: counts.iter().copied().collect(), ..<_>::default() };
    let files = [
        ("app/src/a.rs", file(&[(1, 1), (2, 0)])),
        ("app/src/b.rs", file(&[(1, 1)])),
        ("lib/c.rs", file(&[])),
    ];
    let text = report(&Coverage { files: files.map(|(path, file)| (path.to_owned(), file)).into() });
    assert!(text.contains("<source>/home/me/a&amp;b</source>"), "{text}");
    assert!(
        text.contains(r#"lines-covered="2" lines-valid="3" branches-covered="0" branches-valid="0""#),
        "{text}"
    );
    assert!(text.contains(r#"timestamp="1700000000123""#), "{text}");
    assert!(
        text.contains(r#"<package name="app" line-rate="0.6666" branch-rate="0.0000" complexity="0">"#),
        "{text}"
    );
    assert!(text.contains(r#"<package name="lib" line-rate="0.0000""#), "{text}");
    assert!(text.contains(r#"<class name="a.rs" filename="app/src/a.rs" line-rate="0.5000""#), "{text}");
    assert!(text.contains("<line number=\"1\" hits=\"1\"/>\n<line number=\"2\" hits=\"0\"/>\n"), "{text}");
}

#[test]
fn a_function_is_a_method_with_its_first_line() {
    let function = |line, name: &str, count| Function { line, name: name.to_owned(), count };
    let functions = vec![function(3, "<A as B>::f", 2), function(9, "g", 0)];
    let text = report(&one(FileCoverage { functions, ..FileCoverage::default() }));
    let method = r#"<method name="&lt;A as B&gt;::f" signature="" line-rate="1" branch-rate="0" complexity="0"><lines><line number="3" hits="2"/></lines></method>"#;
    assert!(text.contains(method), "{text}");
    assert!(text.contains(r#"<method name="g" signature="" line-rate="0""#), "{text}");
}

#[test]
fn branches_stand_at_their_line() {
    let branch = |line, block, branch, taken| Branch { line, block, branch, taken };
    let branches = vec![
        branch(2, 0, 0, Some(1)),
        branch(4, 0, 0, Some(7)),
        branch(4, 0, 1, Some(0)),
        branch(4, 1, 0, None),
        branch(4, 1, 1, None),
    ];
    let lines = [(1, 1), (4, 7), (5, 1)].into_iter().collect();
    let text = report(&one(FileCoverage { lines, branches, ..FileCoverage::default() }));
    let line = "<line number=\"4\" hits=\"7\" branch=\"true\" condition-coverage=\"25% (1/4)\"><conditions>\
                <condition number=\"0\" type=\"jump\" coverage=\"50%\"/>\
                <condition number=\"1\" type=\"jump\" coverage=\"0%\"/></conditions></line>\n";
    assert!(text.contains(line), "{text}");
    assert!(text.contains("<line number=\"5\" hits=\"1\"/>"), "{text}");
    assert!(text.contains(r#"branches-covered="2" branches-valid="5""#), "{text}");
}

#[test]
fn great_counts_stay_within_what_readers_hold() {
    let lines = [(1, u64::MAX), (2, 0x7fff_ffff)].into_iter().collect();
    let text = report(&one(FileCoverage { lines, ..FileCoverage::default() }));
    assert!(text.contains(r#"<line number="1" hits="2147483647"/>"#), "{text}");
}

#[test]
fn nothing_measured_is_a_report_too() {
    let text = report(&Coverage::default());
    assert!(text.ends_with("<packages>\n</packages>\n</coverage>\n"), "{text}");
}
