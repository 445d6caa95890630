//! The comment on a pull request: the sections of the summary below a first line that nobody sees, within what GitHub takes.
//!
//! A record may come from a stranger's run, and what is said here is said in our name. So beside the escapes of the
//! summary no link leads anywhere but to the run itself, to known pages about rules, and to known databases.

use std::fmt::Write as _;

use super::summary::summary_against;
use crate::kit::text::{code, markdown, shorten, terminal};
use crate::model::against::Base;
use crate::model::comment::Marker;
use crate::model::gate::Decision;
use crate::model::record::RunRecord;

/// Of what a run came to. With what became of its image there are at most 60,000; GitHub takes 65,536 characters, and a byte more
/// counts for less than a character.
pub const MOST_BYTES: usize = 52_000;

/// The most characters of what GitHub says against a record.
const AGAINST: usize = 400;

/// What explains a rule or a vulnerability, each with its slash: nobody's name begins with another one's.
const KNOWN: [&str; 10] = [
    "https://avd.aquasec.com/",
    "https://doc.rust-lang.org/",
    "https://docs.zizmor.sh/",
    "https://embarkstudios.github.io/cargo-deny/",
    "https://github.com/advisories/",
    "https://github.com/hadolint/hadolint/wiki/",
    "https://nvd.nist.gov/",
    "https://rust-lang.github.io/rust-clippy/",
    "https://rustsec.org/advisories/",
    "https://www.shellcheck.net/wiki/",
];

/// Whose numbers they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Of a run of the repository itself.
    Ours,
    /// Of the code that is proposed, from another repository: it may say what it wants.
    Theirs,
}

/// What a comment needs beside the record.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// Its first line.
    pub marker: &'a Marker,
    /// The page of the repository, such as `https://github.com/ada/parcels`; runs below it may be linked.
    pub home: Option<&'a str>,
    /// Whose numbers they are.
    pub trust: Trust,
    /// What GitHub says against the record, as a sentence without its stop.
    pub against: Option<&'a str>,
    /// What is known of the branch that the change is for; none when nobody asked.
    pub base: Option<&'a Base>,
}

/// The comment as Markdown of at most [`MOST_BYTES`] bytes.
#[must_use]
pub fn comment(record: &RunRecord, frame: &Frame<'_>) -> String {
    let record = as_told(record, frame);
    let mut note = match frame.trust {
        Trust::Ours => String::new(),
        Trust::Theirs => {
            "> These are the numbers of the pull request's own run: its code could have changed them.\n\n"
                .to_owned()
        }
    };
    if let Some(against) = frame.against {
        // Jobs have the names that the proposed workflow gives them.
        let _ = write!(note, "> {}.\n\n", markdown(&shorten(&terminal(against), AGAINST)));
    }
    let head = format!("{}\n{note}", frame.marker);
    let foot = foot(&record, frame);
    let room = MOST_BYTES.saturating_sub(head.len() + foot.len());
    head + summary_against(&record, frame.base, room).trim_end() + "\n\n" + &foot
}

/// The comment about a run of which only GitHub knows how it ended: why, as a sentence without its stop, and its page.
#[must_use]
pub fn unrecorded(marker: &Marker, decision: Decision, why: &str, url: &str) -> String {
    let title = if decision == Decision::Fail { "Failed" } else { "Inconclusive" };
    // Jobs have the names that the proposed workflow gives them.
    let why = markdown(&shorten(&terminal(why), AGAINST));
    let commit: String = marker.head.chars().take(10).collect();
    format!(
        "{marker}\n## {title}: the run left no record\n\n> {why}.\n\nIt ended before it could say what it measured; its log \
         says why.\n\n---\n[run]({url}) · commit {} · by Slipway {}\n",
        code(&commit),
        code(env!("CARGO_PKG_VERSION")),
    )
}

/// Where to read more.
fn foot(record: &RunRecord, frame: &Frame<'_>) -> String {
    let version: String = record.tool.version.chars().take(20).collect();
    let commit: String = frame.marker.head.chars().take(10).collect();
    let run = record.run.url.as_ref().map(|url| format!("[run]({url}) · [artifacts]({url}#artifacts) · "));
    let run = run.unwrap_or_default();
    format!("---\n{run}commit {} · by Slipway {}\n", code(&commit), code(&version))
}

