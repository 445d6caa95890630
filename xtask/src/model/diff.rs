//! The difference of two texts, as `diff -u` writes it and `git apply` reads it.

use std::time::Duration;

use similar::TextDiff;

/// From then on the difference need not be the shortest one.
const LONG_ENOUGH: Duration = Duration::from_secs(1);

/// How to get from one text to another; empty where they are the same. `old` is none for a file that is not there.
#[must_use]
pub fn unified(path: &str, old: Option<&str>, new: &str) -> String {
    if old == Some(new) {
        return String::new();
    }
    let mut head = format!("diff --git a/{path} b/{path}\n");
    let before = if old.is_some() {
        format!("a/{path}")
    } else {
        head.push_str("new file mode 100644\n");
        "/dev/null".to_owned()
    };
    let lines = TextDiff::configure().timeout(LONG_ENOUGH).diff_lines(old.unwrap_or_default(), new);
    head + &lines.unified_diff().header(&before, &format!("b/{path}")).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_all_new() {
        let expected =
            "diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1,2 @@\n+a\n+b\n";
        assert_eq!(unified("x", None, "a\nb\n"), expected);
    }

    #[test]
    fn changes_have_lines_around_them() {
        let old = (1..=20).fold(String::new(), |text, number| format!("{text}{number}\n"));
        let new = old.replace("\n10\n", "\nten\n").replace("\n20\n", "\n20");
        let expected = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n\
                        @@ -17,4 +17,4 @@\n 17\n 18\n 19\n-20\n+20\n\\ No newline at end of file\n";
        assert_eq!(unified("x", Some(&old), &new), expected);
    }

    #[test]
    fn equal_texts_have_none() {
        assert_eq!(unified("x", Some("a"), "a"), "");
    }
}
