//! The configuration that nextest gets from us, below the repository's own, and where its report is then.
//!
//! Nextest looks a value up first in the chosen profile and then in the ones it inherits from, `default` at last; and in
//! each of them first in `.config/nextest.toml`, then in a tool's file
//! (<https://nexte.st/docs/configuration/#hierarchical-configuration>; held against nextest 0.9.143). So the time
//! limit stands in our `default` profile, where any limit of the repository's beats it, and the report's place
//! in the chosen profile, where only that very profile of the repository can.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::{Table, Value};

/// When a single test is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How long a test may run.
    pub timeout: Duration,
    /// How long it has to end by itself after SIGTERM, before it is killed.
    pub grace: Duration,
}

/// The text of the file for `--tool-config-file`. `junit` is the place of the report, absolute.
///
/// Ignored tests are in the report from nextest 0.9.143 on; older ones warn of the unknown key and leave them out.
#[must_use]
pub fn tool_config(junit: &Path, limit: Option<Limit>, profile: &str) -> String {
    let mut junit_table = Table::new();
    junit_table.insert("path".to_owned(), Value::String(junit.display().to_string()));
    junit_table.insert("report-skipped".to_owned(), Value::String("ignored".to_owned()));
    let mut chosen = Table::new();
    chosen.insert("junit".to_owned(), Value::Table(junit_table));
    let mut profiles = Table::new();
    profiles.insert(profile.to_owned(), Value::Table(chosen));
    if let Some(limit) = limit {
        let mut slow = Table::new();
        slow.insert("period".to_owned(), Value::String(milliseconds(limit.timeout)));
        slow.insert("terminate-after".to_owned(), Value::Integer(1));
        slow.insert("grace-period".to_owned(), Value::String(milliseconds(limit.grace)));
        let default = profiles.entry("default").or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(default) = default {
            default.insert("slow-timeout".to_owned(), Value::Table(slow));
        }
    }
    let mut file = Table::new();
    file.insert("profile".to_owned(), Value::Table(profiles));
    file.to_string()
}

fn milliseconds(duration: Duration) -> String {
    // Nextest refuses a period of nothing.
    format!("{}ms", duration.as_millis().max(1))
}

/// Where the report is: at `ours`, unless the chosen profile of the repository's `.config/nextest.toml` (its text,
/// if there is one) sets a path, which is relative to `STORE/PROFILE`.
///
/// The store is `target/nextest` below `root`, also when cargo builds elsewhere, or the repository's `store.dir`.
#[must_use]
pub fn find(repository: Option<&str>, root: &Path, profile: &str, ours: &Path) -> PathBuf {
    // What nextest cannot read either is nextest's to complain of.
    let config: Table = repository.and_then(|text| text.parse().ok()).unwrap_or_default();
    let text = |keys: &[&str]| {
        let (first, rest) = keys.split_first()?;
        let value = rest.iter().try_fold(config.get(*first)?, |value, key| value.get(*key))?;
        value.as_str().map(str::to_owned)
    };
    let Some(path) = text(&["profile", profile, "junit", "path"]) else { return ours.to_owned() };
    let store = text(&["store", "dir"]).unwrap_or_else(|| "target/nextest".to_owned());
    root.join(store).join(profile).join(path)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: Limit = Limit { timeout: Duration::from_secs(90), grace: Duration::from_millis(500) };

    fn parsed(profile: &str, limit: Option<Limit>) -> Table {
        tool_config(Path::new("/w/out/junit.xml"), limit, profile).parse().unwrap()
    }

    #[test]
    fn the_limit_stands_below_and_the_report_in_the_chosen_profile() {
        let config = parsed("ci", Some(LIMIT));
        let slow = &config["profile"]["default"]["slow-timeout"];
        assert_eq!(slow["period"].as_str(), Some("90000ms"));
        assert_eq!(
            (slow["terminate-after"].as_integer(), slow["grace-period"].as_str()),
            (Some(1), Some("500ms"))
        );
        assert_eq!(config["profile"]["ci"]["junit"]["path"].as_str(), Some("/w/out/junit.xml"));
        assert_eq!(config["profile"]["ci"]["junit"]["report-skipped"].as_str(), Some("ignored"));
        let default = parsed("default", Some(LIMIT));
        assert!(default["profile"]["default"].get("junit").is_some());
        assert!(default["profile"]["default"].get("slow-timeout").is_some());
        assert!(parsed("ci", None)["profile"].get("default").is_none());
    }

    #[test]
    fn a_path_of_the_repository_wins_in_the_same_profile_only() {
        let (root, ours) = (Path::new("/w"), Path::new("/w/out/junit.xml"));
        let found = |text: &str| find(Some(text), root, "ci", ours);
        assert_eq!(find(None, root, "ci", ours), ours);
        assert_eq!(found("[profile.default.junit]\npath = 'd.xml'"), ours);
        assert_eq!(found("[profile.ci.junit]\npath = 'j.xml'"), Path::new("/w/target/nextest/ci/j.xml"));
        assert_eq!(found("[profile.ci.junit]\npath = '/abs/j.xml'"), Path::new("/abs/j.xml"));
        let stored = "[store]\ndir = 'elsewhere'\n[profile.ci.junit]\npath = 'j.xml'";
        assert_eq!(found(stored), Path::new("/w/elsewhere/ci/j.xml"));
        assert_eq!(found("not = [toml"), ours);
    }

    proptest! {
        #[test]
        fn any_profile_and_path_make_a_file_that_reads_back(profile in "[^\0]{1,12}", path in "[^\0]{1,20}") {
            let config: Table = tool_config(Path::new(&path), Some(LIMIT), &profile).parse().unwrap();
            prop_assert_eq!(config["profile"][&profile]["junit"]["path"].as_str(), Some(path.as_str()));
        }

        #[test]
        fn any_configuration_is_survived(text in any::<String>(), profile in any::<String>()) {
            let _ = find(Some(&text), Path::new("/"), &profile, Path::new("/o"));
        }
    }
}
