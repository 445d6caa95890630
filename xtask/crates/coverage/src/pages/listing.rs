//! A source as HTML: one element a line, with its number, its count, its colours and what of it never ran.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::ops::Range;

use super::html::{Grouped, Html};
use super::lexer::{Kind, Token, Tokens};
use super::survey::{Line, Place, State, Survey};

/// Of a longer line, in bytes, the rest is not shown: nobody reads it, and browsers choke on it.
const LONGEST_LINE: usize = 4_000;

/// From so many lines on a browser lays out only what is in view, chunk by chunk.
const LONG_SOURCE: usize = 2_000;
const CHUNK: usize = 250;

/// What is to be shown.
pub(super) struct Listing<'a> {
    pub(super) source: &'a [u8],
    pub(super) survey: &'a Survey,
    pub(super) places: &'a [Place],
    /// The lines that a patch changed.
    pub(super) changed: Option<&'a BTreeSet<u32>>,
    /// Whether the source is Rust and gets its colours.
    pub(super) is_rust: bool,
}

impl Listing<'_> {
    pub(super) fn write(&self, html: &mut Html) {
        let lines = &self.survey.lines;
        let digits = lines.len().max(1).ilog10() + 1;
        let mut tokens = Tokens::new(if self.is_rust { self.source } else { &[] }).peekable();
        let mut places = self.places.iter().peekable();
        let chunk = if lines.len() > LONG_SOURCE { CHUNK } else { lines.len().max(1) };

        html.put(format_args!(
            "<pre class=\"code d{digits}\" role=region aria-label=\"Source with hit counts\">"
        ));
        let mut number = 0_u32;
        for lines in lines.chunks(chunk) {
            html.raw(if chunk == CHUNK { "<span class=chunk>" } else { "<span>" });
            for line in lines {
                number = number.saturating_add(1);
                let place = places.next_if(|place| place.first == number);
                self.gutter(html, line, number, digits as usize, place);
                self.text(html, line, &mut tokens);
                if line.branches.1 > 0 {
                    let (taken, all) = line.branches;
                    html.put(format_args!("<small>{taken} of {all} branches</small>"));
                }
                html.raw("\n</span>");
            }
            html.raw("</span>");
        }
        html.raw("</pre>\n");
    }

    fn gutter(&self, html: &mut Html, line: &Line, number: u32, digits: usize, place: Option<&Place>) {
        let (class, sign) = match line.state {
            State::NoCode => ("", ' '),
            State::Ran => ("r", ' '),
            State::InPart => ("p", '◐'),
            State::Missed => ("m", '✕'),
        };
        let start = match place {
            None => "",
            Some(Place { missed: false, .. }) => " s",
            Some(Place { missed: true, .. }) => " s x",
        };
        html.put(format_args!(
            "<span id=L{number} class=\"{class}{start}\"><a href=#L{number} tabindex=-1>{number:digits$}"
        ));
        let changed = self.changed.is_some_and(|changed| changed.contains(&number));
        html.raw(if changed { " <i>+</i>" } else { "  " });
        match line.count {
            Some(count @ ..=9_999) => html.put(format_args!("<b>{count:5} {sign}</b></a>")),
            Some(count) => {
                html.put(format_args!("<b title=\"{}\">{:>5} {sign}</b></a>", Grouped(count), short(count)));
            }
            None => html.raw("</a>"),
        }
    }

    fn text(&self, html: &mut Html, line: &Line, tokens: &mut Peekable<Tokens<'_>>) {
        let shown = cut(self.source, &line.text);
        let mut from = shown.start;
        for mark in self.survey.marks.get(line.marks.clone()).unwrap_or_default() {
            let mark = mark.start.min(shown.end)..mark.end.min(shown.end);
            self.coloured(html, from..mark.start, tokens);
            if !mark.is_empty() {
                html.raw("<mark>");
                self.coloured(html, mark.clone(), tokens);
                html.raw("</mark>");
            }
            from = mark.end;
        }
        self.coloured(html, from..shown.end, tokens);
        let rest = line.text.end - shown.end;
        if rest > 0 {
            html.put(format_args!("<em>… {} more bytes</em>", Grouped(rest as u64)));
        }
    }

    /// A piece of a line with the colours of the tokens that reach into it.
    fn coloured(&self, html: &mut Html, piece: Range<usize>, tokens: &mut Peekable<Tokens<'_>>) {
        let mut from = piece.start;
        while from < piece.end {
            while tokens.next_if(|token| token.range.end <= from).is_some() {}
            let Some(Token { kind, range }) = tokens.peek().filter(|token| token.range.start < piece.end)
            else {
                break;
            };
            let token = range.start.max(from)..range.end.min(piece.end);
            html.source(&self.source[from..token.start]);
            html.raw(match kind {
                Kind::Comment => "<i class=c>",
                Kind::Literal => "<i class=l>",
                Kind::Keyword => "<i class=k>",
            });
            html.source(&self.source[token.clone()]);
            html.raw("</i>");
            from = token.end;
        }
        html.source(&self.source[from..piece.end]);
    }
}

