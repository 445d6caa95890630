//! What each line of a source is, and where the uncovered places are; no markup yet.

use std::ops::Range;

use crate::{FileCoverage, Span};

/// The lines of a source as coverage sees them.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) lines: Vec<Line>,
    /// Pieces of lines that ran in part: what of them never did, in bytes of the source.
    pub(super) marks: Vec<Range<usize>>,
    /// Lines that hold code by the coverage, but lie behind the end of the source.
    pub(super) beyond: usize,
}

/// One line.
#[derive(Debug)]
pub(super) struct Line {
    /// Its text without the line's end, in bytes of the source.
    pub(super) text: Range<usize>,
    /// How often it ran; none when it holds no code.
    pub(super) count: Option<u64>,
    pub(super) state: State,
    /// Its pieces in [`Survey::marks`].
    pub(super) marks: Range<usize>,
    /// Its branches: so many taken of so many.
    pub(super) branches: (u32, u32),
}

/// What a line is to its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    NoCode,
    Ran,
    InPart,
    Missed,
}

/// Neighbouring lines that need a look, numbered from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) first: u32,
    pub(super) last: u32,
    /// Whether one of its lines never ran; otherwise all ran in part.
    pub(super) missed: bool,
}

/// So many lines without code between two uncovered ones do not tell two places apart.
const GAP: u32 = 2;

impl Survey {
    pub(super) fn of(source: &[u8], coverage: &FileCoverage) -> Self {
        let mut survey = Self::default();
        let mut counts = coverage.lines.iter().peekable();
        let mut branches = coverage.branches.iter().peekable();
        let mut spans = coverage.regions.as_ref().map_or(&[][..], |regions| &regions.uncovered);
        let (mut start, mut number) = (0, 0_u32);
        for line in source.split_inclusive(|byte| *byte == b'\n') {
            number = number.saturating_add(1);
            while counts.next_if(|(line, _)| *line < number).is_some() {}
            let count = counts.next_if(|(line, _)| *line == number).map(|(_, count)| count);
            while branches.next_if(|branch| branch.line < number).is_some() {}
            let mut ways = (0, 0);
            while let Some(branch) = branches.next_if(|branch| branch.line == number) {
                ways = (ways.0 + u32::from(branch.taken.is_some_and(|taken| taken > 0)), ways.1 + 1);
            }
            let passed = spans.iter().take_while(|span| span.end_line < number).count();
            spans = &spans[passed..];

            let text = start..start + content(line).len();
            start += line.len();
            let from = survey.marks.len();
            if count.is_some_and(|count| count > 0) {
                let here = spans.iter().take_while(|span| span.start_line <= number);
                let mut end = text.start;
                for mark in here.filter_map(|span| mark(source, &text, number, *span)) {
                    let mark = mark.start.max(end)..mark.end;
                    end = end.max(mark.end);
                    survey.marks.extend((!mark.is_empty()).then_some(mark));
                }
            }
            let marks = from..survey.marks.len();
            let state = match count {
                None => State::NoCode,
                Some(0) => State::Missed,
                Some(_) if !marks.is_empty() || ways.0 < ways.1 => State::InPart,
                Some(_) => State::Ran,
            };
            survey.lines.push(Line { text, count, state, marks, branches: ways });
        }
        survey.beyond = counts.count();
        survey
    }

    pub(super) fn places(&self) -> Vec<Place> {
        let states = (1..).zip(&self.lines).map(|(number, line)| (number, line.state));
        join(states.filter(|(_, state)| *state != State::NoCode))
    }
}

/// The places of a file whose source is not there: by its counts alone.
pub(super) fn places_by_count(coverage: &FileCoverage) -> Vec<Place> {
    join(
        coverage
            .lines
            .iter()
            .map(|(line, count)| (line, if count == 0 { State::Missed } else { State::Ran })),
    )
}

/// Joins the lines that hold code, in order, into places.
fn join(lines: impl Iterator<Item = (u32, State)>) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut before = State::Ran;
    for (number, state) in lines {
        if matches!(state, State::Missed | State::InPart) {
            let missed = state == State::Missed;
            match places.last_mut() {
                Some(place) if before != State::Ran && number - place.last <= GAP + 1 => {
                    *place = Place { last: number, missed: place.missed || missed, ..*place };
                }
                _ => places.push(Place { first: number, last: number, missed }),
            }
        }
        before = state;
    }
    places
}

fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What of a line lies in a span: without blanks around it, and by whole characters. Of a span over several lines, a
/// bracket alone is not worth a mark: the lines of the body have theirs.
fn mark(source: &[u8], text: &Range<usize>, number: u32, span: Span) -> Option<Range<usize>> {
    let column = |column: u32| usize::try_from(column.saturating_sub(1)).unwrap_or(usize::MAX);
    let at = |line: u32, side: u32, open: usize| if line == number { column(side) } else { open };
    let whole = text.len();
    let mut from = text.start + at(span.start_line, span.start_column, 0).min(whole);
    let mut to = text.start + at(span.end_line, span.end_column, whole).min(whole);
    let continues = |at: usize| source.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    while from > text.start && continues(from) {
        from -= 1;
    }
    while to < text.end && continues(to) {
        to += 1;
    }
    let piece = source.get(from..to)?;
    from += piece.len() - piece.trim_ascii_start().len();
    let piece = piece.trim_ascii();
    let only_brackets = piece.iter().all(|byte| b"{}()[];, \t".contains(byte));
    let worth = !piece.is_empty() && (span.start_line == span.end_line || !only_brackets);
    worth.then(|| from..from + piece.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Branch, Regions, Share};

    fn coverage(counts: &[(u32, u64)], spans: &[[u32; 4]]) -> FileCoverage {
        let uncovered = spans.iter().map(|[start_line, start_column, end_line, end_column]| Span {
            start_line: *start_line,
            start_column: *start_column,
            end_line: *end_line,
            end_column: *end_column,
        });
        FileCoverage {
            lines: counts.iter().copied().collect(),
            regions: Some(Regions { share: Share::default(), uncovered: uncovered.collect() }),
            ..FileCoverage::default()
        }
    }

    fn states(survey: &Survey) -> Vec<State> {
        survey.lines.iter().map(|line| line.state).collect()
    }

    fn marked<'a>(survey: &Survey, source: &'a str) -> Vec<&'a str> {
        survey.marks.iter().map(|mark| &source[mark.clone()]).collect()
    }

    #[test]
    fn a_line_that_ran_with_a_span_in_it_ran_in_part() {
        let source = "let a = b.or(c());\r\n    d();\n\n";
        let survey =
            Survey::of(source.as_bytes(), &coverage(&[(1, 2), (2, 0)], &[[1, 14, 1, 17], [2, 1, 2, 9]]));
        assert_eq!(states(&survey), [State::InPart, State::Missed, State::NoCode]);
        assert_eq!(marked(&survey, source), ["c()"]);
    }

    #[test]
    fn the_bracket_that_opens_an_uncovered_body_is_no_place() {
        let source = "if a {\n    b();\n}\nmatch a { _ => {} }\n";
        let spans = [[1, 6, 3, 2], [4, 16, 4, 18]];
        let survey = Survey::of(source.as_bytes(), &coverage(&[(1, 1), (2, 0), (3, 0), (4, 1)], &spans));
        assert_eq!(states(&survey), [State::Ran, State::Missed, State::Missed, State::InPart]);
        assert_eq!(marked(&survey, source), ["{}"]);
    }

    #[test]
    fn a_mark_never_cuts_a_character() {
        let source = "é = ü + x\n";
        let survey = Survey::of(source.as_bytes(), &coverage(&[(1, 1)], &[[1, 7, 1, 8]]));
        assert_eq!(marked(&survey, source), ["ü"]);
    }

    #[test]
    fn spans_outside_the_source_or_backwards_mark_nothing() {
        let survey = Survey::of(
            b"abc\n",
            &coverage(&[(1, 1)], &[[0, 0, 0, 0], [1, 9, 1, 2], [1, 90, 1, 99], [7, 1, 8, 1]]),
        );
        assert_eq!(states(&survey), [State::Ran]);
    }

    #[test]
    fn a_branch_never_taken_makes_a_line_partial() {
        let branch = |branch, taken| Branch { line: 1, block: 0, branch, taken };
        let branches = vec![branch(0, Some(3)), branch(1, None)];
        let survey = Survey::of(b"if a {}\n", &FileCoverage { branches, ..coverage(&[(1, 3)], &[]) });
        assert_eq!(survey.lines[0].branches, (1, 2));
        assert_eq!(states(&survey), [State::InPart]);
    }

    #[test]
    fn neighbours_are_one_place_and_what_ran_divides() {
        let source = "x\n".repeat(12);
        let counts = [(1, 0), (2, 0), (4, 0), (5, 1), (6, 0), (10, 0), (12, 1)];
        let survey = Survey::of(source.as_bytes(), &coverage(&counts, &[]));
        let place = |first, last| Place { first, last, missed: true };
        assert_eq!(survey.places(), [place(1, 4), place(6, 6), place(10, 10)]);
        assert_eq!(places_by_count(&coverage(&counts, &[])), survey.places());
    }

    #[test]
    fn a_source_that_got_shorter_is_noticed() {
        let survey = Survey::of(b"a\n", &coverage(&[(0, 1), (1, 1), (2, 0), (9, 1)], &[]));
        assert_eq!((survey.lines.len(), survey.beyond), (1, 2));
    }
}
