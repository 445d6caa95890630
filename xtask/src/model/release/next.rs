//! Which version comes next.

use semver::{Prerelease, Version};

use super::change::{Change, Kind};
use super::tag::Released;

/// How much changes ask of a version. Source: Semantic Versioning 2.0.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bump {
    /// Nobody who uses it would notice.
    Nothing,
    /// Something was mended, or does not say what it is.
    Patch,
    /// Something is new.
    Minor,
    /// Users have to change something.
    Major,
}

/// The releases that the next one follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Last {
    /// The highest that is no pre-release.
    pub stable: Option<Released>,
    /// The highest of all.
    pub any: Option<Released>,
}

impl Last {
    /// The last of these releases, the lowest first.
    #[must_use]
    pub fn of(released: &[Released]) -> Self {
        let stable = released.iter().rev().find(|one| one.version.pre.is_empty());
        Self { stable: stable.cloned(), any: released.last().cloned() }
    }
}

/// How much these changes ask for.
#[must_use]
pub fn bump(changes: &[Change]) -> Bump {
    let of = |change: &Change| match change.kind {
        _ if change.breaking.is_some() => Bump::Major,
        Kind::Feature => Bump::Minor,
        Kind::Fix | Kind::Performance | Kind::Revert | Kind::Other => Bump::Patch,
        Kind::Documentation | Kind::Internal => Bump::Nothing,
    };
    changes.iter().map(of).max().unwrap_or(Bump::Nothing)
}

/// The version after the last stable one. Before 1.0.0 cargo takes the leftmost number that is not zero for the major one, so a
/// breaking change raises that, and a new feature the one behind it. Source: the Cargo book, "`SemVer` Compatibility".
#[must_use]
fn raised(last: &Version, bump: Bump) -> Version {
    let Version { major, minor, patch, .. } = *last;
    match (major, minor, bump) {
        (_, _, Bump::Nothing) => Version::new(major, minor, patch),
        (0, 0, _) => Version::new(0, 0, patch.saturating_add(1)),
        (0, _, Bump::Major) => Version::new(0, minor.saturating_add(1), 0),
        (0, ..) | (_, _, Bump::Patch) => Version::new(major, minor, patch.saturating_add(1)),
        (_, _, Bump::Minor) => Version::new(major, minor.saturating_add(1), 0),
        (_, _, Bump::Major) => Version::new(major.saturating_add(1), 0, 0),
    }
}

/// The next version: what the changes since the last stable release ask for, or what the manifests say already when that is no
/// less. Without any release yet, or when nothing else asks for one and they say a higher version, it is what the manifests say. With `pre` it is the next pre-release of it: `rc` gives
/// `-rc.1`, then `-rc.2`. None when nothing asks for one.
#[must_use]
pub fn next(
    released: &[Released],
    changes: &[Change],
    manifest: &Version,
    pre: Option<&str>,
) -> Option<Version> {
    let core = |version: &Version| Version::new(version.major, version.minor, version.patch);
    let last = Last::of(released);
    let wanted = match (&last.stable, bump(changes)) {
        (Some(last), Bump::Nothing) if core(manifest) <= last.version => return None,
        (Some(last), bump) => raised(&last.version, bump).max(core(manifest)),
        (None, _) => core(manifest),
    };
    let Some(pre) = pre else {
        // Somebody who wrote a pre-release into the manifests wants that one.
        let is_candidate = !manifest.pre.is_empty() && core(manifest) == wanted;
        let is_new = released.iter().all(|one| one.version < *manifest);
        return Some(if is_candidate && is_new { manifest.clone() } else { wanted });
    };
    let number = |version: &Version| {
        let (word, number) = version.pre.as_str().rsplit_once('.')?;
        (core(version) == wanted && word == pre).then(|| number.parse::<u64>().ok())?
    };
    let highest = released.iter().filter_map(|one| number(&one.version)).max().unwrap_or(0);
    let pre = Prerelease::new(&format!("{pre}.{}", highest.saturating_add(1))).ok()?;
    Some(Version { pre, ..wanted })
}

