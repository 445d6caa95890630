//! The difference of two texts, as `diff -u` writes it and `git apply` reads it.

use std::fmt::Write as _;

/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// A table of more cells costs more than the shortest difference is worth.
const MOST_CELLS: usize = 1 << 24;

/// One line of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

/// How to get from one text to another; empty where they are the same. `old` is none for a file that is not there.
#[must_use]
pub fn unified(path: &str, old: Option<&str>, new: &str) -> String {
    if old == Some(new) {
        return String::new();
    }
    let lines = difference(old.unwrap_or_default(), new);
    let mut text = format!("diff --git a/{path} b/{path}\n");
    match old {
        Some(_) => {
            let _ = writeln!(text, "--- a/{path}");
        }
        None => text.push_str("new file mode 100644\n--- /dev/null\n"),
    }
    let _ = writeln!(text, "+++ b/{path}");
    for hunk in hunks(&lines) {
        write_hunk(&mut text, &lines, hunk);
    }
    text
}

/// Ranges of lines around the changes; those that touch are one.
fn hunks(lines: &[Line<'_>]) -> Vec<std::ops::Range<usize>> {
    let mut hunks: Vec<std::ops::Range<usize>> = Vec::new();
    let changed = lines.iter().enumerate().filter(|(_, line)| !matches!(line, Line::Same(_)));
    for (at, _) in changed {
        let hunk = at.saturating_sub(CONTEXT)..(at + 1 + CONTEXT).min(lines.len());
        match hunks.last_mut() {
            Some(last) if last.end >= hunk.start => last.end = hunk.end,
            _ => hunks.push(hunk),
        }
    }
    hunks
}

fn write_hunk(text: &mut String, lines: &[Line<'_>], hunk: std::ops::Range<usize>) {
    let is_old = |line: &&Line<'_>| !matches!(line, Line::New(_));
    let is_new = |line: &&Line<'_>| !matches!(line, Line::Gone(_));
    let (before, shown) = (&lines[..hunk.start], &lines[hunk]);
    // A side without lines begins at the line before it.
    let span = |skipped: usize, count: usize| {
        if count == 0 { format!("{skipped},0") } else { format!("{},{count}", skipped + 1) }
    };
    let old = span(before.iter().filter(is_old).count(), shown.iter().filter(is_old).count());
    let new = span(before.iter().filter(is_new).count(), shown.iter().filter(is_new).count());
    let _ = writeln!(text, "@@ -{old} +{new} @@");
    for line in shown {
        let (sign, line) = match line {
            Line::Same(line) => (' ', line),
            Line::Gone(line) => ('-', line),
            Line::New(line) => ('+', line),
        };
        text.push(sign);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// Every line of both texts once, those that stay only once.
fn difference<'a>(old: &'a str, new: &'a str) -> Vec<Line<'a>> {
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old_part, new_part) = (&old_rest[..old_rest.len() - end], &new_rest[..new_rest.len() - end]);
    let mut lines: Vec<Line<'_>> = old[..start].iter().map(|line| Line::Same(line)).collect();
    lines.extend(middle(old_part, new_part));
    lines.extend(old[old.len() - end..].iter().map(|line| Line::Same(line)));
    lines
}

/// By the longest common subsequence; where that costs too much, everything is gone and everything new.
fn middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let width = new.len() + 1;
    let is_too_much = (old.len() + 1).checked_mul(width).is_none_or(|cells| cells > MOST_CELLS);
    if is_too_much {
        let gone = old.iter().map(|line| Line::Gone(line));
        return gone.chain(new.iter().map(|line| Line::New(line))).collect();
    }
    // Of the lines from here on, how many can stay.
    let mut stay = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            stay[i * width + j] = if old[i] == new[j] {
                stay[(i + 1) * width + j + 1] + 1
            } else {
                stay[(i + 1) * width + j].max(stay[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j, mut lines) = (0, 0, Vec::with_capacity(old.len().max(new.len())));
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push(Line::Same(old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && stay[(i + 1) * width + j] >= stay[i * width + j + 1]) {
            lines.push(Line::Gone(old[i]));
            i += 1;
        } else {
            lines.push(Line::New(new[j]));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_new_file_is_all_new() {
        let expected =
            "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        assert_eq!(unified("x", None, "a\nb\n"), expected);
    }

    #[test]
    fn changes_have_lines_around_them() {
        let old: String = (1..=20).map(|number| format!("{number}\n")).collect();
        let new = old.replace("\n10\n", "\nten\n").replace("\n20\n", "\n20");
        let expected = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n\
                        @@ -17,4 +17,4 @@\n 17\n 18\n 19\n-20\n+20\n\\ No newline at end of file\n";
        assert_eq!(unified("x", Some(&old), &new), expected);
    }

    #[test]
    fn equal_texts_have_none() {
        assert_eq!(unified("x", Some("a"), "a"), "");
    }

    #[test]
    fn endless_texts_are_exchanged() {
        let old: String = (0..5000).map(|number| format!("a{number}\n")).collect();
        let new: String = (0..5000).map(|number| format!("b{number}\n")).collect();
        assert_eq!(difference(&old, &new).len(), 10_000);
    }

    fn side(lines: &[Line<'_>], is_old: bool) -> String {
        let of = |line: &Line<'_>| match line {
            Line::Same(line) => Some((*line).to_owned()),
            Line::Gone(line) => is_old.then(|| (*line).to_owned()),
            Line::New(line) => (!is_old).then(|| (*line).to_owned()),
        };
        lines.iter().filter_map(of).collect()
    }

    proptest! {
        #[test]
        fn both_texts_are_in_it(old in "([abc]{0,2}\n){0,12}[ab]?", new in "([abc]{0,2}\n){0,12}[ab]?") {
            let lines = difference(&old, &new);
            prop_assert_eq!(side(&lines, true), old.clone());
            prop_assert_eq!(side(&lines, false), new.clone());
            let stays = lines.iter().filter(|line| matches!(line, Line::Same(_))).count();
            if old == new {
                prop_assert_eq!(stays, old.split_inclusive('\n').count());
            }
        }
    }
}
