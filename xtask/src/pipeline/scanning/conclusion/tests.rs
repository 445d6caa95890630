use super::*;
use crate::model::day::tests::day;
use crate::model::scan::Unfixed;
use crate::model::scan::tests::vulnerability;
use crate::model::severity::Severity;
use crate::model::waiver::EXPIRED;
use crate::model::waiver::tests::waiver;
use crate::tools::reading::tests::output;

fn rules(waivers: &[Waiver]) -> Rules<'_> {
    let tolerance = Tolerance { severity: Severity::High, unfixed: Unfixed::Counts };
    Rules { tolerance, waivers, today: day("2099-01-15"), settings_file: "slipway.toml" }
}

fn seen(packages: u64, kind: &str, findings: Vec<Finding>) -> Seen {
    Seen { findings, packages, kinds: [kind.to_owned()].into(), ..Seen::default() }
}

/// What is concluded when the image shows this many packages, and its bill so many crates.
fn concluded(
    image: u64,
    kind: &str,
    bill: Option<u64>,
    findings: Vec<Finding>,
    waivers: &[Waiver],
) -> Outcome {
    let mut conclusion = Conclusion::new(vec!["app".to_owned()]);
    conclusion.saw(Subject::Image(0), "image app".to_owned(), seen(image, kind, findings));
    if let Some(bill) = bill {
        conclusion.saw(Subject::Bill(0), "SBOM of app".to_owned(), seen(bill, "cargo", Vec::new()));
    }
    conclusion.outcome(&rules(waivers))
}

#[test]
fn a_scan_that_saw_packages_passes() {
    let outcome = concluded(90, "rustbinary", Some(50), Vec::new(), &[]);
    assert_eq!((outcome.status, outcome.facts.notes.len()), (Status::Passed, 0));
    let scan = outcome.facts.images[0].scan.as_ref().unwrap();
    assert_eq!((scan.packages, scan.targets.join(", ").as_str()), (90, "image app, SBOM of app"));
}

#[test]
fn nothing_seen_is_inconclusive() {
    for bill in [None, Some(0)] {
        let outcome = concluded(0, "", bill, Vec::new(), &[]);
        assert_eq!(outcome.status, Status::Inconclusive);
        assert!(outcome.reason.unwrap().starts_with("nothing was seen in the image app"));
        assert!(!outcome.environment);
    }
    let outcome = Conclusion::new(Vec::new()).outcome(&rules(&[]));
    assert_eq!(
        (outcome.status, outcome.reason.unwrap().starts_with("there was nothing to look at")),
        (Status::Inconclusive, true)
    );
}

#[test]
fn a_program_alone_is_known_by_its_bill_and_that_is_said() {
    let outcome = concluded(0, "", Some(50), Vec::new(), &[]);
    assert_eq!(outcome.status, Status::Passed);
    assert_eq!(
        outcome.facts.notes,
        ["the image app lists no package: its bill of materials was scanned instead"]
    );
    let outcome = concluded(90, "debian", Some(50), Vec::new(), &[]);
    assert!(outcome.facts.notes[0].starts_with("the program of the image app does not list its crates"));
}

#[test]
fn an_empty_lock_file_is_inconclusive() {
    let mut conclusion = Conclusion::new(Vec::new());
    conclusion.saw(Subject::Lock, "Cargo.lock".to_owned(), seen(0, "cargo", Vec::new()));
    assert_eq!(conclusion.outcome(&rules(&[])).status, Status::Inconclusive);
}

#[test]
fn crates_alone_are_enough_where_nothing_else_can_look() {
    let mut conclusion = Conclusion::new(vec!["app".to_owned()]);
    conclusion.saw(Subject::Lock, "Cargo.lock".to_owned(), seen(7, "cargo", Vec::new()));
    let outcome = conclusion.outcome(&rules(&[]));
    assert_eq!(
        (outcome.status, outcome.facts.images[0].scan.as_ref().unwrap().packages),
        (Status::Passed, 7)
    );
}

