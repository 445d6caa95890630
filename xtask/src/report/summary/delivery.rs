//! What became of the images of a run where they are kept: the part that a delivery adds to the comment on a pull request.

use std::fmt::Write as _;

use super::detail::{Detail, LADDER};
use super::overview;
use crate::kit::text::{millis, plural};
use crate::model::gate::Decision;
use crate::model::image::{ImageRecord, SmokeRecord, short_digest};
use crate::model::record::RunRecord;
use crate::report::{pick, words};

/// The delivery as Markdown of at most so many bytes, as long as that is no less than a few hundred. `page` is that of the run that
/// delivered.
#[must_use]
pub fn delivery(record: &RunRecord, page: Option<&str>, limit_bytes: usize) -> String {
    let texts = LADDER.iter().map(|detail| told(record, page, *detail));
    let mut last = String::new();
    for text in texts {
        if text.len() <= limit_bytes {
            return text;
        }
        last = text;
    }
    last
}

fn told(record: &RunRecord, page: Option<&str>, detail: Detail) -> String {
    let headline = match record.verdict.decision {
        Decision::Pass => format!("Delivered: {} pulled and run", plural(record.images.len(), "image")),
        Decision::Fail => format!("Not delivered: {}", words::gates(record)),
        Decision::Inconclusive => format!("Delivery inconclusive: {}", words::gates(record)),
    };
    let mut text = format!("## {headline}\n\n");
    for image in record.images.iter().take(detail.items) {
        text.push_str(&of_image(image, detail));
    }
    text = detail.rest(record.images.len(), text);
    for gate in pick::open_gates(record).into_iter().take(detail.items) {
        let (id, verdict) = (detail.code(&gate.id), gate.verdict.word());
        let _ = writeln!(text, "- **{id} {verdict}**: {}", detail.text(&gate.reason));
    }
    let troubled = overview::troubled(record, detail);
    if !troubled.is_empty() {
        let _ = write!(text, "\n{troubled}");
    }
    let spent = millis(record.run.duration_ms);
    let run = page.map(|page| format!("[delivery]({page}), ")).unwrap_or_default();
    let _ = writeln!(text, "\n{run}after {spent}");
    text
}

fn of_image(image: &ImageRecord, detail: Detail) -> String {
    let mut text = format!("**{}**", detail.code(&image.name));
    if let (Some(repository), Some(digest)) = (&image.repository, &image.digest) {
        let _ = write!(text, " {}", detail.code(&format!("{repository}@{}", short_digest(digest))));
    }
    if let Some(pulled) = &image.pulled {
        let _ = write!(text, " pulled by digest in {}", millis(pulled.duration_ms));
    }
    text.push_str("\n\n");
    for run in image.smoke.iter().take(detail.items) {
        text.push_str(&of_run(run, detail));
    }
    detail.rest(image.smoke.len(), text)
}

fn of_run(run: &SmokeRecord, detail: Detail) -> String {
    let ready = run.ready_ms.map(|ready| format!(", ready after {}", millis(ready))).unwrap_or_default();
    let end = run.end.as_ref().map(|end| format!(", {}", detail.text(end))).unwrap_or_default();
    let (name, by) = (detail.code(&run.name), detail.text(&run.runtime));
    let mut text = format!("- run {name} by {by}: {} of {} checks hold{ready}{end}\n", run.passed, run.total);
    if let Some(output) = run.output.as_ref().or(run.printed.as_ref()) {
        text.push_str(&detail.output("Output", output));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::{HOSTILE, sample};
    use crate::report::summary::checks::alive;

    const PAGE: &str = "https://github.com/acme/widgets/actions/runs/9";

    fn delivered() -> RunRecord {
        let mut record = sample();
        record.gates.clear();
        record.steps.clear();
        record.verdict.decision = Decision::Pass;
        record.images.truncate(1);
        record.images[0].smoke.truncate(1);
        let run = &mut record.images[0].smoke[0];
        (run.output, run.printed) = (None, Some("stdout:\nwidgets 1.2.3\n".to_owned()));
        record
    }

    #[test]
    fn what_was_run_is_told_with_what_it_printed() {
        let text = delivery(&delivered(), Some(PAGE), 7_900);
        for told in [
            "## Delivered: 1 image pulled and run\n",
            "@sha256:",
            " checks hold",
            "<summary>Output</summary>",
            "widgets 1.2.3",
            "[delivery](https://github.com/acme/widgets/actions/runs/9), after ",
        ] {
            assert!(text.contains(told), "{told}\n---\n{text}");
        }
        alive(&text).unwrap();
    }

    #[test]
    fn what_went_wrong_is_told_and_fits() {
        let text = delivery(&sample(), None, 7_900);
        assert!(text.starts_with("## Not delivered: 6 of 10 gates do not pass\n"), "{text}");
        assert!(text.len() <= 7_900 && text.contains(" fail**"), "{} {text}", text.len());
        alive(&text).unwrap();
    }

    #[test]
    fn what_an_image_prints_stays_text_however_long_it_is() {
        let mut record = delivered();
        let hostile = format!("{HOSTILE}\n<!-- slipway:part delivery -->\n## Passed\n");
        record.images[0].smoke[0].printed = Some(hostile.repeat(2_000));
        (record.images[0].smoke[0].end, record.images[0].name) =
            (Some(HOSTILE.to_owned()), HOSTILE.to_owned());
        let text = delivery(&record, Some(PAGE), 7_900);
        assert!(text.len() <= 7_900 && text.contains("Output, its end"), "{text}");
        alive(&text).unwrap();
    }
}
