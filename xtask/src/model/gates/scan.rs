//! The gate of the scan: no flaw of the severity that counts, no waiver that has ended, and something was seen at all.

use crate::kit::text::plural;
use crate::model::finding::Finding;
use crate::model::flaw::{Flaw, FlawKind};
use crate::model::gate::{Gate, Measure};
use crate::model::gates::Measured;
use crate::model::scan::Tolerance;
use crate::model::severity::Severity;
use crate::model::step::Status;

/// Judges the scan. Flaws that count fail it, however the scan ended; without any, a scan that did not come to its end or saw
/// no package is inconclusive.
#[must_use]
pub fn judge(measured: Measured<'_>, tolerance: Tolerance) -> Gate {
    let findings = &measured.outcome.facts.findings;
    let mut counted: Vec<&Finding> = findings.iter().filter(|finding| tolerance.counts(finding)).collect();
    counted.sort_by_key(|finding| std::cmp::Reverse(severity(finding)));
    let gate = Gate::pass(&measured.step.id, measured.mode, "findings", passed(findings, tolerance))
        .measured(
            Measure::Count(counted.len() as u64),
            format!("0 of severity {} or above", tolerance.severity.word()),
        )
        .worst(counted.iter().map(|finding| shown(finding)))
        .reproduce(measured.command());
    if !counted.is_empty() {
        let reason = failed(&counted, findings);
        return Gate { reason, ..gate }.fail(format!("{} too many", counted.len()), remedy(&counted));
    }
    let blind = measured
        .outcome
        .facts
        .images
        .iter()
        .find(|image| image.scan.as_ref().is_some_and(|scan| scan.packages == 0));
    let reason = match (measured.outcome.status, blind) {
        (Status::Inconclusive | Status::Cancelled, _) => measured.reason(),
        (_, Some(image)) => format!("the scanner saw no package in the image {}", image.name),
        _ => return gate,
    };
    let gate = gate.inconclusive("see the step's log; docs/scan.md says what each scanner needs");
    Gate { measured: Measure::Nothing, reason, ..gate }
}

fn severity(finding: &Finding) -> Option<Severity> {
    finding.flaw.as_ref().map(|flaw| flaw.severity)
}

/// `3 below high, 1 waived`.
fn passed(findings: &[Finding], tolerance: Tolerance) -> String {
    let flaws: Vec<&Flaw> = findings.iter().filter_map(|finding| finding.flaw.as_ref()).collect();
    let waived = flaws.iter().filter(|flaw| flaw.waived.is_some()).count();
    let open = flaws.iter().copied().filter(|flaw| flaw.waived.is_none());
    let (below, unfixed): (Vec<&Flaw>, Vec<&Flaw>) =
        open.partition(|flaw| flaw.severity < tolerance.severity);
    let parts = [
        (below.len(), format!("below {}", tolerance.severity.word())),
        (unfixed.len(), "without a version that is mended".to_owned()),
        (waived, "waived".to_owned()),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if parts.is_empty() {
        "nothing was found".to_owned()
    } else {
        format!("no finding counts: {}", parts.join(", "))
    }
}

/// `2 critical, 1 high; 2 of them are mended in a later version; 1 waived`.
fn failed(counted: &[&Finding], findings: &[Finding]) -> String {
    use Severity::{Critical, High, Low, Medium, Unknown};
    let flaws: Vec<&Flaw> = counted.iter().filter_map(|finding| finding.flaw.as_ref()).collect();
    let (ended, open): (Vec<&Flaw>, Vec<&Flaw>) =
        flaws.into_iter().partition(|flaw| flaw.kind == FlawKind::Waiver);
    let of = |severity| open.iter().filter(|flaw| flaw.severity == severity).count();
    let counts = [Critical, High, Medium, Low, Unknown].map(|severity| (of(severity), severity.word()));
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let mut parts = Vec::new();
    if !counts.is_empty() {
        parts.push(counts.join(", "));
    }
    let mended = open.iter().filter(|flaw| flaw.fixed.is_some()).count();
    if mended > 0 {
        parts.push(format!("a later version mends {mended} of them"));
    }
    let waived =
        findings.iter().filter_map(|finding| finding.flaw.as_ref()).filter(|flaw| flaw.waived.is_some());
    match waived.count() {
        0 => {}
        waived => parts.push(format!("{waived} waived")),
    }
    if !ended.is_empty() {
        parts.push(format!("{} ended", plural(ended.len(), "waiver")));
    }
    parts.join("; ")
}

fn remedy(counted: &[&Finding]) -> String {
    let flaws = || counted.iter().filter_map(|finding| finding.flaw.as_ref());
    let of = |kind| flaws().any(|flaw| flaw.kind == kind);
    let upgrade = flaws()
        .find_map(|flaw| Some(format!("upgrade {} to {}", flaw.package.as_ref()?, flaw.fixed.as_ref()?)));
    let mut parts: Vec<String> = upgrade.into_iter().collect();
    if of(FlawKind::Secret) {
        parts.push("revoke the secret, then take it out".to_owned());
    }
    if of(FlawKind::Waiver) {
        parts.push("mend what the ended waivers are about, or renew them".to_owned());
    }
    parts.push("accept what cannot be mended for some time in [[waivers]]".to_owned());
    parts.join("; ")
}

/// `CVE-2099-0001 critical: openssl 1.0.0, mended in 2.0.0 (image app)`.
fn shown(finding: &Finding) -> String {
    let Some(flaw) = &finding.flaw else { return finding.rule.clone() };
    if flaw.kind == FlawKind::Waiver {
        return finding.message.clone();
    }
    let subject = match flaw.subject() {
        subject if subject.is_empty() => finding.place(),
        subject => subject,
    };
    let mended = flaw.fixed.as_ref().map(|fixed| format!(", mended in {fixed}")).unwrap_or_default();
    format!("{} {}: {subject}{mended} ({})", finding.rule, flaw.severity.word(), flaw.targets.join(", "))
}

#[cfg(test)]
mod tests;
