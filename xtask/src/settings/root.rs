//! The settings as a whole.

use serde::{Deserialize, Serialize};

use super::cargo::Cargo;
use super::coverage::Coverage;
use super::folder::Folder;
use super::github::GitHub;
use super::image::{Image, OneImage};
use super::lint::Lint;
use super::release::Release;
use super::run::Run;
use super::scan::Scan;
use super::smoke::Smoke;
use super::step::CustomStep;
use super::test::Test;
use crate::model::gate::Mode;
use crate::model::waiver::Waiver;

/// Settings of the Slipway pipeline of a repository: `slipway.toml` in its root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Whether failing gates fail the run. `report-only` makes every gate report and none block, whatever the modes
    /// below say.
    pub mode: Mode,
    /// How a run goes.
    pub run: Run,
    /// Where reports go.
    pub reports: Reports,
    /// What cargo builds; holds for linting and for testing.
    pub cargo: Cargo,
    /// Linters.
    pub lint: Lint,
    /// Tests.
    pub test: Test,
    /// Coverage of the sources by tests.
    pub coverage: Coverage,
    /// Container images.
    pub image: Image,
    /// What is looked for in images and in what they are made of.
    pub scan: Scan,
    /// What jobs on GitHub hand to each other.
    pub github: GitHub,
    /// Releases.
    pub release: Release,
    /// Images, each an `[[images]]` table.
    #[serde(default)]
    pub images: Vec<OneImage>,
    /// Runs of images, each a `[[smoke]]` table.
    #[serde(default)]
    pub smoke: Vec<Smoke>,
    /// Findings that are known and accepted, each a `[[waivers]]` table.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
    /// Steps of your own, each a `[[steps]]` table.
    #[serde(default)]
    pub steps: Vec<CustomStep>,
}

/// Where reports go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reports {
    /// The folder that all reports are written to.
    pub folder: Folder,
}
