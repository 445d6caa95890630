//! The text of our comment: what it is about in its first line, then parts that verbs write each on their own.
//!
//! All parts of a page tell of the same run. A part of a newer run starts a new page, and one of an older run is not
//! written; so a reader never sees the delivery of one commit below the tests of another one.

use std::collections::BTreeMap;
use std::fmt;

use super::Marker;

/// What a piece of the page tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What the run came to.
    Run,
    /// What became of its image where it is kept.
    Delivery,
}

const DELIVERY: &str = "<!-- slipway:part delivery -->";

/// Text in which no part begins: a line of somebody's output may look like one. A character without width is enough.
#[must_use]
pub(super) fn of_one_part(text: &str) -> String {
    text.replace("slipway:part", "slipway:\u{200b}part")
}

/// A page, as it is written and read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What the first line says.
    pub marker: Marker,
    parts: BTreeMap<Part, String>,
}

impl Page {
    /// A page with one part.
    #[must_use]
    pub fn with(marker: Marker, part: Part, text: &str) -> Self {
        let mut page = Self { marker, parts: BTreeMap::new() };
        page.keep(part, &of_one_part(text));
        page
    }

    /// Of a comment's text; none when its first line is no marker of ours.
    #[must_use]
    pub fn of(body: &str) -> Option<Self> {
        let marker = Marker::of(body)?;
        let mut page = Self { marker, parts: BTreeMap::new() };
        let (mut part, mut text) = (Part::Run, String::new());
        for line in body.lines().skip(1) {
            // GitHub may keep other line ends than it was sent.
            let line = line.replace('\r', "");
            if line.trim_end() == DELIVERY && part == Part::Run {
                page.keep(part, &text);
                (part, text) = (Part::Delivery, String::new());
            } else {
                text.extend([&line[..], "\n"]);
            }
        }
        page.keep(part, &text);
        Some(page)
    }

    /// What a part says; none when it was not written yet.
    #[must_use]
    pub fn part(&self, part: Part) -> Option<&str> {
        self.parts.get(&part).map(String::as_str)
    }

    /// Whether all parts of another page are here, whatever they say.
    #[must_use]
    pub fn has_parts_of(&self, other: &Self) -> bool {
        other.parts.keys().all(|part| self.parts.contains_key(part))
    }

    /// Puts the parts of another page in. Those of an older run are gone then; a page of an older run changes nothing.
    pub fn put(&mut self, other: &Self) {
        if self.is_replaced_by(other) {
            self.parts.extend(other.parts.clone());
        }
    }

    /// The same, but what this page says of the same run already stays.
    pub fn add(&mut self, other: &Self) {
        if self.is_replaced_by(other) {
            for (part, text) in &other.parts {
                self.parts.entry(*part).or_insert_with(|| text.clone());
            }
        }
    }

    /// Empties the page for a newer run. Whether parts of the other page belong here.
    fn is_replaced_by(&mut self, other: &Self) -> bool {
        if other.marker.order > self.marker.order {
            self.marker = other.marker.clone();
            self.parts.clear();
        }
        other.marker.order == self.marker.order
    }

    fn keep(&mut self, part: Part, text: &str) {
        let text = text.trim_matches('\n').trim_end();
        if !text.is_empty() {
            self.parts.insert(part, text.to_owned());
        }
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.marker)?;
        for (part, text) in &self.parts {
            match part {
                Part::Run => write!(f, "\n{text}")?,
                Part::Delivery => write!(f, "\n\n{DELIVERY}\n{text}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::comment::Order;

    fn page(run: u64, part: Part, text: &str) -> Page {
        let marker = Marker { name: "ci".to_owned(), order: Order::of_ci(run, 1), head: "c0ffee".to_owned() };
        Page::with(marker, part, text)
    }

    #[test]
    fn a_line_of_output_begins_no_part() {
        let output = format!("```text\nbefore\n{DELIVERY}\nafter\n```");
        for part in [Part::Run, Part::Delivery] {
            let whole = page(1, part, &output).to_string();
            let read = Page::of(&whole).unwrap();
            assert_eq!(read.parts.keys().copied().collect::<Vec<_>>(), [part]);
            assert_eq!(read.to_string(), whole);
        }
    }

    #[test]
    fn parts_of_one_run_stand_together_whoever_comes_first() {
        let (run, delivery) = (page(7, Part::Run, "## Passed"), page(7, Part::Delivery, "## Delivered"));
        let mut one = run.clone();
        one.put(&delivery);
        let mut other = delivery.clone();
        other.put(&run);
        assert_eq!(one, other);
        let marker = &run.marker;
        assert_eq!(
            one.to_string(),
            format!("{marker}\n## Passed\n\n<!-- slipway:part delivery -->\n## Delivered")
        );
        assert_eq!(Page::of(&one.to_string().replace('\n', "\r\n")), Some(one.clone()));
        one.put(&page(7, Part::Run, "## Failed"));
        assert_eq!(
            (one.part(Part::Run), one.part(Part::Delivery)),
            (Some("## Failed"), Some("## Delivered"))
        );
        one.add(&page(7, Part::Run, "## Passed"));
        assert_eq!(one.part(Part::Run), Some("## Failed"), "what is there stays");
    }

    #[test]
    fn a_newer_run_begins_a_new_page_and_an_older_one_changes_nothing() {
        let mut page_of_both = page(7, Part::Run, "seven");
        page_of_both.put(&page(7, Part::Delivery, "delivered"));
        let before = page_of_both.clone();
        page_of_both.put(&page(6, Part::Run, "six"));
        page_of_both.add(&page(6, Part::Delivery, "six"));
        assert_eq!(page_of_both, before);
        page_of_both.put(&page(8, Part::Run, "eight"));
        assert_eq!(page_of_both, page(8, Part::Run, "eight"));
        assert!(!page_of_both.has_parts_of(&before) && before.has_parts_of(&page_of_both));
    }

    proptest! {
        #[test]
        fn any_page_reads_back(run in "(a|b| |\n){0,12}", delivery in "(a|b| |\n){0,12}") {
            let mut page = page(7, Part::Run, &run);
            page.keep(Part::Delivery, &delivery);
            prop_assert_eq!(Page::of(&page.to_string()), Some(page));
        }

        #[test]
        fn any_text_is_read_without_a_panic(rest in "\\PC{0,60}|(<!-- slipway:part delivery -->|a|\r|\n){0,9}") {
            let marker = page(7, Part::Run, "").marker;
            let page = Page::of(&format!("{marker}\n{rest}")).unwrap();
            prop_assert_eq!(Page::of(&page.to_string()), Some(page));
        }
    }
}
