//! Text for people and for machines: escaping for each target, plurals, sizes and durations.
//! Everything that came from outside goes through one of these before it is shown.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

/// `1 test`, `2 tests`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{} {noun}s", thousands(count)) }
}

/// `12,345`.
#[must_use]
pub fn thousands(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `0.04 s`, `1.2 s`, `2 min 03 s`, `1 h 04 min`.
#[must_use]
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{:.2} s", duration.as_secs_f64()),
        1..=59 => format!("{:.1} s", duration.as_secs_f64()),
        60..=3599 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// [`duration`] from milliseconds.
#[must_use]
pub fn millis(milliseconds: u64) -> String {
    duration(Duration::from_millis(milliseconds))
}

/// Units of [`bytes`], in bytes.
const UNITS: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "EB"),
    (1_000_000_000_000_000, "PB"),
    (1_000_000_000_000, "TB"),
    (1_000_000_000, "GB"),
    (1_000_000, "MB"),
    (1000, "kB"),
];

/// `512 B`, `20 MB`, `17.3 MB`: in powers of 1000, as registries and image tools show sizes. One decimal place, rounded,
/// unless the size is a whole number of its unit.
#[must_use]
pub fn bytes(count: u64) -> String {
    // The next unit is taken as soon as this one would be shown as a thousand: 999,990 bytes are 1.0 MB.
    let tenths = |unit: u64| (u128::from(count) * 10 + u128::from(unit) / 2) / u128::from(unit);
    match UNITS.into_iter().find(|(unit, _)| tenths(unit / 1000) >= 10_000) {
        None => format!("{count} B"),
        Some((unit, name)) if count.is_multiple_of(unit) => format!("{} {name}", count / unit),
        Some((unit, name)) => format!("{}.{} {name}", tenths(unit) / 10, tenths(unit) % 10),
    }
}

/// Bytes in hexadecimal, two small digits each.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// At most `limit` characters; what was cut is marked by `…`.
#[must_use]
pub fn shorten(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// The beginning of a text, of at most `limit` bytes; what was cut is counted.
#[must_use]
pub fn beginning(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(limit);
    Cow::Owned(format!("{} … {} bytes left out", &text[..end], thousands(text.len() - end)))
}

/// The end of a text, of at most `limit` bytes; what was cut is counted.
#[must_use]
pub fn ending(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let start = text.ceil_char_boundary(text.len() - limit);
    Cow::Owned(format!("{} bytes left out … {}", thousands(start), &text[start..]))
}

/// The last `count` lines.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Safe on a terminal: no escape sequences and no control characters but tab and line feed, so that foreign
/// text can neither move the cursor nor recolour or retitle the window.
#[must_use]
pub fn terminal(text: &str) -> String {
    console::strip_ansi_codes(text)
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .filter(|c| !is_bidirectional_control(*c))
        .collect()
}

/// Characters that reorder what is shown (Unicode UAX #9), used to disguise source text.
fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Safe as inline GitHub Markdown: no markup, HTML, link, mention or issue reference comes alive.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    for c in terminal(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // A zero-width space behind it ends a mention, an issue reference or an automatic link.
            '@' | '#' => {
                safe.push(c);
                safe.push('\u{200b}');
            }
            ':' => safe.push_str("&#58;"),
            '\n' => safe.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '!' | '|' | '~' | '+' | '$' => {
                safe.push('\\');
                safe.push(c);
            }
            _ => safe.push(c),
        }
    }
    // `www.` alone is linked too, and `GH-12` is an issue.
    behind(&behind(&safe, "www"), "gh")
}

/// A zero-width space behind this word wherever `.` or `-` follows it, however it is written.
fn behind(text: &str, word: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for (place, c) in text.char_indices() {
        let is_after = || {
            let start = place.checked_sub(word.len())?;
            text.get(start..place).filter(|before| before.eq_ignore_ascii_case(word))
        };
        if matches!(c, '.' | '-') && is_after().is_some() {
            safe.push('\u{200b}');
        }
        safe.push(c);
    }
    safe
}