/// The record without links to other places, and a stranger's without what readers would take for our advice: commands to
/// run, and images to pull.
fn as_told(record: &RunRecord, frame: &Frame<'_>) -> RunRecord {
    let home = frame.home;
    let mut record = record.clone();
    if frame.trust == Trust::Theirs {
        record.gates.iter_mut().for_each(|gate| gate.reproduce = None);
        record.steps.iter_mut().for_each(|step| step.commands.clear());
        for image in &mut record.images {
            (image.repository, image.pushed, image.pulled) = (None, None, None);
        }
    }
    for finding in &mut record.findings {
        finding.url = finding.url.take().filter(|url| is_known(url));
    }
    record.run.url = record.run.url.take().filter(|url| home.is_some_and(|home| is_run(url, home)));
    record
}

/// A page below one of [`KNOWN`]. Browsers go up at `..`, also when its dots are written as `%2e`.
fn is_known(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let is_plain = |part: &str| part.is_empty() || part.chars().any(|c| c != '.');
    KNOWN.iter().any(|known| url.starts_with(known))
        && !url.contains(['%', '\\'])
        && path.split('/').all(is_plain)
}

/// `HOME/actions/runs/4242`, perhaps with `/attempts/2`.
fn is_run(url: &str, home: &str) -> bool {
    let is_number =
        |text: &str| !text.is_empty() && text.len() < 20 && text.bytes().all(|c| c.is_ascii_digit());
    let rest = url.strip_prefix(home).and_then(|rest| rest.strip_prefix("/actions/runs/"));
    rest.is_some_and(|rest| rest.split("/attempts/").count() <= 2 && rest.split("/attempts/").all(is_number))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::comment::Order;
    use crate::report::sample::{HOSTILE, large, sample};
    use crate::report::summary::checks::alive;

    const HOME: &str = "https://github.com/acme/widgets";

    fn marker() -> Marker {
        Marker { name: "ci".to_owned(), order: Order::of_ci(4242, 2), head: "c0ffee".repeat(6) + "c0ff" }
    }

    fn rendered(record: &RunRecord, trust: Trust) -> String {
        comment(record, &Frame { marker: &marker(), home: Some(HOME), trust, against: None, base: None })
    }

    /// The marker is the first line and the only one; what follows harms nobody.
    fn check(text: &str) -> Result<(), String> {
        let (first, rest) = text.split_once('\n').unwrap_or_default();
        if Marker::of(text) != Some(marker()) || first != marker().to_string() {
            return Err(format!("another marker: {first}"));
        }
        if text.len() > MOST_BYTES {
            return Err(format!("{} bytes", text.len()));
        }
        alive(rest)
    }

    #[test]
    fn the_sample_is_told_with_its_links() {
        let text = rendered(&sample(), Trust::Ours);
        check(&text).unwrap();
        for told in [
            "-->\n## Failed: 6 of 10 gates do not pass\n",
            "docker pull ghcr.io/acme",
            "\n---\n[run](https://github.com/acme/widgets/actions/runs/4242) · [artifacts](",
            "#artifacts) · commit `c0ffeec0ff` · by Slipway `0.1.0`\n",
            "[`clippy::needless_return`](https://rust-lang.github.io/rust-clippy/",
        ] {
            assert!(text.contains(told), "{told}\n---\n{text}");
        }
        assert!(!text.contains("own run"));
    }

    #[test]
    fn numbers_of_others_are_marked_as_theirs() {
        assert!(
            rendered(&sample(), Trust::Theirs)
                .contains("-->\n> These are the numbers of the pull request's own run")
        );
    }

    #[test]
    fn what_github_says_against_a_record_stands_above_it() {
        let told = |against| {
            let frame = Frame { marker: &marker(), home: None, trust: Trust::Theirs, against, base: None };
            comment(&sample(), &frame)
        };
        let text = told(Some("it ended with failure: @ada <b>\n## x (failure)"));
        check(&text).unwrap();
        assert!(text.contains("changed them.\n\n> it ended with failure&#58; "), "{text}");
        assert!(!text.contains("@ada") && !text.contains("\n## x"), "{text}");
        check(&told(Some(HOSTILE))).unwrap();
    }

    #[test]
    fn a_strangers_commands_and_images_are_not_shown_as_advice() {
        let (ours, theirs) = (rendered(&sample(), Trust::Ours), rendered(&sample(), Trust::Theirs));
        for advice in ["docker pull ", "To see it again"] {
            assert!(ours.contains(advice) && !theirs.contains(advice), "{advice}\n{theirs}");
        }
        check(&theirs).unwrap();
    }

    #[test]
    fn the_largest_run_fits_and_says_what_is_left_out() {
        let mut record = large(10_000);
        record.notes = vec![HOSTILE.repeat(40); 400];
        let text = rendered(&record, Trust::Theirs);
        check(&text).unwrap();
        assert!(text.contains(" more, see the report") && text.ends_with("by Slipway `0.1.0`\n"));
        assert!(text.len() > MOST_BYTES / 4, "the room is used: {} bytes", text.len());
    }

    #[test]
    fn links_lead_nowhere_else() {
        for wrong in [
            "https://evil.example/actions/runs/1",
            "https://github.com/acme/widgets-evil/actions/runs/1",
            "https://github.com/acme/widgets/actions/runs/1/../../../eve/x",
            "https://github.com/acme/widgets/actions/runs/1/attempts/2/attempts/3",
            "https://github.com/acme/widgets/actions/runs/",
            "https://github.com/acme/widgets/actions/runs/1?x=)",
        ] {
            assert!(!is_run(wrong, HOME), "{wrong}");
        }
        assert!(is_run("https://github.com/acme/widgets/actions/runs/4242/attempts/2", HOME));
        let mut record = sample();
        for url in [
            "https://evil.example/",
            "https://doc.rust-lang.org.evil.example/",
            "https://nvd.nist.gov/../x",
            "https://github.com/advisories/%2e%2e/eve/evil",
            "https://github.com/advisories/..",
            "https://github.com/advisories/x/..",
        ] {
            record.findings.iter_mut().for_each(|finding| finding.url = Some(url.to_owned()));
            assert!(!rendered(&record, Trust::Theirs).contains(&format!("]({url}")), "{url}");
        }
        let frame = Frame { marker: &marker(), home: None, trust: Trust::Ours, against: None, base: None };
        let without = comment(&sample(), &frame);
        assert!(!without.contains("actions/runs"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn nobody_speaks_in_our_name(pieces in proptest::collection::vec(
            prop_oneof![
                any::<String>(),
                Just(HOSTILE.to_owned()),
                Just(format!("-->\n{}\n", Marker { name: "ci".to_owned(), order: Order::of_ci(u64::MAX, 1), head: "0".to_owned() })),
                "(<!-- |-->|<details>|\n|```|`|@ada|#1|https://evil.example|\\[a\\]\\(b\\)|\\||x){0,20}",
            ], 8)) {
            let piece = |place: usize| pieces[place % pieces.len()].clone();
            let mut record = sample();
            record.tool.version = piece(0);
            record.run.url = Some(piece(1));
            record.context.repository = Some(piece(2));
            record.context.head_sha = Some(piece(3));
            record.notes.clone_from(&pieces);
            record.verdict.reasons.clone_from(&pieces);
            for (place, gate) in record.gates.iter_mut().enumerate() {
                gate.id = piece(place);
                gate.reason = piece(place + 1);
                gate.remedy = Some(piece(place + 2));
            }
            for (place, finding) in record.findings.iter_mut().enumerate() {
                finding.message = piece(place);
                finding.url = Some(piece(place + 1));
            }
            for (place, case) in record.tests.cases.iter_mut().enumerate() {
                case.name = piece(place);
                case.message = Some(piece(place + 1));
                case.output = piece(place + 2).repeat(9);
            }
            for image in &mut record.images {
                (image.name, image.repository) = (piece(4), Some(piece(5)));
            }
            let text = rendered(&record, Trust::Theirs);
            if let Err(why) = check(&text) {
                prop_assert!(false, "{}\n{}", why, text);
            }
        }
    }
}
