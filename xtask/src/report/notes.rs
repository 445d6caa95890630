//! The notes of a release, as Markdown: what users have to change first, then what is new, then where the bytes are. Commits come
//! from many people: nothing that they write comes alive.

use std::fmt::Write as _;

use crate::kit::text::{code, code_block, markdown, plural, shorten};
use crate::model::release::{Change, Kind};

/// The most bytes of notes: GitHub takes 125,000 characters, and people read fewer.
pub const MOST_BYTES: usize = 60_000;

/// The most characters of one change.
const LINE: usize = 300;

/// What notes are written from.
#[derive(Clone, Debug)]
pub struct Notes<'a> {
    /// The page of the repository, such as `https://github.com/ada/parcels`; without it nothing is linked.
    pub home: Option<&'a str>,
    /// The tag of the release.
    pub tag: &'a str,
    /// The tag of the release before it.
    pub previous: Option<&'a str>,
    /// What has changed, the newest first.
    pub changes: &'a [Change],
    /// Images as they are pulled: `ghcr.io/ada/parcels:1.2.3@sha256:…`.
    pub images: &'a [String],
}

/// The notes.
#[must_use]
pub fn notes(notes: &Notes<'_>) -> String {
    let foot = notes.images() + &notes.compared();
    let mut most = usize::MAX;
    loop {
        let body = notes.breaking(most) + &notes.groups(most);
        let text = if body.is_empty() {
            "Nothing that users would notice has changed.\n\n".to_owned()
        } else {
            body
        };
        if text.len() + foot.len() <= MOST_BYTES || most == 0 {
            return (text + &foot).trim_end().to_owned() + "\n";
        }
        most = most.min(notes.changes.len().max(2)) / 2;
    }
}

impl Notes<'_> {
    fn breaking(&self, most: usize) -> String {
        let all: Vec<(&Change, &String)> =
            self.changes.iter().filter_map(|change| Some((change, change.breaking.as_ref()?))).collect();
        let line = |(change, why): &(&Change, &String)| {
            let why = shorten(why, LINE);
            let told = if why == change.text { String::new() } else { format!("  {}\n", paragraph(&why)) };
            self.line(change) + &told
        };
        self.group("Breaking changes", all.iter().map(line), all.len(), most)
    }

    fn groups(&self, most: usize) -> String {
        let mut kinds: Vec<Kind> = self.changes.iter().map(|change| change.kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let group = |kind: Kind| {
            let is_told = |change: &&Change| change.kind == kind && change.breaking.is_none();
            let all: Vec<&Change> = self.changes.iter().filter(is_told).collect();
            match (kind, all.len()) {
                (_, 0) => String::new(),
                (Kind::Internal, count) => format!("And {} inside.\n\n", plural(count, "change")),
                (kind, count) => {
                    self.group(kind.heading(), all.into_iter().map(|change| self.line(change)), count, most)
                }
            }
        };
        kinds.into_iter().map(group).collect()
    }

    fn group(&self, heading: &str, lines: impl Iterator<Item = String>, count: usize, most: usize) -> String {
        if count == 0 {
            return String::new();
        }
        let mut text = format!("## {heading}\n\n");
        text.extend(lines.take(most));
        if count > most {
            let _ = writeln!(
                text,
                "- {} more, see {}",
                count - most,
                self.link(self.tag, &format!("commits/{}", path(self.tag)))
            );
        }
        text + "\n"
    }

    fn line(&self, change: &Change) -> String {
        let scope = change.scope.as_ref().map(|scope| format!("**{}:** ", markdown(&shorten(scope, 60))));
        let text = paragraph(&shorten(&change.text, LINE));
        let short: String = change.sha.chars().take(7).collect();
        let commit = self.link(&short, &format!("commit/{}", path(&change.sha)));
        let number = change.pull_request.map(|number| match self.home {
            Some(home) => format!("[pull request {number}]({home}/pull/{number}), "),
            None => format!("pull request {number}, "),
        });
        format!("- {}{text} ({}{commit})\n", scope.unwrap_or_default(), number.unwrap_or_default())
    }

    fn link(&self, word: &str, place: &str) -> String {
        self.home.map_or_else(|| code(word), |home| format!("[{}]({home}/{place})", code(word)))
    }

    fn images(&self) -> String {
        if self.images.is_empty() {
            return String::new();
        }
        let commands: Vec<String> = self.images.iter().map(|image| format!("docker pull {image}")).collect();
        format!("## Images\n\n{}\n", code_block(&commands.join("\n")))
    }

    fn compared(&self) -> String {
        let (Some(home), Some(previous)) = (self.home, self.previous) else { return String::new() };
        format!(
            "[Everything since {}]({home}/compare/{}...{})\n",
            code(previous),
            path(previous),
            path(self.tag)
        )
    }
}