/// What of a line is shown: all of it, or its first bytes up to the start of a character.
fn cut(source: &[u8], line: &Range<usize>) -> Range<usize> {
    let mut end = line.end.min(line.start + LONGEST_LINE);
    while end > line.start && end < line.end && source[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    line.start..end
}

/// A count in at most five characters; the whole one is beside it.
fn short(count: u64) -> String {
    let mut units = ["", "k", "M", "G", "T", "P", "E"].into_iter();
    let (mut count, mut unit) = (count, units.next());
    while count > 9_999 {
        (count, unit) = (count / 1_000, units.next());
    }
    format!("{count}{}", unit.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileCoverage, Regions, Share, Span};

    fn listing(source: &str, coverage: &FileCoverage, changed: Option<&BTreeSet<u32>>) -> String {
        let survey = Survey::of(source.as_bytes(), coverage);
        let places = survey.places();
        let mut html = Html::default();
        Listing { source: source.as_bytes(), survey: &survey, places: &places, changed, is_rust: true }
            .write(&mut html);
        String::from_utf8(html.as_bytes().to_vec()).unwrap()
    }

    fn counts(counts: &[(u32, u64)]) -> FileCoverage {
        FileCoverage { lines: counts.iter().copied().collect(), ..FileCoverage::default() }
    }

    #[test]
    fn a_line_has_number_count_and_colours() {
        let html = listing("fn a() {}\n// b\n", &counts(&[(1, 12)]), None);
        assert!(html.contains("<span id=L1 class=\"r\"><a href=#L1 tabindex=-1>1  <b>   12  </b></a><i class=k>fn</i> a() {}\n</span>"), "{html}");
        assert!(html.contains("<a href=#L2 tabindex=-1>2  </a><i class=c>// b</i>\n</span>"), "{html}");
    }

    #[test]
    fn uncovered_and_changed_lines_have_signs() {
        let html = listing("a\n", &counts(&[(1, 0)]), Some(&BTreeSet::from([1])));
        assert!(
            html.contains("class=\"m s x\"><a href=#L1 tabindex=-1>1 <i>+</i><b>    0 ✕</b></a>a\n"),
            "{html}"
        );
    }

    #[test]
    fn a_mark_and_a_token_may_cross() {
        let span = Span { start_line: 1, start_column: 4, end_line: 2, end_column: 4 };
        let regions = Some(Regions { share: Share::default(), uncovered: vec![span] });
        let html = listing("a(\"b\nc\")\n", &FileCoverage { regions, ..counts(&[(1, 1), (2, 1)]) }, None);
        assert!(html.contains("a(<i class=l>&quot;</i><mark><i class=l>b</i></mark>\n"), "{html}");
        assert!(html.contains("<mark><i class=l>c&quot;</i>)</mark>\n"), "{html}");
    }

    #[test]
    fn an_endless_line_is_cut_before_a_character() {
        let source = format!("{}é{}\nfn\n", "x".repeat(LONGEST_LINE - 1), "y".repeat(3_000));
        let html = listing(&source, &counts(&[(1, 1)]), None);
        assert!(html.contains("x<em>… 3,002 more bytes</em>\n"));
        assert!(html.contains("<i class=k>fn</i>"), "the next line is shown as ever");
    }

    #[test]
    fn huge_counts_are_short_with_the_whole_beside() {
        assert_eq!([short(10_000), short(9_999_999), short(u64::MAX)], ["10k", "9999k", "18E"]);
        let html = listing("a\n", &counts(&[(1, 1_234_567)]), None);
        assert!(html.contains("<b title=\"1,234,567\">1234k  </b>"), "{html}");
    }

    #[test]
    fn a_long_source_is_chunked() {
        let html = listing(&"a\n".repeat(LONG_SOURCE + 1), &counts(&[]), None);
        assert_eq!(html.matches("<span class=chunk>").count(), LONG_SOURCE.div_ceil(CHUNK) + 1);
    }
}
