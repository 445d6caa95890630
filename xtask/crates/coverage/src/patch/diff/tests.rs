//! Diffs as git prints them, and what is none.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// New path, old path, added lines.
type Told = (String, Option<String>, Vec<(u32, u32)>);

fn parsed(text: &str) -> Vec<Told> {
    let files = Diff::parse(text).unwrap().files.into_iter();
    let ranges = |added: Vec<LineRange>| added.iter().map(|range| (range.start, range.end)).collect();
    files.map(|file| (file.path, file.old_path, ranges(file.added))).collect()
}

fn refused(text: &str) -> (usize, DiffProblem) {
    let error = Diff::parse(text).unwrap_err();
    (error.line, error.problem)
}

fn plain(path: &str, added: &[(u32, u32)]) -> Told {
    (path.to_owned(), None, added.to_vec())
}

#[test]
fn added_and_changed_lines_are_those_of_the_right_side() {
    let text = "\
diff --git a/src/lib.rs b/src/lib.rs
index 1111111..2222222 100644
--- a/src/lib.rs
+++ b/src/lib.rs
@@ -2 +2,2 @@ fn f() {
-    old
+    new
+    newer
@@ -9,2 +9,0 @@
-gone
-too
@@ -20,0 +19 @@
+last
\\ No newline at end of file
";
    assert_eq!(parsed(text), [plain("src/lib.rs", &[(2, 3), (19, 19)])]);
}

#[test]
fn lines_that_look_like_heads_are_lines() {
    let text = "\
diff --git a/a.sql b/a.sql
index 1111111..2222222 100644
--- a/a.sql
+++ b/a.sql
@@ -1,2 +1,3 @@
--- a/comment
-diff --git a/x b/x
+++ b/no path
+@@ -1 +1 @@
+\\ kept
";
    assert_eq!(parsed(text), [plain("a.sql", &[(1, 3)])]);
}

#[test]
fn context_moves_on_without_being_added() {
    let text = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,4 @@\n a\n+b\n\n c\n";
    assert_eq!(parsed(text), [plain("x", &[(2, 2)])]);
}

#[test]
fn what_has_no_line_of_code_is_left_out() {
    let text = "\
diff --git a/gone.rs b/gone.rs
deleted file mode 100644
index 1111111..0000000
--- a/gone.rs
+++ /dev/null
@@ -1 +0,0 @@
-fn f() {}
diff --git a/run.sh b/run.sh
old mode 100644
new mode 100755
diff --git a/logo.png b/logo.png
index 1111111..2222222 100644
Binary files a/logo.png and b/logo.png differ
diff --git a/sub b/sub
index 1111111..2222222 160000
--- a/sub
+++ b/sub
@@ -1 +1 @@
-Subproject commit 1111111111111111111111111111111111111111
+Subproject commit 2222222222222222222222222222222222222222
diff --git a/link b/link
new file mode 120000
index 0000000..2222222
--- /dev/null
+++ b/link
@@ -0,0 +1 @@
+target
\\ No newline at end of file
diff --git a/data.bin b/data.bin
index 1111111..2222222 100644
GIT binary patch
literal 3
KcmZQzU|?imU|;|M00IC2

literal 0
HcmV?d00001

";
    assert_eq!(parsed(text), []);
}

#[test]
fn renames_copies_and_quoted_names_are_followed() {
    let text = "\
diff --git a/old name.rs b/new name.rs
similarity index 90%
rename from old name.rs
rename to new name.rs
index 1111111..2222222 100644
--- a/old name.rs\t
+++ b/new name.rs\t
@@ -3 +3 @@
-a
+b
diff --git a/kept.rs b/moved.rs
similarity index 100%
rename from kept.rs
rename to moved.rs
diff --git \"a/gr\\303\\266\\303\\237e.rs\" \"b/gr\\303\\266\\303\\237e.rs\"
new file mode 100644
index 0000000..2222222
--- /dev/null
+++ \"b/gr\\303\\266\\303\\237e.rs\"
@@ -0,0 +1,2 @@
+a
+b
";
    let renamed =
        |path: &str, old: &str, added: &[(u32, u32)]| (path.to_owned(), Some(old.to_owned()), added.to_vec());
    let expected = [
        renamed("new name.rs", "old name.rs", &[(3, 3)]),
        renamed("moved.rs", "kept.rs", &[]),
        plain("größe.rs", &[(1, 2)]),
    ];
    assert_eq!(parsed(text), expected);
}

#[test]
fn carriage_returns_belong_to_the_lines() {
    let text = "diff --git a/x b/x\r\n--- a/x\r\n+++ b/x\r\n@@ -1 +1,2 @@\r\n-a\r\n+b\r\n+\r\n";
    assert_eq!(parsed(text), [plain("x", &[(1, 2)])]);
}

#[test]
fn nothing_changed_is_an_empty_diff() {
    assert_eq!(parsed(""), []);
    assert_eq!(parsed("\n"), []);
}

#[test]
fn what_is_no_diff_is_refused_with_its_line() {
    assert_eq!(refused("fatal: bad revision"), (1, DiffProblem::Unexpected));
    assert_eq!(refused("diff --cc src/lib.rs"), (1, DiffProblem::Combined));
    assert_eq!(refused("diff --git a/x b/x\n+++ x"), (2, DiffProblem::Path));
    assert_eq!(refused("diff --git a/x b/x\n@@ -1 +x @@"), (2, DiffProblem::Hunk));
    assert_eq!(refused("diff --git a/x b/x\n@@ -1 +4294967295,2 @@"), (2, DiffProblem::Hunk));
    assert_eq!(refused("diff --git a/x b/x\n@@ -1 +0,2 @@"), (2, DiffProblem::Hunk));
    assert_eq!(refused("diff --git a/x b/x\n+++ b/x\n@@ -0,0 +1,2 @@\n+a"), (4, DiffProblem::Short));
    assert_eq!(refused("diff --git a/x b/x\n@@ -0,0 +1 @@\ndiff --git a/y b/y"), (3, DiffProblem::Short));
    assert_eq!(refused("diff --git a/x b/x\n@@ -1 +1 @@\n-a\n-b"), (4, DiffProblem::Unexpected));
    assert_eq!(refused("diff --git a/x b/x\nwarning: CRLF").0, 2);
    assert!(Diff::parse("x").unwrap_err().to_string().starts_with("line 1: "));
}

#[test]
fn a_new_file_is_all_added() {
    let mut diff = Diff::default();
    diff.add_new("src/new.rs", 3);
    diff.add_new("src/empty.rs", 0);
    assert_eq!(diff.files.len(), 1);
    assert_eq!(diff.files[0].added, [LineRange { start: 1, end: 3 }]);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Diff::parse(&text);
    }

    #[test]
    fn any_lines_of_a_diff_are_read_or_refused(lines in prop::collection::vec(
        prop_oneof![
            Just("diff --git a/x b/x".to_owned()),
            "(\\+\\+\\+|---) \"?[ab]?/?[a-z\\\\0-9\"]{0,6}\"?\t?",
            "@@ -[0-9]{1,10}(,[0-9]{1,10})? \\+[0-9]{1,10}(,[0-3])? @@.?",
            "(rename|copy) (from|to) .{0,5}",
            "index [0-9a-f]{1,3}\\.\\.[0-9a-f]{1,3}( 1[26]0000)?",
            "[-+ \\\\].{0,5}\r?",
            "GIT binary patch",
        ], 0..20)
    ) {
        if let Ok(diff) = Diff::parse(&lines.join("\n")) {
            for file in diff.files {
                prop_assert!(!file.path.is_empty());
                prop_assert!(file.added.iter().all(|range| 0 < range.start && range.start <= range.end));
            }
        }
    }

    /// What any tool would print for these blocks of added lines comes back as they were.
    #[test]
    fn added_blocks_come_back(blocks in prop::collection::vec((1_u32..5, 1_u32..5), 1..10), texts in prop::collection::vec("[-+@\\\\ a]{0,4}", 4)) {
        let (mut text, mut next, mut expected) = ("diff --git a/x b/x\n--- a/x\n+++ b/x\n".to_owned(), 1, Vec::new());
        for (gap, length) in blocks {
            next += gap;
            writeln!(text, "@@ -{},0 +{next},{length} @@", next - 1).unwrap();
            expected.push(LineRange { start: next, end: next + length - 1 });
            for line in texts.iter().cycle().take(length as usize) {
                writeln!(text, "+{line}").unwrap();
            }
            next += length;
        }
        let diff = Diff::parse(&text).unwrap();
        prop_assert_eq!(&diff.files[0].added, &expected);
    }
}
