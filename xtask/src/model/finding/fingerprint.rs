//! What makes a finding the same one tomorrow: its rule, file and words, but no line number.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Finding;
use crate::kit::text::hex;

/// Gives fingerprints in the order of the findings; equal ones are told apart by their place in that order.
#[derive(Debug, Default)]
pub struct Fingerprints {
    seen: HashMap<[u8; 32], u32>,
}

impl Fingerprints {
    /// SHA-256 in hexadecimal over step, rule, path, message with all numbers alike, and the occurrence.
    #[must_use]
    pub fn next(&mut self, finding: &Finding) -> String {
        let path = finding.location.as_ref().map_or("", |location| location.path.as_str());
        let message = without_digits(&finding.message);
        let mut hash = Sha256::new();
        for part in [finding.step.as_str(), &finding.rule, path, &message] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let occurrence = self.seen.entry(hash.clone().finalize().into()).or_insert(0);
        hash.update(occurrence.to_le_bytes());
        *occurrence += 1;
        hex(&hash.finalize())
    }
}

/// Each run of digits becomes one `0`: a count or a line in the words does not make another finding.
fn without_digits(message: &str) -> String {
    let mut text = String::with_capacity(message.len());
    for c in message.chars() {
        match c.is_ascii_digit() {
            true if text.ends_with('0') => {}
            true => text.push('0'),
            false => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::{Level, Location};

    fn finding(message: &str, line: u32) -> Finding {
        Finding::new("lint.clippy", "r", Level::Warning, message).at(Location::at("a.rs", line, 1))
    }

    fn of(findings: &[Finding]) -> Vec<String> {
        let mut fingerprints = Fingerprints::default();
        findings.iter().map(|finding| fingerprints.next(finding)).collect()
    }

    #[test]
    fn moving_lines_and_changing_counts_keep_it() {
        assert_eq!(of(&[finding("complexity of 31", 3)]), of(&[finding("complexity of 7", 90)]));
        assert_ne!(of(&[finding("a", 3)]), of(&[finding("b", 3)]));
    }

    #[test]
    fn equal_findings_differ_by_their_place_in_order() {
        let (before, after) =
            (of(&[finding("a", 3), finding("a", 9)]), of(&[finding("a", 4), finding("a", 10)]));
        assert_eq!(before, after);
        assert_ne!(before[0], before[1]);
    }
}
