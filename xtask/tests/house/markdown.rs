//! Pages as the checks read them: code spans, fenced blocks, links, headings, tables.

/// A line of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) text: &'a str,
    /// The language of the fenced block that it is in; empty when it has none.
    pub(crate) fence: Option<&'a str>,
}

/// The lines of a page, without those that open and close a fence.
pub(crate) fn lines(page: &str) -> Vec<Line<'_>> {
    let mut fence = None;
    let mut lines = Vec::new();
    for (place, text) in page.lines().enumerate() {
        match text.trim_start().strip_prefix("```") {
            Some(_) if fence.is_some() => fence = None,
            Some(language) => fence = Some(language.trim()),
            None => lines.push(Line { number: place + 1, text, fence }),
        }
    }
    lines
}

/// Code spans, and whole lines of shell blocks, each with its line.
pub(crate) fn code(page: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for line in lines(page) {
        match line.fence {
            None => found.extend(line.text.split('`').skip(1).step_by(2).map(|span| (line.number, span))),
            Some("sh" | "console") => {
                let command = line.text.trim_start_matches("$ ");
                found.push((line.number, command.split(" # ").next().unwrap_or(command).trim_end()));
            }
            Some(_) => {}
        }
    }
    found
}

/// The targets of links and pictures, each with its line.
pub(crate) fn links(page: &str) -> Vec<(usize, &str)> {
    let plain = lines(page).into_iter().filter(|line| line.fence.is_none());
    plain
        .flat_map(|line| {
            let targets = line.text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
            targets.map(move |target| (line.number, target))
        })
        .collect()
}

/// The anchors of the headings, as GitHub makes them.
pub(crate) fn anchors(page: &str) -> Vec<String> {
    let heading = |text: &str| {
        let lower = text.trim_start_matches('#').trim().to_lowercase();
        let kept = lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let headings = lines(page).into_iter().filter(|line| line.fence.is_none() && line.text.starts_with('#'));
    headings.map(|line| heading(line.text)).collect()
}

/// The first column of the table below a heading, without code marks.
pub(crate) fn column(page: &str, heading: &str, column: usize) -> Vec<String> {
    let below = lines(page).into_iter().skip_while(|line| line.text != heading).skip(1);
    let rows = below.take_while(|line| !line.text.starts_with('#')).filter(|line| line.text.starts_with('|'));
    let cell = |line: Line<'_>| {
        let cell = line.text.trim_matches('|').split('|').nth(column).unwrap_or_default();
        cell.trim().to_owned()
    };
    rows.skip(2).map(cell).collect()
}

#[test]
fn a_page_is_taken_apart() {
    let page = "# A b!\n`x` and [y](z.md#q) `w`\n```sh\ncargo xtask ci  # all\n```\n```toml\n`no`\n```\n\
                ## T\n\n| k | v |\n|---|---|\n| `a` | 1 |\n";
    assert_eq!(code(page), [(2, "x"), (2, "w"), (4, "cargo xtask ci"), (13, "a")]);
    assert_eq!(links(page), [(2, "z.md#q")]);
    assert_eq!(anchors(page), ["a-b", "t"]);
    assert_eq!((column(page, "## T", 0), column(page, "## T", 1)), (vec!["`a`".into()], vec!["1".into()]));
}
