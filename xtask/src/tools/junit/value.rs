//! Values inside JUnit reports, taken as tools write them rather than as XML allows them.

use std::borrow::Cow;

/// Text with its references resolved. References that XML forbids become U+FFFD, unknown ones stay as they are.
#[must_use]
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('&') {
        return text;
    }
    let mut resolved = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some((before, after)) = rest.split_once('&') {
        resolved.push_str(before);
        // The longest reference is `&#x10FFFF;`.
        let end = after.bytes().take(12).position(|byte| byte == b';');
        let found = end.and_then(|end| Some((reference(after.get(..end)?)?, after.get(end + 1..)?)));
        let (c, after) = found.unwrap_or(('&', after));
        resolved.push(c);
        rest = after;
    }
    resolved.push_str(rest);
    Cow::Owned(resolved)
}

/// The character that a reference stands for: `amp`, `#10`, `#x1b`.
#[must_use]
pub fn reference(name: &str) -> Option<char> {
    let number = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => number.parse().ok()?,
    };
    // https://www.w3.org/TR/xml/#charsets
    let legal = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{7f}'..='\u{9f}');
    Some(char::from_u32(code).filter(legal).unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// A time in seconds as milliseconds: `0.25`, `1,000.5`, `1e-3`; none when it is not clear what is meant, as `1,500`
/// may be a thousand and a half or one and a half.
#[must_use]
pub fn milliseconds(seconds: &str) -> Option<u64> {
    let seconds = seconds.trim();
    let plain = match (seconds.contains(','), seconds.contains('.')) {
        (true, true) if seconds.rfind(',') < seconds.find('.') => seconds.replace(',', ""),
        (true, _) => return None,
        (false, _) => seconds.to_owned(),
    };
    let duration = std::time::Duration::try_from_secs_f64(plain.parse().ok()?).ok()?;
    u64::try_from((duration + std::time::Duration::from_micros(500)).as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn references() {
        assert_eq!(text(b"a &lt;b&gt; &amp;&#10;&#x1b;[0m &nbsp; & &"), "a <b> &\n\u{fffd}[0m &nbsp; & &");
        assert_eq!(text(b"\xff"), "\u{fffd}");
    }

    #[test]
    fn times() {
        let cases = [
            ("0.006", Some(6)),
            ("1,000.5", Some(1_000_500)),
            (" 2 ", Some(2000)),
            ("1e-3", Some(1)),
            ("1,500", None),
            ("1.000,5", None),
            ("-1", None),
            ("NaN", None),
            ("", None),
            ("1e300", None),
        ];
        for (seconds, milliseconds) in cases {
            assert_eq!(super::milliseconds(seconds), milliseconds, "{seconds}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in any::<Vec<u8>>(), seconds in "[0-9.,e-]{0,12}") {
            let _ = (text(&bytes).len(), milliseconds(&seconds));
        }

        #[test]
        fn escaped_text_reads_back(plain in "[ -~\n\tä名]{0,60}") {
            let escaped = plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
            prop_assert_eq!(text(escaped.as_bytes()), plain);
        }

        #[test]
        fn what_is_written_as_seconds_reads_as_milliseconds(milliseconds in 0_u64..100_000_000) {
            let seconds = format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000);
            prop_assert_eq!(super::milliseconds(&seconds), Some(milliseconds));
        }
    }
}
