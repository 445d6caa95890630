use super::*;
use crate::model::day::tests::day;
use crate::model::scan::tests::vulnerability;

/// A waiver until a day.
pub(crate) fn waiver(id: &str, scope: Option<&str>, until: &str) -> Waiver {
    let glob = |text: &str| Glob::try_from(text.to_owned()).unwrap();
    let words = |text: &str| Words::try_from(text.to_owned()).unwrap();
    Waiver {
        id: glob(id),
        scope: scope.map(glob),
        reason: words("never called"),
        owner: words("ada"),
        until: day(until),
    }
}

fn applied(waivers: &[Waiver], today: &str, complete: Complete) -> (Vec<Finding>, Applied) {
    let mut findings = vec![
        vulnerability("0001", "openssl", Severity::Critical),
        vulnerability("0002", "itoa", Severity::High).at(Location::at("Cargo.lock", 3, 1)),
    ];
    let applied = apply(waivers, &mut findings, day(today), complete, "slipway.toml");
    (findings, applied)
}

fn waived(findings: &[Finding]) -> Vec<&str> {
    let is_waived = |finding: &&Finding| finding.flaw.as_ref().is_some_and(|flaw| flaw.waived.is_some());
    findings.iter().filter(is_waived).map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn a_waiver_is_about_an_id_in_a_scope() {
    for (id, scope, expected) in [
        ("CVE-2099-0001", None, vec!["CVE-2099-0001"]),
        ("CVE-2099-*", None, vec!["CVE-2099-0001", "CVE-2099-0002"]),
        ("CVE-2099-*", Some("itoa"), vec!["CVE-2099-0002"]),
        ("CVE-2099-*", Some("openssl@1.0.0"), vec!["CVE-2099-0001"]),
        ("CVE-2099-*", Some("Cargo.lock"), vec!["CVE-2099-0002"]),
        ("CVE-2099-*", Some("image app"), vec!["CVE-2099-0001", "CVE-2099-0002"]),
        ("CVE-2099-0001", Some("itoa"), vec![]),
        ("CVE-2098-*", None, vec![]),
    ] {
        let (findings, applied) = applied(&[waiver(id, scope, "2099-12-31")], "2099-01-01", Complete::Yes);
        assert_eq!(waived(&findings), expected, "{id} {scope:?}");
        assert_eq!(applied.waived.len(), expected.len());
        assert_eq!(applied.notes.is_empty(), !expected.is_empty());
    }
}

#[test]
fn another_id_of_the_same_is_the_same() {
    let mut findings = vec![vulnerability("0001", "itoa", Severity::High)];
    findings[0].flaw.as_mut().unwrap().aliases = vec!["RUSTSEC-2099-0001".to_owned()];
    let waivers = [waiver("RUSTSEC-2099-0001", None, "2099-12-31")];
    let applied = apply(&waivers, &mut findings, day("2099-01-01"), Complete::Yes, "slipway.toml");
    assert_eq!(applied.waived, ["CVE-2099-0001 itoa 1.0.0: never called (ada, until 2099-12-31)"]);
}

#[test]
fn a_waiver_that_has_ended_is_a_finding_and_accepts_nothing() {
    let waivers = [waiver("CVE-2099-0001", None, "2099-03-01")];
    let (findings, _) = applied(&waivers, "2099-03-01", Complete::Yes);
    assert_eq!((waived(&findings).len(), findings.len()), (1, 2), "it holds on its last day");
    let (findings, applied) = applied(&waivers, "2099-03-02", Complete::Yes);
    assert!(waived(&findings).is_empty() && applied.notes.is_empty());
    let expired = &findings[2];
    assert_eq!((expired.rule.as_str(), expired.place().as_str()), (EXPIRED, "slipway.toml:1:1"));
    assert!(
        expired.message.starts_with("the waiver of CVE-2099-0001 ended on 2099-03-01; ada answers for it")
    );
    assert!(expired.message.contains("1 finding counts again"));
    let (findings, _) =
        self::applied(&[waiver("CVE-2099-*", None, "2099-03-01")], "2099-03-02", Complete::Yes);
    assert!(findings[2].message.contains("2 findings count again: mend them"), "{}", findings[2].message);
}

#[test]
fn the_end_of_a_waiver_is_told_two_weeks_before() {
    let notes = |today| applied(&[waiver("CVE-2099-0001", None, "2099-03-15")], today, Complete::Yes).1.notes;
    assert!(notes("2099-02-28").is_empty());
    assert_eq!(
        notes("2099-03-01"),
        ["the waiver of CVE-2099-0001 ends in 14 days, on 2099-03-15; ada answers for it"]
    );
    assert!(notes("2099-03-14")[0].contains("in 1 day,"));
    assert!(notes("2099-03-15")[0].contains("ends today"));
}

#[test]
fn a_waiver_of_nothing_is_told_unless_the_scan_saw_only_a_part() {
    let waivers = [waiver("CVE-2098-*", Some("left-pad"), "2099-12-31")];
    let notes = |complete| applied(&waivers, "2099-01-01", complete).1.notes;
    assert_eq!(
        notes(Complete::Yes),
        ["the waiver of CVE-2098-* in left-pad waives nothing any more: take it out"]
    );
    assert!(notes(Complete::No).is_empty());
}

#[test]
fn two_waivers_of_one_finding_count_it_once() {
    let waivers =
        [waiver("CVE-2099-0001", None, "2099-12-31"), waiver("CVE-2099-*", Some("openssl"), "2099-12-31")];
    assert_eq!(applied(&waivers, "2099-01-01", Complete::Yes).1.waived.len(), 1);
}

/// `CVE-2099-0001` of one package in two images.
fn in_two_images() -> Vec<Finding> {
    let mut worker = vulnerability("0001", "openssl", Severity::Critical);
    worker.flaw.as_mut().unwrap().targets = vec!["image worker".to_owned()];
    vec![vulnerability("0001", "openssl", Severity::Critical), worker]
}

#[test]
fn a_waiver_of_one_image_accepts_nothing_of_another() {
    let of = |scope| {
        let mut findings = in_two_images();
        let waivers = [waiver("CVE-2099-0001", scope, "2099-12-31")];
        let applied = apply(&waivers, &mut findings, day("2099-01-01"), Complete::Yes, "slipway.toml");
        let flaws = findings.into_iter().filter_map(|finding| finding.flaw);
        let told: Vec<(String, bool)> =
            flaws.map(|flaw| (flaw.targets.join(", "), flaw.waived.is_some())).collect();
        (told, applied.waived.len())
    };
    for (scope, waived) in [("image app", [true, false]), ("image worker", [false, true])] {
        let told = ["image app", "image worker"].map(ToOwned::to_owned).into_iter().zip(waived);
        assert_eq!(of(Some(scope)), (told.collect(), 1), "{scope}");
    }
    assert_eq!(of(Some("image *")), (vec![("image app, image worker".to_owned(), true)], 1));
    assert_eq!(of(None), (vec![("image app, image worker".to_owned(), true)], 1));
}

#[test]
fn a_flaw_in_two_images_counts_again_once() {
    let mut findings = in_two_images();
    let waivers = [waiver("CVE-2099-0001", None, "2099-03-01")];
    apply(&waivers, &mut findings, day("2099-03-02"), Complete::Yes, "slipway.toml");
    assert_eq!(findings.len(), 2, "the flaw, and the waiver that has ended");
    assert!(findings[1].message.contains("1 finding counts again"), "{}", findings[1].message);
}
