//! What all pages share: head, verdict of a share in words and bars, and the foot.

use super::html::{Grouped, Html, Text};
use crate::{Scale, Share, Tone};

/// Nothing is loaded but the two files beside the page, and nothing in a page can run.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'";

/// The start of a page, up to and with the start tag of its body.
pub(super) fn head(html: &mut Html, title: &str) {
    html.put(format_args!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"referrer\" content=\"no-referrer\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{}</title>
<link rel=\"stylesheet\" href=\"style.css\">
<script src=\"app.js\"></script>
</head>
<body>
",
        Text(title)
    ));
}

/// The end of a page.
pub(super) fn foot(html: &mut Html) {
    html.raw("<footer class=\"wide\"><p class=\"keys\" hidden>Press <kbd>?</kbd> for the keys.</p></footer>\n</body>\n</html>\n");
}

/// A share with its name and what it is of.
pub(super) fn card(html: &mut Html, scale: &Scale, label: &str, share: Share) {
    html.put(format_args!("<div class=\"card {}\"><dt>{label}</dt><dd><b>{share}</b> ", tone(scale, share)));
    if share.is_measured() {
        let (missed, total) = (Grouped(share.missed()), Grouped(share.total));
        html.put(format_args!("<span>{missed} of {total} missed</span>"));
    } else {
        html.raw("<span>not measured</span>");
    }
    html.raw("</dd></div>\n");
}

/// The class that gives a share its colour.
pub(super) fn tone(scale: &Scale, share: Share) -> &'static str {
    match scale.tone(share) {
        Tone::Good => "good",
        Tone::Fair => "unsure",
        Tone::Poor => "bad",
        Tone::Unmeasured => "idle",
    }
}

/// The share in whole percent, rounded down: the width of its bar.
pub(super) fn width(share: Share) -> u128 {
    let hundredths = u128::from(share.covered.min(share.total)) * 100;
    hundredths.checked_div(u128::from(share.total)).unwrap_or_default()
}
