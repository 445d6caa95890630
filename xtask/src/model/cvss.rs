//! How bad a vulnerability is by its CVSS vector, as RustSec's advisories carry one. Source: CVSS v3.1 specification, section 7
//! and appendix A. Vectors of version 2 and 4 are not computed here.

use super::severity::Severity;

/// The severity of a vector of CVSS 3.0 or 3.1; none for any other text.
#[must_use]
pub fn severity(vector: &str) -> Option<Severity> {
    let metrics = vector.strip_prefix("CVSS:3.1/").or_else(|| vector.strip_prefix("CVSS:3.0/"))?;
    // Tenths, so that the edges between the words are exact.
    let tenths = base_score(metrics)?;
    Some(match tenths {
        0 => Severity::Unknown,
        1..40 => Severity::Low,
        40..70 => Severity::Medium,
        70..90 => Severity::High,
        _ => Severity::Critical,
    })
}

/// The base score in tenths, from 0 to 100.
fn base_score(metrics: &str) -> Option<u32> {
    let metric = |name: &str| {
        let mut metrics = metrics.split('/').filter_map(|metric| metric.split_once(':'));
        metrics.find_map(|(key, value)| (key == name).then_some(value))
    };
    let changed = match metric("S")? {
        "C" => true,
        "U" => false,
        _ => return None,
    };
    let vector = weight(metric("AV")?, &[("N", 0.85), ("A", 0.62), ("L", 0.55), ("P", 0.2)])?;
    let complexity = weight(metric("AC")?, &[("L", 0.77), ("H", 0.44)])?;
    let (low, high) = if changed { (0.68, 0.5) } else { (0.62, 0.27) };
    let privileges = weight(metric("PR")?, &[("N", 0.85), ("L", low), ("H", high)])?;
    let interaction = weight(metric("UI")?, &[("N", 0.85), ("R", 0.62)])?;
    let impact = |name| weight(metric(name)?, &[("H", 0.56), ("L", 0.22), ("N", 0.0)]);
    let left = (1.0 - impact("C")?) * (1.0 - impact("I")?) * (1.0 - impact("A")?);
    let base: f64 = 1.0 - left;
    let impact = if changed { 7.52 * (base - 0.029) - 3.25 * (base - 0.02).powi(15) } else { 6.42 * base };
    if impact <= 0.0 {
        return Some(0);
    }
    let sum = impact + 8.22 * vector * complexity * privileges * interaction;
    Some(round_up(if changed { 1.08 * sum } else { sum }))
}

fn weight(value: &str, weights: &[(&str, f64)]) -> Option<f64> {
    weights.iter().find_map(|(name, weight)| (*name == value).then_some(*weight))
}

/// Tenths, rounded up as the specification's appendix does it, without the noise of binary fractions.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a score is between 0 and 10 here, and so this between 0 and a million"
)]
fn round_up(score: f64) -> u32 {
    let fine = (score.clamp(0.0, 10.0) * 100_000.0).round() as u32;
    fine.div_ceil(10_000)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Scores from the examples of the specification.
    #[test]
    fn scores_are_those_of_the_specification() {
        for (vector, tenths) in [
            ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 61),
            ("AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 64),
            ("AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 31),
            ("AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 78),
            ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 75),
            ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 98),
            ("AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", 100),
            ("AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0),
        ] {
            assert_eq!(base_score(vector), Some(tenths), "{vector}");
        }
        assert_eq!(severity("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), Some(Severity::Critical));
        assert_eq!(severity("CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N"), Some(Severity::Low));
    }

    #[test]
    fn what_is_no_such_vector_has_no_severity() {
        for text in [
            "",
            "9.8",
            "CVSS:3.1/",
            "CVSS:3.1/AV:N",
            "CVSS:4.0/AV:N/AC:L",
            "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        ] {
            assert_eq!(severity(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in any::<String>(), metrics in "(/(AV|AC|PR|UI|S|C|I|A):[NLHCURAP]){0,9}") {
            let _ = severity(&text);
            let _ = severity(&format!("CVSS:3.1{metrics}"));
        }
    }
}