/// Safe as a line of its own, too: what begins like a list, a heading or a rule stays text. Source: `CommonMark` 0.31.2, chapter 4.
fn paragraph(text: &str) -> String {
    let safe = markdown(text.trim());
    let number = safe.bytes().take_while(u8::is_ascii_digit).count();
    let (before, rest) = safe.split_at(number);
    let is_block = if number == 0 { rest.starts_with(['-', '=', '#']) } else { rest.starts_with('.') };
    if is_block { format!("{before}\\{rest}") } else { safe }
}

/// A name of git inside an address.
fn path(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    name.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::release::Commit;

    const HOME: &str = "https://github.com/ada/parcels";

    fn changes(messages: &[&str]) -> Vec<Change> {
        let change = |(number, message): (usize, &&str)| {
            Commit { sha: format!("{number:040x}"), message: (*message).to_owned(), is_merge: false }.change()
        };
        messages.iter().enumerate().map(change).collect()
    }

    fn written(changes: &[Change]) -> String {
        let images = ["ghcr.io/ada/parcels:1.2.3@sha256:00".to_owned()];
        notes(&Notes {
            home: Some(HOME),
            tag: "v1.2.3+b",
            previous: Some("v1.2.2"),
            changes,
            images: &images,
        })
    }

    #[test]
    fn what_users_must_do_stands_first_and_each_change_once() {
        let text = written(&changes(&[
            "ci: a faster machine",
            "fix: a hole (#12)",
            "feat(api)!: another answer\n\nBREAKING CHANGE: read `b` in place of `a`",
            "feat: more",
            "whatever",
        ]));
        let expected = "## Breaking changes\n\n\
            - **api:** another answer ([`0000000`](https://github.com/ada/parcels/commit/0000000000000000000000000000000000000002))\n  \
            read \\`b\\` in place of \\`a\\`\n\n\
            ## Features\n\n- more ([`0000000`](https://github.com/ada/parcels/commit/0000000000000000000000000000000000000003))\n\n\
            ## Fixes\n\n- a hole ([pull request 12](https://github.com/ada/parcels/pull/12), [`0000000`](https://github.com/ada/parcels/commit/0000000000000000000000000000000000000001))\n\n\
            ## Other changes\n\n- whatever ([`0000000`](https://github.com/ada/parcels/commit/0000000000000000000000000000000000000004))\n\n\
            And 1 change inside.\n\n\
            ## Images\n\n```text\ndocker pull ghcr.io/ada/parcels:1.2.3@sha256:00\n```\n\n\
            [Everything since `v1.2.2`](https://github.com/ada/parcels/compare/v1.2.2...v1.2.3%2Bb)\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_reason_that_looks_like_a_block_stays_a_line() {
        for (why, shown) in [
            ("---", "\\---"),
            ("- x", "\\- x"),
            ("===", "\\==="),
            ("+ x", "\\+ x"),
            ("1. x", "1\\. x"),
            ("12) x", "12\\) x"),
            ("# x", "\\#\u{200b} x"),
            ("> x", "&gt; x"),
            ("* x", "\\* x"),
            ("2 of them", "2 of them"),
        ] {
            let text = written(&changes(&[&format!("feat: a\n\nBREAKING CHANGE: {why}")]));
            assert!(text.contains(&format!("\n  {shown}\n")), "{why}: {text}");
            let text = written(&changes(&[why]));
            assert!(text.contains(&format!("\n- {shown} (")), "{why}: {text}");
        }
    }

    #[test]
    fn nothing_to_tell_is_said() {
        let empty = notes(&Notes { home: None, tag: "v1", previous: None, changes: &[], images: &[] });
        assert_eq!(empty, "Nothing that users would notice has changed.\n");
    }

    #[test]
    fn a_long_history_is_cut_between_lines() {
        let message = format!("fix: {}", "x".repeat(400));
        let all = vec![message.as_str(); 2000];
        let text = written(&changes(&all));
        assert!(text.len() <= MOST_BYTES && text.contains(" more, see [`v1.2.3+b`]"), "{}", text.len());
        assert!(text.contains("docker pull") && text.lines().all(|line| !line.starts_with('x')));
    }

    proptest! {
        #[test]
        fn hostile_commits_stay_text(text in "(@ada|#1|<b>|https://evil.example|`|\\[x\\]\\(y\\)|\\PC){1,12}", scope in "[a-z@<]{1,5}") {
            let told = written(&changes(&[&format!("feat({scope}): x{text}"), &text]));
            let rest = told.replace(HOME, "");
            prop_assert!(!rest.contains("@ada") && !rest.contains("<b>") && !rest.contains("evil.example)"), "{}", told);
            prop_assert!(!rest.contains("https://"), "{}", told);
        }
    }
}
