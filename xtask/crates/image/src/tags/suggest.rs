//! The word that somebody meant.

/// The nearest of these words, when it is near: a third of its letters may be wrong.
pub(super) fn nearest<'a>(found: &str, legal: &[&'a str]) -> Option<&'a str> {
    // Longer texts are no slips of the pen, and comparing takes the product of both lengths.
    if found.len() > 64 {
        return None;
    }
    let found = found.to_lowercase();
    let near = legal.iter().map(|word| (distance(&found, word), *word));
    near.filter(|(distance, word)| *distance * 3 <= word.len().max(3)).min().map(|(_, word)| word)
}

/// How many letters to put in, leave out or change to make one word the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut next = vec![index + 1];
        for (column, pair) in row.windows(2).enumerate() {
            let [corner, above] = pair else { continue };
            let left = next.last().copied().unwrap_or_default();
            let changed = usize::from(other.get(column) != Some(&letter));
            next.push((corner + changed).min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_a_riddle_is_not() {
        let legal = ["semver", "schedule", "sha"];
        assert_eq!(nearest("semvr", &legal), Some("semver"));
        assert_eq!(nearest("Sha", &legal), Some("sha"));
        assert_eq!(nearest("shcedule", &legal), Some("schedule"));
        assert_eq!(nearest("docker", &legal), None);
        assert_eq!(nearest("", &legal), None);
        assert_eq!(nearest(&"s".repeat(10_000), &legal), None);
    }
}
