//! `[lint]`: which linters run and from when on their findings count.

use serde::{Deserialize, Serialize};

use crate::model::finding::Level;
use crate::model::gate::Mode;

/// Linters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lint {
    /// Whether findings fail the run. `report-only` makes every linter report and none block.
    pub mode: Mode,
    /// The level from which findings count; lower ones are only shown.
    pub level: Level,
    /// Formatting of Rust, by `cargo fmt`.
    pub fmt: Linter,
    /// Rust code, by `cargo clippy`.
    pub clippy: Linter,
    /// Documentation of Rust code, by `cargo doc`.
    pub rustdoc: Linter,
    /// Licences, advisories and sources of dependencies, by `cargo deny`.
    pub deny: Linter,
    /// Spelling, by `typos`.
    pub typos: Linter,
    /// Formatting of TOML files, by `taplo`.
    pub taplo: Linter,
    /// Dockerfiles, by `hadolint`.
    pub hadolint: Linter,
    /// Security of GitHub workflows, by `zizmor`.
    pub zizmor: Linter,
    /// Correctness of GitHub workflows, by `actionlint`.
    pub actionlint: Linter,
    /// Shell scripts, by `shellcheck`.
    pub shellcheck: Linter,
}

impl Lint {
    /// The settings of a linter by its id, such as `clippy`; none when there is no such linter.
    #[must_use]
    pub fn linter(&self, id: &str) -> Option<&Linter> {
        match id {
            "fmt" => Some(&self.fmt),
            "clippy" => Some(&self.clippy),
            "rustdoc" => Some(&self.rustdoc),
            "deny" => Some(&self.deny),
            "typos" => Some(&self.typos),
            "taplo" => Some(&self.taplo),
            "hadolint" => Some(&self.hadolint),
            "zizmor" => Some(&self.zizmor),
            "actionlint" => Some(&self.actionlint),
            "shellcheck" => Some(&self.shellcheck),
            _ => None,
        }
    }
}

/// One linter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Linter {
    /// When it runs.
    pub enabled: Enabled,
    /// Whether its findings fail the run; `lint.mode` and `mode` must say so too.
    pub mode: Mode,
    /// Further arguments for the linter.
    pub args: Vec<String>,
}

/// When a linter runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Enabled {
    /// When the tool is installed and there is something for it to look at; otherwise it is skipped, and said so.
    Auto,
    /// Always; when the tool is missing the result is inconclusive.
    Always,
    /// Never.
    Never,
}

#[cfg(test)]
mod tests {
    use crate::settings::load::tests::loaded;
    use crate::settings::schema::Node;

    #[test]
    fn every_linter_of_the_schema_is_found_by_its_id() {
        let lint = loaded("").settings.lint;
        let section = Node::root().child("lint").unwrap();
        let ids = section.properties().filter(|(_, node)| node.is_section());
        let ids: Vec<&str> = ids.map(|(id, _)| id).collect();
        assert_eq!(ids.len(), 10);
        assert!(ids.iter().all(|id| lint.linter(id).is_some()));
        assert_eq!(lint.linter("mode"), None);
    }
}
