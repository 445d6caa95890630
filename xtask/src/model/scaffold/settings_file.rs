//! The first settings of a repository: few, and with the reason for each.

use super::project::{Program, Project};
use super::template::{Values, escaped, render};

const TEMPLATE: &str = include_str!("templates/slipway.toml");

/// The text of `slipway.toml`.
pub(super) fn text(project: &Project) -> String {
    let mut values = Values::default().with("command", project.toolkit.command());
    if let Some(Program { package, bin }) = &project.image {
        values = values.with("image", "").with("package", &escaped(package));
        if let Some(bin) = bin {
            values = values.with("bin", &escaped(bin));
        }
    }
    if let Some(release) = project.checked_release() {
        let toolkit = project.toolkit_version.to_string();
        values = values.with("release", &release.to_string()).with("toolkit", &toolkit);
    }
    render(TEMPLATE, &values)
}
