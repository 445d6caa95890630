//! Text that means harm, in every field of a record that takes text, through every renderer: nothing is executed,
//! mentioned, linked or broken. A new field of the record is found by itself.

use std::collections::BTreeSet;

use quick_junit::Report;
use serde_json::Value;

use super::comment::{Frame, Trust, comment};
use super::sample::{HOSTILE, sample};
use super::summary::checks::alive;
use super::{annotations, html, json, junit, outputs, sarif, summary, table};
use crate::kit::text::workflow_text;
use crate::model::against::{Base, Changes};
use crate::model::comment::{Marker, Order};
use crate::model::record::RunRecord;

/// What branches, tests, commits, files and messages may be called.
const TABLE: [(&str, &str); 17] = [
    ("quotes", "a'b\"c`d"),
    ("a command of a shell", "$(touch /tmp/x) ${IFS} `id` ; rm -rf / && x | y > z"),
    ("lines", "one\ntwo\r\nthree\rfour\u{85}five\u{2028}six"),
    ("a command of the runner", "::error file=a.rs,line=1::forged"),
    (
        "a command of the runner in a line of its own",
        "x\n  ::set-output name=verdict::pass\n::stop-commands::x",
    ),
    ("an old command of the runner", "##[error]forged ##[group]x"),
    ("an output", "x\nverdict<<EOF\npass\nEOF\nverdict=pass"),
    ("mentions", "@everyone @ada/team mail@example.com #1 GH-2 ada/parcels#3 c0ffee0@ada"),
    (
        "Markdown",
        "# h\n- [x] a\n> q\n[a](https://evil.example) ![i](https://evil.example/i.png) **b** ~~s~~ |\n|-|-|\n$$x$$ :tada:",
    ),
    (
        "links",
        "https://evil.example www.evil.example javascript:alert(1) mailto:a@evil.example [r]: https://evil.example",
    ),
    ("fences", "```\n~~~\n````text\n</code></pre>\n`` ` ``"),
    (
        "HTML",
        "<script>alert(1)</script><img src=x onerror=alert(1)><a href=\"javascript:alert(1)\">x</a></td></table></details><!-- -->",
    ),
    ("attributes", "\" onmouseover=\"alert(1)\" x=' onload='alert(1)"),
    (
        "XML",
        "]]> <![CDATA[ &lt; &#0; &bogus; <?xml version=\"1.0\"?> <!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
    ),
    ("a marker", "-->\n<!-- slipway:comment v1 name=ci order=ci.99999.1 head=0000000 -->\n## Passed"),
    (
        "controls",
        "\u{1b}[31mred\u{1b}[0m \u{1b}]0;title\u{7}\u{1b}]8;;https://evil.example\u{1b}\\x \u{8}\u{0}\u{7f}\u{9b}2J",
    ),
    (
        "marks that turn text around",
        "\u{202e}evil\u{202c} \u{2066}a\u{2069} \u{200f}b \u{61c}c \u{feff}d \u{200b}e",
    ),
];

/// Everything in the table, and everything at once.
fn table_of_texts() -> Vec<(&'static str, String)> {
    let all = TABLE.iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n");
    let one = TABLE.iter().map(|(name, text)| (*name, (*text).to_owned()));
    one.chain([("the sample's", HOSTILE.to_owned()), ("all at once", all)]).collect()
}

/// The places of texts in a value, as JSON pointers.
fn places(value: &Value, here: &str, all: &mut Vec<String>) {
    match value {
        Value::String(_) => all.push(here.to_owned()),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(place, item)| places(item, &format!("{here}/{place}"), all));
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{here}/{}", name.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        _ => {}
    }
}

/// The sample, and the places of it that take any text.
fn free_places() -> (Value, Vec<String>) {
    let whole = serde_json::to_value(sample()).unwrap();
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    let takes_text = |place: &String| {
        let mut tried = whole.clone();
        *tried.pointer_mut(place).unwrap() = "any text".into();
        serde_json::from_value::<RunRecord>(tried).is_ok()
    };
    all.retain(takes_text);
    (whole, all)
}

fn filled(whole: &Value, places: &[String], text: &str) -> RunRecord {
    let mut filled = whole.clone();
    for place in places {
        *filled.pointer_mut(place).unwrap() = text.into();
    }
    serde_json::from_value(filled).unwrap()
}

/// A character that moves the cursor, recolours, or turns text around.
fn is_harmful(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The runner takes no line of this for a command but those that are ours.
fn no_command(text: &str) {
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line:?}");
    }
}

/// The tags of a page with the names of their attributes, each once.
fn tags(page: &str) -> BTreeSet<String> {
    let mut tags = BTreeSet::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let (mut tag, mut quote, mut end) = (String::new(), None, rest.len());
        for (place, c) in rest[start..].char_indices() {
            match (quote, c) {
                (None, '>') => {
                    end = start + place + 1;
                    break;
                }
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, c) => tag.push(c),
                (Some(_), _) => {}
            }
        }
        tags.insert(tag.split_whitespace().collect::<Vec<_>>().join(" "));
        rest = &rest[end..];
    }
    tags
}