#[test]
fn flaws_fail_and_others_are_only_kept() {
    let findings =
        vec![vulnerability("0001", "a", Severity::Low), vulnerability("0002", "b", Severity::High)];
    let outcome = concluded(9, "debian", None, findings, &[]);
    assert_eq!((outcome.status, outcome.reason.as_deref()), (Status::Failed, Some("1 finding")));
    assert_eq!(outcome.facts.findings.len(), 2, "reports show all of them");
    let outcome = concluded(9, "debian", None, vec![vulnerability("0001", "a", Severity::Low)], &[]);
    assert_eq!(outcome.status, Status::Passed);
}

#[test]
fn a_waiver_passes_until_it_ends() {
    let finding = || vec![vulnerability("0002", "b", Severity::High)];
    let outcome = concluded(9, "debian", None, finding(), &[waiver("CVE-2099-0002", None, "2099-01-15")]);
    assert_eq!(outcome.status, Status::Passed);
    assert_eq!(outcome.facts.images[0].scan.as_ref().unwrap().waived.len(), 1);
    assert!(outcome.facts.notes[0].contains("ends today"));
    let outcome = concluded(9, "debian", None, finding(), &[waiver("CVE-2099-0002", None, "2099-01-14")]);
    assert_eq!((outcome.status, outcome.reason.as_deref()), (Status::Failed, Some("2 findings")));
    assert!(outcome.facts.findings.iter().any(|finding| finding.rule == EXPIRED));
}

#[test]
fn a_waiver_of_one_image_leaves_the_other_one_failing() {
    let outcome = |scope| {
        let mut conclusion = Conclusion::new(vec!["app".to_owned(), "worker".to_owned()]);
        for (number, name) in ["app", "worker"].into_iter().enumerate() {
            let mut finding = vulnerability("0002", "b", Severity::High);
            let target = format!("image {name}");
            finding.flaw.as_mut().unwrap().targets = vec![target.clone()];
            conclusion.saw(Subject::Image(number), target, seen(9, "debian", vec![finding]));
        }
        conclusion.outcome(&rules(&[waiver("CVE-2099-0002", scope, "2099-12-31")]))
    };
    let failed = outcome(Some("image app"));
    assert_eq!((failed.status, failed.reason.as_deref()), (Status::Failed, Some("1 finding")));
    assert_eq!(failed.facts.findings.len(), 2, "one accepted, one not");
    let passed = outcome(None);
    assert_eq!((passed.status, passed.facts.findings.len()), (Status::Passed, 1));
}

#[test]
fn a_scan_that_broke_says_why_and_what_to_do_once() {
    let mut conclusion = Conclusion::new(vec!["app".to_owned()]);
    for target in ["image app", "Cargo.lock"] {
        let problem =
            Problem::of_machine(format!("trivy wrote no report on {target}")).with_remedy(Some("fetch it"));
        conclusion.problem(problem, &output(1, "", "FATAL no database"));
    }
    let outcome = conclusion.outcome(&rules(&[waiver("CVE-2099-0002", None, "2099-12-31")]));
    assert_eq!((outcome.status, outcome.environment), (Status::Inconclusive, true));
    assert_eq!(outcome.reason.as_deref(), Some("trivy wrote no report on image app (and 1 more)"));
    assert_eq!(outcome.facts.notes, ["fetch it"], "what was not looked for is not said to be idle");
    assert_eq!(outcome.excerpt.as_deref(), Some("FATAL no database"));
}

#[test]
fn findings_count_although_something_else_broke() {
    let mut conclusion = Conclusion::new(Vec::new());
    conclusion.saw(
        Subject::Lock,
        "Cargo.lock".to_owned(),
        seen(7, "cargo", vec![vulnerability("1", "a", Severity::High)]),
    );
    conclusion.problem(Problem::inconclusive("cut off"), &output(1, "", ""));
    assert_eq!(conclusion.outcome(&rules(&[])).status, Status::Failed);
}
