//! What is made of what scanners found: one finding for each flaw, and which of them count.

use super::finding::Finding;
use super::flaw::FlawKind;
use super::severity::Severity;

/// From which flaws on a scan fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// The severity from which a flaw counts.
    pub severity: Severity,
    /// Whether a vulnerability counts that no version is without.
    pub unfixed: Unfixed,
}

/// Whether a vulnerability counts that no version is without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfixed {
    /// It counts like any other.
    Counts,
    /// It is shown, and that is all.
    IsShown,
}

impl Tolerance {
    /// Whether a finding counts against the run. One that is no flaw does not; a waiver that has ended always does.
    #[must_use]
    pub fn counts(&self, finding: &Finding) -> bool {
        let Some(flaw) = &finding.flaw else { return false };
        let is_tolerated =
            self.unfixed == Unfixed::IsShown && flaw.kind == FlawKind::Vulnerability && flaw.fixed.is_none();
        flaw.kind == FlawKind::Waiver
            || (flaw.waived.is_none() && flaw.severity >= self.severity && !is_tolerated)
    }
}

/// One finding for a flaw that several scans found: in the image, in its bill of materials, in the lock file. A place is kept,
/// as only the lock file has one. What is accepted in one place and counts in another stays two findings.
#[must_use]
pub fn united(findings: Vec<Finding>) -> Vec<Finding> {
    let mut united: Vec<Finding> = Vec::new();
    for finding in findings {
        match united.iter_mut().find(|known| is_same(known, &finding)) {
            Some(known) => unite(known, finding),
            None => united.push(finding),
        }
    }
    united
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    let (Some(flaw), Some(more)) = (&one.flaw, &other.flaw) else { return one == other };
    flaw.kind == FlawKind::Vulnerability
        && flaw.package.is_some()
        && (&one.rule, flaw.kind, &flaw.package, &flaw.version)
            == (&other.rule, more.kind, &more.package, &more.version)
        && flaw.waived == more.waived
        || one == other
}

fn unite(known: &mut Finding, finding: Finding) {
    known.location = known.location.take().or(finding.location);
    if let (Some(flaw), Some(more)) = (&mut known.flaw, finding.flaw) {
        let fresh: Vec<String> =
            more.targets.into_iter().filter(|target| !flaw.targets.contains(target)).collect();
        flaw.targets.extend(fresh);
        flaw.fixed = flaw.fixed.take().or(more.fixed);
        flaw.severity = flaw.severity.max(more.severity);
        known.level = flaw.severity.level();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::model::finding::Location;
    use crate::model::flaw::Flaw;

    /// A vulnerability `CVE-2099-ID` of a package, which version 2 is without.
    pub(crate) fn vulnerability(id: &str, package: &str, severity: Severity) -> Finding {
        let flaw = Flaw {
            package: Some(package.to_owned()),
            version: Some("1.0.0".to_owned()),
            fixed: Some("2.0.0".to_owned()),
            ..Flaw::new(FlawKind::Vulnerability, severity, "image app")
        };
        let finding = Finding::new("image.scan", format!("CVE-2099-{id}"), severity.level(), "m");
        Finding { flaw: Some(flaw), ..finding }
    }

    fn tolerance(unfixed: Unfixed) -> Tolerance {
        Tolerance { severity: Severity::High, unfixed }
    }

    #[test]
    fn a_flaw_counts_from_the_severity_on() {
        let counts = |severity| tolerance(Unfixed::Counts).counts(&vulnerability("0001", "p", severity));
        assert!(counts(Severity::High) && counts(Severity::Critical));
        assert!(!counts(Severity::Medium) && !counts(Severity::Unknown));
    }

    #[test]
    fn what_nobody_has_mended_may_be_tolerated_but_a_secret_is_not() {
        let mut finding = vulnerability("0001", "p", Severity::High);
        finding.flaw.as_mut().unwrap().fixed = None;
        assert!(tolerance(Unfixed::Counts).counts(&finding));
        assert!(!tolerance(Unfixed::IsShown).counts(&finding));
        finding.flaw.as_mut().unwrap().kind = FlawKind::Secret;
        assert!(tolerance(Unfixed::IsShown).counts(&finding));
    }

    #[test]
    fn what_is_waived_does_not_count() {
        let mut finding = vulnerability("0001", "p", Severity::Critical);
        finding.flaw.as_mut().unwrap().waived = Some("because".to_owned());
        assert!(!tolerance(Unfixed::Counts).counts(&finding));
        finding.flaw.as_mut().unwrap().kind = FlawKind::Waiver;
        assert!(tolerance(Unfixed::Counts).counts(&finding));
    }

    #[test]
    fn one_flaw_in_two_places_is_one_finding() {
        let one = vulnerability("0001", "itoa", Severity::Medium);
        let mut lock = vulnerability("0001", "itoa", Severity::High).at(Location::at("Cargo.lock", 7, 1));
        lock.flaw.as_mut().unwrap().targets = vec!["Cargo.lock".to_owned()];
        let other = vulnerability("0001", "ryu", Severity::Low);
        let all = united(vec![one.clone(), lock, other, one]);
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].place(), "Cargo.lock:7:1");
        let flaw = all[0].flaw.as_ref().unwrap();
        assert_eq!(
            (flaw.severity, flaw.targets.join(", ").as_str()),
            (Severity::High, "image app, Cargo.lock")
        );
        assert_eq!(all[0].level, Severity::High.level());
    }

    #[test]
    fn what_is_accepted_in_one_place_only_stays_apart() {
        let one = vulnerability("0001", "itoa", Severity::High);
        let mut accepted = one.clone();
        accepted.flaw.as_mut().unwrap().waived = Some("never called".to_owned());
        assert_eq!(united(vec![one.clone(), accepted.clone(), one, accepted]).len(), 2);
    }
}
