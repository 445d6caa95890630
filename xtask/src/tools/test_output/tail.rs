//! The end of a text that may be endless: a test can print for minutes, and a report must stay readable.

/// How much of the output of one test is kept, in bytes.
pub const LIMIT: usize = 64 * 1024;

/// Keeps the last [`LIMIT`] bytes, at least, of what is pushed; never more than twice as much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    text: String,
    dropped: usize,
}

impl Tail {
    /// Appends.
    pub fn push(&mut self, text: &str) {
        let kept = &text[boundary(text, text.len().saturating_sub(LIMIT))..];
        if kept.len() < text.len() {
            self.dropped += self.text.len() + text.len() - kept.len();
            self.text.clear();
        }
        self.text.push_str(kept);
        if self.text.len() > 2 * LIMIT {
            let cut = boundary(&self.text, self.text.len() - LIMIT);
            self.text.drain(..cut);
            self.dropped += cut;
        }
    }

    /// Appends a line.
    pub fn push_line(&mut self, line: &str) {
        self.push(line);
        self.push("\n");
    }

    /// Whether nothing was pushed, or blanks alone.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.dropped == 0 && self.text.trim().is_empty()
    }

    /// What is kept of it now.
    #[must_use]
    pub fn kept(&self) -> &str {
        &self.text
    }

    /// The place that has been reached, for [`Tail::back_to`].
    #[must_use]
    pub fn place(&self) -> usize {
        self.dropped + self.text.len()
    }

    /// Takes back what was pushed since `place`.
    pub fn back_to(&mut self, place: usize) {
        self.text.truncate(boundary(&self.text, place.saturating_sub(self.dropped).min(self.text.len())));
    }

    /// The text without blank lines around it; a first line tells how much was left out, if anything was.
    #[must_use]
    pub fn finish(self) -> String {
        let cut = boundary(&self.text, self.text.len().saturating_sub(LIMIT));
        let kept = self.text[cut..].trim_matches(['\n', '\r']).trim_end();
        match self.dropped + cut {
            0 => kept.to_owned(),
            dropped => format!("… {dropped} bytes left out\n{kept}"),
        }
    }
}

/// The first place at or after `at` where a character begins.
fn boundary(text: &str, at: usize) -> usize {
    (at..text.len()).find(|place| text.is_char_boundary(*place)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_text_stays_whole() {
        let mut tail = Tail::default();
        tail.push_line("");
        tail.push_line("one");
        assert_eq!(tail.finish(), "one");
    }

    #[test]
    fn a_long_text_loses_its_beginning_and_says_so() {
        let mut tail = Tail::default();
        for _ in 0..100_000 {
            tail.push_line("0123456789ä");
        }
        let text = tail.finish();
        assert!(text.len() <= LIMIT + 40 && text.starts_with("… "));
        assert!(text.lines().next().unwrap().ends_with(" bytes left out") && text.ends_with("789ä"));
    }

    #[test]
    fn what_was_pushed_last_can_be_taken_back() {
        let mut tail = Tail::default();
        tail.push(&"x".repeat(3 * LIMIT));
        let place = tail.place();
        tail.push_line("gone");
        tail.back_to(place);
        assert!(tail.finish().ends_with("xxx"));
    }

    proptest! {
        #[test]
        fn any_pieces_make_the_end_of_the_whole(pieces in prop::collection::vec(("[a-zä名]{1,9}", 0_usize..9000), 0..8)) {
            let pieces: Vec<String> = pieces.iter().map(|(text, times)| text.repeat(*times)).collect();
            let mut tail = Tail::default();
            for piece in &pieces {
                tail.push(piece);
            }
            let whole = pieces.concat();
            prop_assert!(whole.ends_with(tail.kept()));
            prop_assert_eq!(tail.place(), whole.len());
            prop_assert!(tail.kept().len() >= whole.len().min(LIMIT - 4) && tail.kept().len() <= 2 * LIMIT);
        }
    }
}
