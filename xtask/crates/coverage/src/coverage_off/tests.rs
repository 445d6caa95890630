use proptest::prelude::*;

use super::*;
use crate::model::{Branch, Function, Regions};

/// The lines of a source that are off.
fn off(source: &str) -> Vec<u32> {
    let switches = Switches::of(source);
    (1..=u32::try_from(source.lines().count()).unwrap()).filter(|line| switches.is_off(*line)).collect()
}

#[test]
fn an_item_ends_where_its_body_ends() {
    assert_eq!(
        off("fn a() {}\n#[coverage(off)]\nfn b(x: [u8; 3]) -> u8 {\n if x { 1 }\n}\nfn c() {}"),
        [2, 3, 4, 5]
    );
    assert_eq!(off("#[coverage(off)]\nimpl A {\n fn b() {}\n\n fn c() {}\n}\nfn d() {}"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(off("#[coverage(off)] mod tests;\nfn a() {}"), [1]);
    assert_eq!(off("#[coverage(off)]\n#[inline] #[doc = \"}\"]\nfn a() {\n}\nfn b() {}"), [1, 2, 3, 4]);
}

#[test]
fn brackets_in_front_of_a_body_are_no_body() {
    assert_eq!(
        off("#[coverage(off)]\nimpl Of<{ 1 }, { 2 }> for A {\n fn f() {}\n}\nfn b() {}"),
        [1, 2, 3, 4]
    );
    assert_eq!(off("#[coverage(off)]\nconst A: u8 = { 1 }\n + 1;\nfn b() {}"), [1, 2, 3]);
}

#[test]
fn a_trait_method_without_a_body_ends_at_its_semicolon() {
    assert_eq!(off("trait A {\n#[coverage(off)]\nfn a(&self);\nfn b(&self) {}\n}"), [2, 3]);
}

#[test]
fn the_attribute_counts_under_a_condition_that_asks_for_coverage() {
    for condition in
        ["coverage", "coverage_nightly", "all(coverage, feature = \"x\")", "any(a, coverage_nightly)"]
    {
        let source = format!("#[cfg_attr({condition}, coverage(off))]\nfn a() {{}}\nfn b() {{}}");
        assert_eq!(off(&source), [1, 2], "{condition}");
    }
    assert_eq!(off("#[cfg_attr(coverage, inline, coverage(off))]\nfn a() {}"), [1, 2]);
    for attribute in [
        "cfg_attr(not(coverage), coverage(off))",
        "cfg_attr(test, coverage(off))",
        "cfg(coverage)",
        "x(coverage(off))",
    ] {
        assert_eq!(off(&format!("#[{attribute}]\nfn a() {{}}")), [0; 0], "{attribute}");
    }
}

#[test]
fn an_inner_attribute_speaks_of_what_is_around_it() {
    assert_eq!(off("#![coverage(off)]\nfn a() {}\nfn b() {}"), [1, 2, 3]);
    assert_eq!(off("fn a() {}\nmod b {\n#![coverage(off)]\nfn c() {}\n}\nfn d() {}"), [2, 3, 4, 5]);
}

#[test]
fn an_item_within_one_that_is_off_may_be_on() {
    assert_eq!(off("#[coverage(off)]\nmod a {\n#[coverage(on)]\nfn b() {\n}\nfn c() {}\n}"), [1, 2, 6, 7]);
}

#[test]
fn what_is_only_written_about_is_no_attribute() {
    let source =
        "// #[coverage(off)]\nfn a() {}\nconst B: &str = \"#[coverage(off)]\";\nfn c() { coverage(off) }";
    assert_eq!(off(source), [0; 0]);
}

#[test]
fn lines_functions_and_branches_of_what_is_off_are_dropped() {
    let function = |line| Function { line, name: String::new(), count: 0 };
    let branch = |line| Branch { line, block: 0, branch: 0, taken: None };
    let file = FileCoverage {
        lines: (1..=4).map(|line| (line, 1)).collect(),
        functions: vec![function(1), function(3)],
        branches: vec![branch(1), branch(3)],
        regions: Some(Regions::default()),
    };
    let files = ["a.rs", "plain.rs", "unknown.rs"].map(|path| (path.to_owned(), file.clone()));
    let mut coverage = Coverage { files: files.into() };
    let source = |path: &str| match path {
        "a.rs" => Some("fn a() {}\n#[coverage(off)]\nfn b() {}\nfn c() {}".to_owned()),
        "plain.rs" => Some("fn a() {}".to_owned()),
        _ => None,
    };
    assert_eq!(apply(&mut coverage, &source), 2);
    let expected = FileCoverage {
        lines: [(1, 1), (4, 1)].into_iter().collect(),
        functions: vec![function(1)],
        branches: vec![branch(1)],
        regions: None,
    };
    assert_eq!(coverage.files["a.rs"], expected);
    assert_eq!((&coverage.files["plain.rs"], &coverage.files["unknown.rs"]), (&file, &file));
}

proptest! {
    #[test]
    fn any_text_is_looked_through(source in "(#!?\\[|coverage\\(off\\)|cfg_attr\\(coverage,|[\\]\\[(){};,\"'/*\\\\\n#r]|fn |\\PC){0,80}") {
        let _ = off(&source);
    }

    #[test]
    fn an_item_is_off_whatever_stands_around_it(before in "[a-z ;\n]{0,20}", body in "([a-z ;\n]|\\{\\}|\\(\\)){0,20}") {
        let source = format!("{before}\n#[coverage(off)]\nfn f() {{{body}}}\nfn g() {{}}");
        let first = u32::try_from(before.matches('\n').count()).unwrap() + 2;
        let last = first + 1 + u32::try_from(body.matches('\n').count()).unwrap();
        prop_assert_eq!(off(&source), (first..=last).collect::<Vec<_>>());
    }
}