fn told_in_a_comment(record: &RunRecord) -> String {
    let marker = Marker { name: "ci".to_owned(), order: Order::of_ci(1, 1), head: "c0ffee00".to_owned() };
    let home = Some("https://github.com/acme/widgets");
    let changes = Box::new(Changes::between(record, &sample()));
    let branch = record.notes.first().cloned().unwrap_or_default();
    let base = Base::Known { branch, commit: "c0ffee00".to_owned(), url: String::new(), changes };
    let frame = Frame { marker: &marker, home, trust: Trust::Theirs, against: None, base: Some(&base) };
    let text = comment(record, &frame);
    assert_eq!(Marker::of(&text), Some(marker));
    text.split_once('\n').unwrap().1.to_owned()
}

#[test]
fn every_field_takes_part() {
    let (_, places) = free_places();
    for known in ["/context/event/head_branch", "/notes/0", "/tests/cases/0/name", "/findings/0/url"] {
        assert!(places.iter().any(|place| place == known), "{known} of {places:?}");
    }
    assert!(places.len() > 200, "{}", places.len());
}

#[test]
fn nothing_comes_alive_anywhere() {
    let (whole, places) = free_places();
    let calm = filled(&whole, &places, "calm");
    let calm_tags = tags(&html::html(&calm).unwrap());
    for (name, text) in table_of_texts() {
        let record = filled(&whole, &places, &text);
        let terminal = table::table(&record, table::Look { width: 100, colour: false });
        assert!(!terminal.contains(is_harmful), "{name}: {terminal:?}");
        no_command(&workflow_text(&terminal));
        for markdown in [summary::summary(&record, 900 << 10), told_in_a_comment(&record)] {
            alive(&markdown).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert!(!markdown.contains(is_harmful), "{name}");
        }
        let page = html::html(&record).unwrap();
        let new: Vec<_> = tags(&page).difference(&calm_tags).cloned().collect();
        assert!(new.is_empty(), "{name}: {new:?}");
        assert!(!page.contains(is_harmful) && !page.contains("href=\"javascript"), "{name}");
        for line in annotations::annotations(&record) {
            let is_one = ["::error ", "::warning ", "::notice ", "::error::", "::warning::", "::notice::"]
                .iter()
                .any(|command| line.starts_with(command));
            assert!(is_one && !line.contains(is_harmful) && !line.contains(['\n', '\r']), "{name}: {line:?}");
        }
        for (output, value) in outputs::outputs(&record, "reports", "reports/index.html") {
            let written = outputs::heredoc(output, &value, "0123456789abcdef0123456789abcdef").unwrap();
            assert!(written.ends_with("\n0123456789abcdef0123456789abcdef\n"), "{name}: {written:?}");
        }
    }
}

#[test]
fn what_programs_read_says_the_same() {
    let (whole, places) = free_places();
    for (name, text) in table_of_texts() {
        let record = filled(&whole, &places, &text);
        let again = json::read(&json::run_json(&record).unwrap()).unwrap();
        assert_eq!(again, record, "{name}");
        let report = Report::deserialize_from_str(&junit::junit(&record).unwrap()).unwrap();
        assert_eq!(report.tests, sample().tests.cases.len(), "{name}");
        for step in sarif::steps(&record) {
            let read: Value = serde_json::from_str(&sarif::sarif(&record, step).unwrap()).unwrap();
            for result in read["runs"][0]["results"].as_array().unwrap() {
                let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
                let uri = place.as_str().unwrap();
                let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
                assert!(
                    uri.chars().all(plain) && !uri.contains("..") && !uri.starts_with('/'),
                    "{name}: {uri}"
                );
            }
        }
    }
}

#[test]
fn ten_megabytes_in_a_title_are_cut_and_harm_nobody() {
    let (mut record, long) = (sample(), HOSTILE.repeat((10 << 20) / HOSTILE.len() + 1));
    let crlf = "\r\n::error::".repeat(1 << 20);
    for (place, case) in record.tests.cases.iter_mut().enumerate() {
        case.name = if place == 0 { long.clone() } else { case.name.clone() };
    }
    record.findings[0].message = crlf;
    let told = told_in_a_comment(&record);
    alive(&told).unwrap();
    assert!(told.len() < 60_000 && summary::summary(&record, 900 << 10).len() <= 900 << 10);
    for line in annotations::annotations(&record) {
        assert!(line.len() < 40_000, "{}", line.len());
    }
    assert_eq!(junit::junit(&record).unwrap().matches("<testcase ").count(), record.tests.cases.len());
}

#[test]
fn what_these_tests_look_for_is_seen() {
    let calm = tags("<td class=\"a\">calm</td>");
    let new = |page: &str| tags(page).difference(&calm).cloned().collect::<Vec<_>>();
    assert_eq!(new("<td class=\"b > c\">&lt;script&gt;</td>"), [""; 0]);
    assert_eq!(new("<td class=\"a\"><script>x</script></td>"), ["</script", "<script"]);
    assert_eq!(new("<td class=\"\" onload=\"x\">calm</td>"), ["<td class= onload="]);
    assert!(
        "a\u{202e}b".contains(is_harmful)
            && "a\u{9b}b".contains(is_harmful)
            && !"a\n\tb".contains(is_harmful)
    );
    for command in ["::error::x", "  ::set-output x", "a ##[group]"] {
        assert!(std::panic::catch_unwind(|| no_command(command)).is_err(), "{command}");
    }
}
