//! "Did you mean …?": the nearest known name.

/// The known name that is most like `word`, when one is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count().max(3)) / 3 + 1;
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(&word.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_word_that_was_meant() {
        let known = ["retries", "runner", "timeout", "mode"];
        assert_eq!(nearest("retires", known), Some("retries"));
        assert_eq!(nearest("mdoe", known), Some("mode"));
        assert_eq!(nearest("coverage", known), None);
        assert_eq!(nearest("", known), None);
    }
}
