use super::*;
use crate::model::day::tests::day;
use crate::model::facts::Facts;
use crate::model::gate::{Decision, Mode};
use crate::model::gates::outcome::tests::step;
use crate::model::image::{ImageRecord, ScanRecord};
use crate::model::scan::Unfixed;
use crate::model::scan::tests::vulnerability;
use crate::model::step::Outcome;
use crate::model::waiver::tests::waiver;
use crate::model::waiver::{Complete, apply};

fn judged(outcome: &Outcome) -> Gate {
    let tolerance = Tolerance { severity: Severity::High, unfixed: Unfixed::Counts };
    judge(Measured { step: &step("image.scan"), outcome, mode: Mode::Block }, tolerance)
}

fn found(findings: Vec<Finding>) -> Outcome {
    Outcome::new(Status::Passed, Facts::of_findings(findings))
}

fn seen(packages: u64) -> Outcome {
    let scan = ScanRecord { packages, ..ScanRecord::default() };
    let image = ImageRecord { scan: Some(scan), ..ImageRecord::named("app") };
    Outcome::new(Status::Passed, Facts::of_images(vec![image]))
}

#[test]
fn a_scan_that_saw_packages_and_no_flaw_passes() {
    let gate = judged(&seen(3));
    assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "nothing was found"));
}

#[test]
fn a_scan_that_saw_nothing_is_never_green() {
    let gate = judged(&seen(0));
    assert_eq!((gate.verdict, gate.measured), (Decision::Inconclusive, Measure::Nothing));
    assert_eq!(gate.reason, "the scanner saw no package in the image app");
}

#[test]
fn a_scan_that_broke_is_inconclusive_and_fails_by_what_it_found_before() {
    let broken = Outcome::because(Status::Inconclusive, "there is no database");
    assert_eq!(
        (judged(&broken).verdict, judged(&broken).reason.as_str()),
        (Decision::Inconclusive, "there is no database")
    );
    let facts = Facts::of_findings(vec![vulnerability("0001", "p", Severity::High)]);
    assert_eq!(judged(&broken.with_facts(facts)).verdict, Decision::Fail);
    assert_eq!(judged(&Outcome::because(Status::Cancelled, "interrupted")).verdict, Decision::Inconclusive);
}

#[test]
fn flaws_fail_with_counts_and_what_to_do() {
    let mut unfixed = vulnerability("0003", "zlib", Severity::High);
    unfixed.flaw.as_mut().unwrap().fixed = None;
    let gate = judged(&found(vec![
        vulnerability("0001", "itoa", Severity::High),
        unfixed,
        vulnerability("0002", "openssl", Severity::Critical),
        vulnerability("0004", "bash", Severity::Low),
    ]));
    assert_eq!((gate.verdict, gate.measured.clone()), (Decision::Fail, Measure::Count(3)));
    assert_eq!(gate.reason, "1 critical, 2 high; a later version mends 2 of them");
    assert_eq!(gate.worst[0], "CVE-2099-0002 critical: openssl 1.0.0, mended in 2.0.0 (image app)");
    assert!(gate.remedy.unwrap().starts_with("upgrade openssl to 2.0.0; accept"));
}

#[test]
fn what_does_not_count_is_said() {
    let gate = judged(&found(vec![vulnerability("0004", "bash", Severity::Low)]));
    assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "no finding counts: 1 below high"));
}

#[test]
fn a_waiver_that_has_ended_fails_and_is_named() {
    let mut findings = vec![vulnerability("0004", "bash", Severity::Low)];
    let waivers = [waiver("CVE-2099-0004", None, "2099-01-01")];
    apply(&waivers, &mut findings, day("2099-01-02"), Complete::Yes, "slipway.toml");
    let gate = judged(&found(findings));
    assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Fail, "1 waiver ended"));
    assert!(gate.worst[0].starts_with("the waiver of CVE-2099-0004 ended on 2099-01-01"));
    assert!(gate.remedy.unwrap().contains("renew"));
}

#[test]
fn what_is_waived_passes_and_is_counted() {
    let mut findings = vec![vulnerability("0001", "bash", Severity::Critical)];
    apply(
        &[waiver("CVE-2099-0001", None, "2099-12-31")],
        &mut findings,
        day("2099-01-02"),
        Complete::Yes,
        "slipway.toml",
    );
    let gate = judged(&found(findings));
    assert_eq!((gate.verdict, gate.reason.as_str()), (Decision::Pass, "no finding counts: 1 waived"));
}
