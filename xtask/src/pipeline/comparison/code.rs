//! Code as a record shows it: the lines that never ran, without their common indentation and within bounds.

use slipway_coverage::patch::LineRange;

/// Lines of code of one range that are worth showing; what follows is in the coverage pages.
const LINES: usize = 20;

/// How much code a record may still hold.
#[derive(Debug)]
pub(super) struct Budget {
    lines: usize,
}

impl Default for Budget {
    /// More than anybody reads in one report.
    fn default() -> Self {
        Self { lines: 1000 }
    }
}

impl Budget {
    /// The code of a range; none when it is spent or the file has changed since.
    pub(super) fn code(&mut self, file: &[&str], range: LineRange) -> Option<String> {
        let start = usize::try_from(range.start).ok()?.checked_sub(1)?;
        let lines = file.get(start..usize::try_from(range.end).ok()?)?;
        let shown = &lines[..lines.len().min(LINES)];
        self.lines = self.lines.checked_sub(shown.len())?;
        let indentation =
            shown.iter().filter(|line| !line.trim().is_empty()).map(|line| indentation(line)).min();
        let cut = shown.iter().map(|line| line.get(indentation.unwrap_or(0)..).unwrap_or("").trim_end());
        let more = if lines.len() > shown.len() { Some("…") } else { None };
        Some(cut.chain(more).collect::<Vec<_>>().join("\n"))
    }
}

/// In bytes of blanks and tabs.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Whether a Rust file has a function with a body: without one there is nothing in it that could run. A glance, not a
/// parser: macros may fool it, and then a file is named that need not be.
pub(super) fn holds_functions(text: &str) -> bool {
    let code: String =
        text.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n");
    code.match_indices("fn ").any(|(place, _)| {
        let starts = !code[..place].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let end = code[place..].find(['{', ';']).and_then(|end| code[place + end..].chars().next());
        starts && end == Some('{')
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn range(start: u32, end: u32) -> LineRange {
        LineRange { start, end }
    }

    #[test]
    fn code_loses_the_indentation_that_all_lines_have() {
        let file = ["fn f() {", "    if x {", "", "        g();  ", "    }", "}"];
        let code = Budget::default().code(&file, range(2, 4));
        assert_eq!(code.as_deref(), Some("if x {\n\n    g();"));
    }

    #[test]
    fn long_code_is_cut_and_all_of_it_is_bounded() {
        let file = vec!["x"; 3000];
        let mut budget = Budget::default();
        let code = budget.code(&file, range(1, 3000)).unwrap();
        assert_eq!((code.lines().count(), code.lines().last()), (21, Some("…")));
        let more = (0..100).filter_map(|_| budget.code(&file, range(1, 20))).count();
        assert_eq!(more, 49);
    }

    #[test]
    fn a_file_that_has_changed_since_shows_nothing() {
        assert_eq!(Budget::default().code(&["a"], range(1, 2)), None);
        assert_eq!(Budget::default().code(&["a"], range(0, 0)), None);
    }

    #[test]
    fn a_function_has_a_body() {
        for text in ["pub fn f() {}", "impl X {\n    async fn f(&self)\n    where A: B,\n    {"] {
            assert!(holds_functions(text), "{text}");
        }
        for text in ["mod a;\npub use b::C;", "trait T { fn f(&self); }", "// fn f() {}", "struct Afn {}"] {
            assert!(!holds_functions(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_file_is_shown_or_not(text in any::<String>(), start: u32, length in 0_u32..9) {
            let lines: Vec<&str> = text.lines().collect();
            let _ = Budget::default().code(&lines, range(start % 9, (start % 9).saturating_add(length)));
            let _ = Budget::default().code(&lines, range(start, start / 2));
            let _ = holds_functions(&text);
            let _ = holds_functions(&format!("{text}fn {text}"));
        }
    }
}