/// A fenced code block whose fence is longer than any run of backticks inside.
#[must_use]
pub fn code_block(text: &str) -> String {
    let text = terminal(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// Inline code whose fence is longer than any run of backticks inside.
#[must_use]
pub fn code(text: &str) -> String {
    let text = terminal(text).replace(['\n', '\t'], " ").replace('|', "\\|");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text in which GitHub's runner finds no command. It takes `::NAME` where a line begins, blanks aside, and `##[NAME`
/// anywhere; a character without width in between is enough.
/// Source: `ActionCommand.TryParseV2` and `TryParse` of GitHub's actions/runner, `src/Runner.Common/ActionCommand.cs`.
#[must_use]
pub fn workflow_text(text: &str) -> String {
    let harmless = |line: &str| {
        let begins = line.trim_start().starts_with("::");
        let line = if begins { line.replacen("::", ":\u{200b}:", 1) } else { line.to_owned() };
        line.replace("##[", "#\u{200b}#[")
    };
    // The runner ends a line at either of them.
    text.split_inclusive(['\n', '\r']).map(harmless).collect()
}

/// A line of JSON in which GitHub's runner finds no command: `#` stands in strings alone and can be written otherwise.
#[must_use]
pub fn workflow_json(line: &str) -> String {
    line.replace("##[", r"#\u0023[")
}

/// The data of a GitHub workflow command (`::error::DATA`).
/// Source: `escapeData` of GitHub's actions/toolkit, `packages/core/src/command.ts`.
#[must_use]
pub fn workflow_data(text: &str) -> String {
    terminal(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a GitHub workflow command (`::error file=PROPERTY::`).
/// Source: `escapeProperty` of GitHub's actions/toolkit, `packages/core/src/command.ts`.
#[must_use]
pub fn workflow_property(text: &str) -> String {
    workflow_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// One word of a POSIX shell command line, quoted only where it must be.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_line_is_a_command() {
        assert_eq!(workflow_text("a\r::b\r\n::c"), "a\r:\u{200b}:b\r\n:\u{200b}:c", "any end of a line");
        let text = workflow_text("::error::a\n  ::set-env::b\nc::d ##[add-mask]e\n");
        assert_eq!(text, ":\u{200b}:error::a\n  :\u{200b}:set-env::b\nc::d #\u{200b}#[add-mask]e\n");
    }

    #[test]
    fn endless_text_is_cut_between_characters() {
        assert_eq!(beginning("ééé", 3), "é … 4 bytes left out");
        assert_eq!(ending("ééé", 3), "4 bytes left out … é");
        assert_eq!((beginning("abc", 3), ending("abc", 3)), ("abc".into(), "abc".into()));
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(plural(1, "test"), "1 test");
        assert_eq!(plural(12_345, "test"), "12,345 tests");
        assert_eq!(duration(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(duration(Duration::from_secs(123)), "2 min 03 s");
        assert_eq!(duration(Duration::from_mins(64)), "1 h 04 min");
        assert_eq!(shorten("abcdef", 4), "abc…");
        assert_eq!(last_lines("a\nb\nc\n", 2), "b\nc");
    }

    #[test]
    fn sizes_read_as_registries_show_them() {
        for (count, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1 kB"),
            (17_345_678, "17.3 MB"),
            (20_000_000, "20 MB"),
            (20_000_001, "20.0 MB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(bytes(count), shown);
        }
    }

    #[test]
    fn markdown_from_outside_stays_text() {
        let shown =
            markdown("@user #1 <img> [x](y) https://evil.example `code` | www.x.y WWW.x GH-7 gh-8 a\u{61c}b");
        assert!(!shown.contains("@user") && !shown.contains("#1") && !shown.contains("<img>"));
        assert!(!shown.contains("://") && !shown.contains("www.") && shown.contains(r"\|"));
        assert!(!shown.contains("WWW.") && !shown.contains("GH-") && !shown.contains("gh-"));
        assert!(shown.ends_with("8 ab"), "no character turns the text around: {shown}");
    }

    #[test]
    fn a_code_block_cannot_be_closed_from_inside() {
        let block = code_block("```\n@user\n````");
        assert!(block.starts_with("`````text\n") && block.ends_with("\n`````\n"));
    }

    #[test]
    fn workflow_commands_cannot_be_forged() {
        assert_eq!(workflow_data("50%\n::error::x"), "50%25%0A::error::x");
        assert_eq!(workflow_property("a:b,c"), "a%3Ab%2Cc");
    }

    #[test]
    fn the_terminal_sees_no_escape_sequence() {
        assert_eq!(terminal("\u{1b}[31mred\u{1b}[0m\u{7}\r\u{202e}"), "red");
    }

    proptest! {
        #[test]
        fn a_quoted_word_is_one_word(word in "[^\0]{0,40}") {
            let quoted = shell_word(&word);
            let output = std::process::Command::new("sh").args(["-c", &format!("printf %s {quoted}")]).output();
            let printed = output.unwrap().stdout;
            prop_assert_eq!(String::from_utf8_lossy(&printed), word);
        }

        #[test]
        fn terminal_text_has_no_controls(text in any::<String>()) {
            prop_assert!(terminal(&text).chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
        }
    }
}
