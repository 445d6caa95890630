//! What a repository gets so that this pipeline runs in it: settings, workflows, an alias and the package behind it.
//!
//! The templates are files. This repository's own workflows come from them too, and a test holds them equal.

pub mod addition;
pub mod address;
pub mod draft;
pub mod names;
mod project;
mod settings_file;
mod template;

pub use self::project::{NAMES, Program, Project, Toolkit};

use self::addition::Addition;
use self::draft::{Body, Draft};
use self::template::{Values, render};

const CI: &str = include_str!("scaffold/templates/ci.yml");
const CD: &str = include_str!("scaffold/templates/cd.yml");
const RELEASE: &str = include_str!("scaffold/templates/release.yml");
const MANIFEST: &str = include_str!("scaffold/templates/toolkit.toml");
const MAIN: &str = include_str!("scaffold/templates/main.rs.in");

/// The files that the repository should have, in the order of their importance to a reader.
#[must_use]
pub fn drafts(project: &Project) -> Vec<Draft> {
    let mut drafts =
        vec![Draft { path: "slipway.toml".to_owned(), body: Body::Start(settings_file::text(project)) }];
    if let Toolkit::New(name, source) = &project.toolkit {
        let values = source.add_to(Values::default().with("command", name));
        let file = |path: &str, template| Draft {
            path: format!("{name}/{path}"),
            body: Body::Start(render(template, &values)),
        };
        drafts.extend([file("Cargo.toml", MANIFEST), file("src/main.rs", MAIN)]);
    }
    if project.toolkit != Toolkit::Itself {
        let alias = Addition::Alias(project.toolkit.command());
        drafts.push(Draft { path: ".cargo/config.toml".to_owned(), body: Body::Addition(alias) });
    }
    drafts.extend(
        workflows(project)
            .map(|(name, text)| Draft { path: format!(".github/workflows/{name}"), body: Body::Whole(text) }),
    );
    let mut ignored = vec!["/reports/".to_owned()];
    if project.toolkit != Toolkit::Itself {
        ignored.push(format!("/{}/target/", project.toolkit.command()));
    }
    let ignored = Addition::Ignored(ignored);
    drafts.push(Draft { path: ".gitignore".to_owned(), body: Body::Addition(ignored) });
    drafts
}

/// The workflows by file name.
#[must_use]
pub fn workflows(project: &Project) -> [(&'static str, String); 3] {
    let mut values = Values::default().with("branch", project.branch.as_str());
    if let Some(release) = project.tested_release() {
        values = values.with("rust-version", &release.to_string());
    }
    if project.has_images {
        values = values.with("images", "");
    }
    if project.has_tools {
        values = values.with("tools", "");
    }
    if project.toolkit != Toolkit::Itself {
        values = values.with("package", "").with("command", project.toolkit.command());
    }
    [("ci.yml", CI), ("cd.yml", CD), ("release.yml", RELEASE)].map(|(name, template)| {
        let text = render(template, &values);
        // Only one is taken elsewhere.
        let command = format!("cargo {} ", project.toolkit.command());
        (name, text.replace("cargo xtask ", &command))
    })
}

#[cfg(test)]
mod tests;
