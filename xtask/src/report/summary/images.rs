//! Images: the command that fetches exactly what was built, and what the steps found out about it.

use std::fmt::Write as _;

use super::detail::Detail;
use crate::kit::text::{code_block, plural};
use crate::model::image::ImageRecord;
use crate::model::record::RunRecord;
use crate::report::images;

/// Each image with its pull command, tags, size and change, runs and scan; empty without images.
pub(super) fn images(record: &RunRecord, detail: Detail) -> String {
    let heading = match record.images.len() {
        1 => "Image".to_owned(),
        count => plural(count, "image"),
    };
    detail.list(&heading, &record.images, |image| told(image, detail))
}

fn told(image: &ImageRecord, detail: Detail) -> String {
    let which = images::which(image);
    let which = if which.is_empty() { which } else { format!(" {}", detail.code(&which)) };
    let mut text = format!("**{}**{which}\n\n", detail.code(&image.name));
    let fits = |command: &String| detail.lines > 0 && command.len() <= detail.output;
    if let Some(command) = images::pull(image).filter(fits) {
        let _ = writeln!(text, "{}", code_block(&command));
    }
    let tags: Vec<String> = image.tags.iter().take(detail.items).map(|tag| detail.code(&tag.tag)).collect();
    let rows = images::rows(image);
    if !rows.is_empty() || !tags.is_empty() {
        text.push_str("| | |\n|---|---|\n");
    }
    if !tags.is_empty() {
        let more = image.tags.len() - tags.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(text, "| tags | {}{more} |", tags.join(" "));
    }
    // As many as there are kinds of rows are always told; runs are without end.
    for row in rows.iter().take(detail.items.max(6)) {
        let _ = writeln!(text, "| {} | {} |", row.what, detail.text(&row.told));
    }
    for run in &image.smoke {
        if let Some(output) = &run.output {
            let output = detail.output("Last lines of its output", output);
            if !output.is_empty() {
                let _ = write!(text, "\n{} did not hold:\n{output}", detail.code(&run.name));
            }
        }
    }
    text + "\n"
}
