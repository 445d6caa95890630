//! The page: whole, self-contained, and deaf to text from outside.

use std::time::Instant;

use proptest::prelude::*;

use super::*;
use crate::model::record::tests::record;
use crate::report::sample::{large, sample};

#[test]
fn everything_is_on_the_page() {
    let page = html(&sample()).unwrap();
    for told in [
        "Failed: 6 of 10 gates do not pass",
        "commit c0ffeec0ff",
        "RUSTFLAGS=&#x27;-D warnings&#x27; cargo nextest run",
        "widgets&#x2f;src&#x2f;render.rs:31:9",
        "ran longer than 60.0 s",
        "Attempt 1, failed after 0.01 s",
        "2 findings: 1 error, 1 warning",
        "passed at attempt 2",
        "shellcheck is not installed",
        "unchanged since it last passed",
        "nextest is not installed",
        "rustc 1.94.0",
        "href=\"htmlcov&#x2f;index.html\"",
        "83.4 % of 1,200 lines ran",
        "4 of 14",
        "159 of 440 lines never ran",
        "measured by embedded: no LLVM tool is needed",
        "docker pull ghcr.io&#x2f;acme&#x2f;widgets@sha256:0123456789abcdef",
        "title=\"type=ref,event=pr: the pull request\"><code>pr-12</code>",
        "serve: 11 of 12 checks held, ready in 0.13 s",
        "layer 2, 15 MB: COPY --from=build",
        "2 failed</span>",
        "<rect class=\"run bad\" x=\"0.04%\"",
        "href=\"logs&#x2f;lint.clippy.log\"",
    ] {
        assert!(page.contains(told), "{told}");
    }
}

#[test]
fn text_from_outside_is_no_html() {
    let page = html(&sample()).unwrap();
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)"));
    assert!(!page.contains('\u{1b}') && !page.contains('\u{0}'));
    assert!(!page.contains("javascript:"));
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = html(&sample()).unwrap();
    assert!(page.contains("default-src &#x27;none&#x27;") || page.contains("default-src 'none'"));
    assert!(page.contains(&source_hash(STYLE)) && page.contains(&source_hash(SCRIPT)));
    for loads in ["<link", "src=", "@import", "<img", "<iframe", "style=\"", "onclick"] {
        assert!(!page.contains(loads), "{loads}");
    }
}

#[test]
fn the_inlined_sources_cannot_end_their_element() {
    assert!(!STYLE.contains("</") && !SCRIPT.contains("</"));
}

#[test]
fn an_empty_run_is_a_page_too() {
    let page = html(&record()).unwrap();
    assert!(page.contains("Nothing was judged") && page.contains("No test was seen"));
}

#[test]
fn five_thousand_tests_stay_a_light_page() {
    let record = large(5_000);
    let start = Instant::now();
    let page = html(&record).unwrap();
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
    assert!(page.len() < 400_000, "{} bytes", page.len());
    assert!(page.contains("4,514 tests more without a row here"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_text_is_text(text in any::<String>()) {
        let mut record = sample();
        record.notes = vec![text.clone(), format!("</script><img src=x onerror=alert(1)>{text}")];
        record.tests.cases[3].output.clone_from(&text);
        record.steps[1].id.clone_from(&text);
        let patch = record.coverage.as_mut().unwrap().patch.as_mut().unwrap();
        patch.files[0].path.clone_from(&text);
        patch.files[0].uncovered[0].code = Some(format!("</pre><img src=x onerror=alert(1)>{text}"));
        let image = &mut record.images[0];
        image.name.clone_from(&text);
        image.tags[0].reason = format!("\"><img src=x>{text}");
        image.contents.as_mut().unwrap().layers[0].made_by.clone_from(&text);
        image.smoke[0].output = Some(format!("</pre><img src=x>{text}"));
        record.context.repository = Some(text);
        let page = html(&record).unwrap();
        prop_assert!(!page.contains("<img"));
        prop_assert_eq!(page.matches("</script>").count(), 1);
    }
}

/// Writes the reports for a look at them: `SLIPWAY_LOOK=FOLDER cargo test -p xtask look -- --ignored`.
#[test]
#[ignore = "writes reports to look at into the folder SLIPWAY_LOOK"]
fn look() {
    let Some(folder) = std::env::var_os("SLIPWAY_LOOK").map(std::path::PathBuf::from) else {
        println!("skipped: SLIPWAY_LOOK names no folder");
        return;
    };
    let mut green = large(312);
    green.tests.cases.drain(..10);
    green.tests = crate::model::record::TestsRecord::of(std::mem::take(&mut green.tests.cases));
    green.findings.clear();
    green.steps.retain(|step| step.status == crate::model::step::Status::Passed);
    green.gates.retain(|gate| gate.verdict == crate::model::gate::Decision::Pass);
    green.verdict = record().verdict;
    for (name, record) in
        [("sample", sample()), ("large", large(5_000)), ("empty", record()), ("green", green)]
    {
        let look = crate::report::table::Look { width: 100, colour: true };
        for (ending, text) in [
            ("html", html(&record).unwrap()),
            ("xml", crate::report::junit::junit(&record).unwrap()),
            ("md", crate::report::summary::summary(&record, 900 << 10)),
            ("txt", crate::report::table::table(&record, look)),
        ] {
            std::fs::write(folder.join(format!("{name}.{ending}")), text).unwrap();
        }
    }
}
