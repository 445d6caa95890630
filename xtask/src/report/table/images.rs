//! Images on the terminal: which one it is, under which tags, and what the steps found out about it.

use console::Style;

use super::gate::labelled;
use super::look::{Look, one_line, paint};
use super::wrap::wrap;
use crate::model::image::ImageRecord;
use crate::model::record::RunRecord;
use crate::report::{images, words};

/// How many tags are told, and how many runs.
const ITEMS: usize = 10;

/// A few lines for each image; none without images.
pub(super) fn blocks(record: &RunRecord, look: Look) -> Vec<String> {
    record.images.iter().map(|image| block(image, look)).collect()
}

fn block(image: &ImageRecord, look: Look) -> String {
    let head = format!("image {}: {}", image.name, images::which(image));
    let head = wrap(one_line(&head).trim_end_matches(':'), look.width, "  ");
    let mut text = paint(head.trim_end(), &Style::new().bold(), look) + "\n";
    let mut tags: Vec<&str> = image.tags.iter().take(ITEMS).map(|tag| tag.tag.as_str()).collect();
    let more = image.tags.len().saturating_sub(ITEMS);
    let more = (more > 0).then(|| words::more(more));
    tags.extend(more.as_deref());
    if !tags.is_empty() {
        text.push_str(&labelled("tags", &tags.join(", "), look));
    }
    let rows = images::rows(image);
    let mut before = "";
    for row in rows.iter().take(ITEMS) {
        let label = if row.what == before { "" } else { row.what };
        text.push_str(&labelled(label, &row.told, look));
        before = row.what;
    }
    if rows.len() > ITEMS {
        text.push_str(&labelled("", &words::more(rows.len() - ITEMS), look));
    }
    text
}