/// Whether a version may follow: it is new, and higher than the last stable release of its own line or of all.
///
/// # Errors
/// In one sentence, why not.
pub fn is_wanted(version: &Version, released: &[Released]) -> Result<(), String> {
    if let Some(same) = released.iter().find(|one| one.version == *version) {
        return Err(format!("{version} is released already, by the tag `{}`", same.tag));
    }
    let is_line = |one: &&Released| one.version.major == version.major && one.version.minor == version.minor;
    match released.iter().rfind(is_line) {
        Some(last) if last.version > *version => {
            Err(format!("{version} is lower than {}, which is released", last.version))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn change(kind: Kind, breaking: bool) -> Change {
        Change {
            sha: String::new(),
            kind,
            scope: None,
            text: "x".to_owned(),
            breaking: breaking.then(|| "y".to_owned()),
            pull_request: None,
        }
    }

    fn released(versions: &[&str]) -> Vec<Released> {
        Released::all(&versions.iter().map(ToString::to_string).collect::<Vec<_>>(), "")
    }

    fn after(versions: &[&str], changes: &[Change], manifest: &str, pre: Option<&str>) -> Option<String> {
        next(&released(versions), changes, &manifest.parse().unwrap(), pre).map(|version| version.to_string())
    }

    #[test]
    fn each_kind_of_change_raises_what_semver_and_cargo_say() {
        let (fix, feat) = (change(Kind::Fix, false), change(Kind::Feature, false));
        let breaking = change(Kind::Internal, true);
        for (last, fixed, added, broken) in [
            ("1.2.3", "1.2.4", "1.3.0", "2.0.0"),
            ("0.2.3", "0.2.4", "0.2.4", "0.3.0"),
            ("0.0.3", "0.0.4", "0.0.4", "0.0.4"),
        ] {
            for (change, expected) in [(&fix, fixed), (&feat, added), (&breaking, broken)] {
                let next = after(&[last], std::slice::from_ref(change), last, None);
                assert_eq!(next.as_deref(), Some(expected), "{last} {change:?}");
            }
        }
        assert_eq!(after(&["1.2.3"], &[feat, fix], "1.2.3", None).as_deref(), Some("1.3.0"));
    }

    #[test]
    fn changes_that_nobody_notices_are_no_release() {
        let quiet = [change(Kind::Internal, false), change(Kind::Documentation, false)];
        assert_eq!(after(&["1.2.3"], &quiet, "1.2.3", None), None);
        assert_eq!(after(&["1.2.3"], &[], "1.2.3", Some("rc")), None);
        assert_eq!(after(&["1.2.3"], &quiet, "1.2.2", None), None);
        // Somebody asks for it in the manifests.
        assert_eq!(after(&["1.2.3"], &quiet, "1.3.0", None).as_deref(), Some("1.3.0"));
        assert_eq!(after(&["1.2.3"], &quiet, "1.3.0-rc.1", None).as_deref(), Some("1.3.0-rc.1"));
        assert_eq!(after(&["1.2.3"], &[change(Kind::Other, false)], "1.2.3", None).as_deref(), Some("1.2.4"));
    }

    #[test]
    fn the_first_release_and_a_raised_manifest_say_it_themselves() {
        let fix = [change(Kind::Fix, false)];
        assert_eq!(after(&[], &fix, "0.1.0", None).as_deref(), Some("0.1.0"));
        assert_eq!(after(&["1.2.3"], &fix, "2.0.0", None).as_deref(), Some("2.0.0"));
        assert_eq!(after(&["1.2.3"], &fix, "1.0.0", None).as_deref(), Some("1.2.4"));
    }

    #[test]
    fn pre_releases_are_counted_until_the_release() {
        let feat = [change(Kind::Feature, false)];
        assert_eq!(after(&["1.2.3"], &feat, "1.2.3", Some("rc")).as_deref(), Some("1.3.0-rc.1"));
        let two = ["1.2.3", "1.3.0-rc.1", "1.3.0-rc.9", "1.3.0-beta.12"];
        assert_eq!(after(&two, &feat, "1.2.3", Some("rc")).as_deref(), Some("1.3.0-rc.10"));
        assert_eq!(after(&two, &feat, "1.2.3", None).as_deref(), Some("1.3.0"));
        assert_eq!(
            after(&two, &[change(Kind::Fix, true)], "1.2.3", Some("rc")).as_deref(),
            Some("2.0.0-rc.1")
        );
        assert_eq!(after(&["1.2.3"], &feat, "1.3.0-rc.1", None).as_deref(), Some("1.3.0-rc.1"));
        assert_eq!(after(&["1.2.3", "1.3.0-rc.1"], &feat, "1.3.0-rc.1", None).as_deref(), Some("1.3.0"));
        assert_eq!(after(&["1.2.3"], &feat, "1.2.3", Some("no blank")), None);
    }

    #[test]
    fn a_version_is_released_once_and_its_line_goes_up() {
        let there = released(&["1.2.3", "2.0.0"]);
        let wanted = |version: &str| is_wanted(&version.parse().unwrap(), &there);
        // A line that is older goes on.
        assert!(wanted("1.2.4").is_ok() && wanted("2.0.1").is_ok() && wanted("1.3.0").is_ok());
        assert!(wanted("2.0.0").unwrap_err().contains("released already"));
        assert!(wanted("1.2.2").unwrap_err().contains("lower than 1.2.3"));
    }

    proptest! {
        #[test]
        fn the_next_version_is_higher(major in 0_u64..3, minor in 0_u64..3, patch in 0_u64..3, kind in 0_usize..4, breaking: bool, pre in proptest::option::of("[a-z]{1,4}")) {
            let kind = [Kind::Feature, Kind::Fix, Kind::Performance, Kind::Other][kind];
            let last = Version::new(major, minor, patch);
            let there = [Released { version: last.clone(), tag: String::new() }];
            let next = next(&there, &[change(kind, breaking)], &last, pre.as_deref()).unwrap();
            prop_assert!(next > last, "{} {}", next, last);
            prop_assert!(is_wanted(&next, &there).is_ok());
        }
    }
}
