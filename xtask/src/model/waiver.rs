//! Waivers: findings that are known and accepted until a day. A waiver that has ended accepts nothing and is a finding itself.
//! The day is given: nothing here looks at a clock.

mod glob;
mod words;

use serde::{Deserialize, Serialize};

pub use glob::Glob;
pub use words::Words;

use super::day::Day;
use super::finding::{Finding, Level, Location};
use super::flaw::{Flaw, FlawKind};
use super::scan::united;
use super::severity::Severity;
use crate::kit::text::plural;

/// From so many days before its end on a waiver is pointed at.
pub const NOTICE: i64 = 14;

/// The rule of a waiver that has ended.
pub const EXPIRED: &str = "waiver-expired";

/// Something that is known and accepted until a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Waiver {
    /// What: an id such as `CVE-2099-0001`, or a glob such as `CVE-2099-*`.
    pub id: Glob,
    /// Where: a glob over packages (`openssl`, `openssl@1.0.0`), files and images; everywhere when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Glob>,
    /// Why.
    pub reason: Words,
    /// Who answers for it.
    pub owner: Words,
    /// The last day that it holds.
    pub until: Day,
}

impl Waiver {
    /// Whether it is about this finding, by its id or another id of the same.
    #[must_use]
    pub fn is_about(&self, finding: &Finding) -> bool {
        let Some(flaw) = &finding.flaw else { return false };
        let mut ids = std::iter::once(&finding.rule).chain(&flaw.aliases);
        ids.any(|id| self.id.is_match(id))
            && self
                .scope
                .as_ref()
                .is_none_or(|scope| places(finding, flaw).any(|place| scope.is_match(&place)))
    }

    /// Why a finding is accepted, as reports show it.
    fn acceptance(&self) -> String {
        format!("{} ({}, until {})", self.reason, self.owner, self.until)
    }

    /// `CVE-2099-0001 in openssl`.
    fn name(&self) -> String {
        let scope = self.scope.as_ref().map(|scope| format!(" in {scope}"));
        format!("{}{}", self.id, scope.unwrap_or_default())
    }
}

/// All that a scope can name.
fn places<'a>(finding: &'a Finding, flaw: &'a Flaw) -> impl Iterator<Item = String> + 'a {
    let package = flaw.package.clone().into_iter();
    let versioned = flaw.package.iter().zip(&flaw.version).map(|(name, version)| format!("{name}@{version}"));
    let path = finding.location.iter().map(|location| location.path.clone());
    package.chain(versioned).chain(path).chain(flaw.targets.iter().cloned())
}

/// Whether all findings that there are have been found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Complete {
    /// They have.
    Yes,
    /// Something kept the scan from seeing everything.
    No,
}

/// What came of applying waivers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What was accepted: the finding, why, by whom, until when.
    pub waived: Vec<String>,
    /// What somebody should know: waivers that end soon, and those that waive nothing any more.
    pub notes: Vec<String>,
}

/// Marks the findings that are accepted on a day, unites those that several scans found, and adds one finding for each waiver
/// that has ended. They are united last: a waiver of one image accepts nothing of another image with the same flaw. `settings`
/// is the file that the waivers stand in.
pub fn apply(
    waivers: &[Waiver],
    findings: &mut Vec<Finding>,
    today: Day,
    complete: Complete,
    settings: &str,
) -> Applied {
    let mut applied = Applied::default();
    let mut expired = Vec::new();
    for waiver in waivers {
        let left = today.days_until(waiver.until);
        let about: Vec<&mut Finding> =
            findings.iter_mut().filter(|finding| waiver.is_about(finding)).collect();
        if left < 0 {
            let about = united(about.into_iter().map(|finding| finding.clone()).collect());
            expired.push(ended(waiver, about.len(), settings));
            continue;
        }
        if about.is_empty() && complete == Complete::Yes {
            applied
                .notes
                .push(format!("the waiver of {} waives nothing any more: take it out", waiver.name()));
        } else if left <= NOTICE {
            let when = if left == 0 { "today".to_owned() } else { format!("in {}", days(left)) };
            applied.notes.push(format!(
                "the waiver of {} ends {when}, on {}; {} answers for it",
                waiver.name(),
                waiver.until,
                waiver.owner
            ));
        }
        for flaw in about.into_iter().filter_map(|finding| finding.flaw.as_mut()) {
            flaw.waived.get_or_insert_with(|| waiver.acceptance());
        }
    }
    *findings = united(std::mem::take(findings));
    applied.waived = findings.iter().filter_map(accepted).collect();
    findings.extend(expired);
    applied
}

/// `CVE-2099-0001 openssl 1.0.0: why (who, until when)`; none of a finding that is not accepted.
fn accepted(finding: &Finding) -> Option<String> {
    let flaw = finding.flaw.as_ref()?;
    let (waived, subject) = (flaw.waived.as_ref()?, flaw.subject());
    let space = if subject.is_empty() { "" } else { " " };
    Some(format!("{}{space}{subject}: {waived}", finding.rule))
}

fn ended(waiver: &Waiver, about: usize, settings: &str) -> Finding {
    let what = match about {
        0 => "it waives nothing any more: take it out".to_owned(),
        1 => "1 finding counts again: mend it, or renew the waiver".to_owned(),
        about => format!("{} count again: mend them, or renew the waiver", plural(about, "finding")),
    };
    let message = format!(
        "the waiver of {} ended on {}; {} answers for it; {what}",
        waiver.name(),
        waiver.until,
        waiver.owner
    );
    let finding = Finding::new("image.scan", EXPIRED, Level::Error, message);
    let flaw = Flaw::new(FlawKind::Waiver, Severity::Unknown, settings);
    Finding { flaw: Some(flaw), ..finding }.at(Location::at(settings, 1, 1))
}

fn days(days: i64) -> String {
    plural(usize::try_from(days).unwrap_or_default(), "day")
}

#[cfg(test)]
pub(crate) mod tests;
