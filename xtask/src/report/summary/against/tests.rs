use super::super::detail::LADDER;
use super::super::{SMALLEST_LIMIT, checks::alive, summary_against};
use super::*;
use crate::model::against::FindingsChange;
use crate::model::coverage::Share;
use crate::report::sample::{HOSTILE, sample};

/// Everything is different, and every text is this one.
fn base(text: &str, names: usize) -> Base {
    let share = |covered, total| Share { covered, total };
    let tests = TestsChange {
        added: 1_200,
        removed: 1,
        newly_failing: vec![text.to_owned(); names],
        newly_skipped: vec![text.to_owned()],
    };
    let size = |now, before| SizeChange { name: text.to_owned(), now, before };
    let changes = Changes {
        lines: Some(LinesChange { now: share(834, 1000), before: Ok(share(830, 1000)) }),
        tests: Some(tests),
        findings: FindingsChange { new: [2].into(), gone: 3, not_compared: vec![text.to_owned()] },
        images: vec![size(17_300_000, Some(16_100_000)), size(5, Some(5)), size(7, None)],
        duration: Amount { now: 93_000, before: 95_000 },
    };
    let (branch, commit) = (text.to_owned(), "abc1234567890".to_owned());
    let changes = Box::new(changes);
    Base::Known { branch, commit, url: "https://github.com/acme/widgets/actions/runs/8".to_owned(), changes }
}

fn rendered(base: &Base, detail: Detail) -> String {
    against(&sample(), Some(base), detail)
}

#[test]
fn each_change_is_a_line_with_its_unit() {
    assert_eq!(
        rendered(&base("main", 2), LADDER[0]),
        "### Against `main` ([`abc1234567`](https://github.com/acme/widgets/actions/runs/8))\n\n\
         - tests: 2 newly failing, 1 newly skipped, 1,200 added, 1 removed\n  \
           - `main` fails\n  - `main` fails\n  - `main` is skipped\n\
         - findings: 1 new, 3 gone; those of 1 step (`main`) are not compared: not ended in both runs\n\
         - lines that ran: 83.4 %, 0.4 percentage points more than 83.0 %\n\
         - image `main`: 17.3 MB, 1.2 MB more\n\
         - image `main`: 5 B, the same\n\
         - image `main`: 7 B, not built there\n\
         - time: 1 min 33 s, 2.0 s shorter\n"
    );
}

#[test]
fn what_is_the_same_is_told_too_and_what_is_unknown_with_the_reason() {
    let changes = Changes { tests: Some(TestsChange::default()), ..Changes::default() };
    let mut lines = Vec::new();
    let share = Share { covered: 1, total: 3 };
    let hardly = (Share { covered: 999_999, total: 1_000_000 }, Share { covered: 1, total: 1 });
    for (now, before) in [
        (share, Ok(share)),
        (share, Err(Incomparable::NotMeasured)),
        (share, Err(Incomparable::OtherBackend)),
        (hardly.0, Ok(hardly.1)),
    ] {
        lines.push(super::lines(&LinesChange { now, before }));
    }
    assert_eq!(
        lines,
        [
            "- lines that ran: 33.3 %, the same\n",
            "- lines that ran: 33.3 %, not measured there\n",
            "- lines that ran: 33.3 %, not compared: measured there in another way\n",
            "- lines that ran: 99.9 %, less than 0.01 percentage points less than 100.0 %\n",
        ]
    );
    let text = told(&changes, LADDER[0]);
    assert_eq!(text, "- tests: the same\n- findings: none is new, none is gone\n- time: 0.00 s, as long\n");
}

#[test]
fn nothing_is_told_when_nobody_asked_and_a_sentence_when_nothing_is_known() {
    assert_eq!(against(&sample(), None, LADDER[0]), "");
    let unknown =
        Base::Unknown { branch: "main".to_owned(), why: "the artifact `run-a` of_it has expired".to_owned() };
    assert_eq!(
        rendered(&unknown, LADDER[0]),
        "Not compared with `main`: the artifact `run-a` of\\_it has expired.\n"
    );
    let text = summary_against(&sample(), Some(&unknown), 900 << 10);
    assert!(!text.contains("Against") && !text.contains("**new**"), "{text}");
}

#[test]
fn new_findings_are_marked_and_come_first() {
    let text = summary_against(&sample(), Some(&base("main", 1)), 900 << 10);
    assert!(text.contains("### 6 findings: 2 errors, 3 warnings, 1 note, 1 new\n"), "{text}");
    let new = text.find("- **new** note [`clippy::cognitive_complexity`]").unwrap();
    let old = text.find("- error `E0308`").unwrap();
    assert!(new < old && text.matches("**new**").count() == 1, "{text}");
    assert!(!summary_against(&sample(), None, 900 << 10).contains(" new\n"));
}

#[test]
fn counts_stay_where_lists_go() {
    let base = base("a long name of a test, longer than there is room for", 3_000);
    let text = rendered(&base, LADDER[6]);
    assert!(text.contains("3,000 newly failing, 1 newly skipped") && !text.contains(" fails"), "{text}");
    assert!(text.contains("those of 1 step are not compared") && text.contains("3 more images"), "{text}");
    assert!(text.len() < 600, "{text}");
    let text = rendered(&base, LADDER[4]);
    assert_eq!(text.matches(" fails\n").count(), 5);
    assert!(text.contains("  - 2,996 more, see the report\n"), "{text}");
    let whole = summary_against(&sample(), Some(&base), 10_000);
    assert!(whole.len() <= 10_000 && whole.contains("3,000 newly failing"), "{whole}");
}

#[test]
fn hostile_names_do_nothing() {
    let link = "x](https://evil.example) <!-- @ada #1 |\n## h";
    for text in [HOSTILE, link, "`` ` ``", "a `@ada` <b> @ada `", &HOSTILE.repeat(20)] {
        let unknown = Base::Unknown { branch: text.to_owned(), why: text.to_owned() };
        for base in [base(text, 9), unknown] {
            for detail in LADDER {
                alive(&rendered(&base, detail)).unwrap();
            }
            for limit in [SMALLEST_LIMIT, 50_000] {
                alive(&summary_against(&sample(), Some(&base), limit)).unwrap();
            }
        }
    }
}
