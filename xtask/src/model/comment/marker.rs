//! The first line of our comments, which nobody sees: a comment in HTML with what it is about.

use std::fmt;

/// Which of two runs is the newer one. GitHub counts runs up, and attempts at each; a run on a machine of one's own
/// counts as older than any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order {
    is_ci: bool,
    run: u64,
    attempt: u32,
}

impl Order {
    /// Of a run on GitHub.
    #[must_use]
    pub fn of_ci(run: u64, attempt: u32) -> Self {
        Self { is_ci: true, run, attempt }
    }

    /// Of a run elsewhere, by the second in which it started.
    #[must_use]
    pub fn of_local(started: u64) -> Self {
        Self { is_ci: false, run: started, attempt: 1 }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.is_ci { "ci" } else { "local" };
        write!(f, "{place}.{}.{}", self.run, self.attempt)
    }
}

impl Order {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let is_ci = match parts.next()? {
            "ci" => true,
            "local" => false,
            _ => return None,
        };
        let order = Self { is_ci, run: parts.next()?.parse().ok()?, attempt: parts.next()?.parse().ok()? };
        // The one way to write it: `+1` and `01` are none.
        (order.to_string() == text).then_some(order)
    }
}

/// What the first line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Which of several comments, such as `ci`: small letters, digits and `-`.
    pub name: String,
    /// The run that it tells of.
    pub order: Order,
    /// The commit that it tells of, in hexadecimal.
    pub head: String,
}

const START: &str = "<!-- slipway:comment v1 ";
const END: &str = " -->";

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{START}name={} order={} head={}{END}", self.name, self.order, self.head)
    }
}

impl Marker {
    /// Of a comment's text; none when its first line is no such marker, to the letter.
    #[must_use]
    pub fn of(body: &str) -> Option<Self> {
        let line = body.lines().next()?.trim_end();
        let inside = line.strip_prefix(START)?.strip_suffix(END)?;
        let mut words = inside.split(' ');
        let mut value = |key: &str| words.next()?.strip_prefix(key)?.strip_prefix('=');
        let marker = Self {
            name: value("name")?.to_owned(),
            order: Order::parse(value("order")?)?,
            head: value("head")?.to_owned(),
        };
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_sound = !marker.name.is_empty()
            && marker.name.chars().all(is_name)
            && !marker.head.is_empty()
            && marker.head.chars().all(|c| c.is_ascii_hexdigit());
        (is_sound && words.next().is_none()).then_some(marker)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn later_runs_and_later_attempts_are_newer() {
        let ascending = [Order::of_local(9), Order::of_ci(1, 1), Order::of_ci(1, 2), Order::of_ci(2, 1)];
        assert!(ascending.is_sorted());
    }

    #[test]
    fn only_the_first_line_counts_and_to_the_letter() {
        let marker = Marker { name: "ci".to_owned(), order: Order::of_ci(12, 3), head: "c0ffee".to_owned() };
        let line = "<!-- slipway:comment v1 name=ci order=ci.12.3 head=c0ffee -->";
        assert_eq!(marker.to_string(), line);
        assert_eq!(Marker::of(&format!("{line}\r\n## Passed")), Some(marker));
        for wrong in [
            format!("\n{line}"),
            format!("> {line}"),
            line.replace("v1", "v2"),
            line.replace("ci.12.3", "ci.+12.3"),
            line.replace("ci.12.3", "ci.12"),
            line.replace("c0ffee", "../x"),
            line.replace("name=ci", "name=CI"),
            line.replace(" -->", " x=y -->"),
        ] {
            assert_eq!(Marker::of(&wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_marker_reads_back(name in "[a-z0-9-]{1,9}", run in any::<u64>(), attempt in any::<u32>(), ci in any::<bool>(), head in "[0-9a-f]{1,40}") {
            let order = if ci { Order::of_ci(run, attempt) } else { Order::of_local(run) };
            let marker = Marker { name, order, head };
            prop_assert_eq!(Marker::of(&marker.to_string()), Some(marker));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}|<!-- slipway:comment v1 [a-z0-9=. -]{0,60} -->") {
            if let Some(marker) = Marker::of(&text) {
                prop_assert_eq!(marker.to_string(), text);
            }
        }
    }
}
