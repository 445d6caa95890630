//! What a repository is like, as far as it decides what it gets.

use super::address::Source;
use super::names::{Branch, Release};

/// The name of the alias and of the folder, and the one where the first is taken by something else.
pub const NAMES: [&str; 2] = ["xtask", "slipway"];

/// What is known of a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The branch that others start from.
    pub branch: Branch,
    /// The oldest compiler that all of its packages want to be built by.
    pub rust_version: Option<Release>,
    /// The oldest compiler that the toolkit is built by.
    pub toolkit_version: Release,
    /// The image that its Dockerfile makes, when there is no doubt about the program in it.
    pub image: Option<Program>,
    /// It has images, whether or not the settings are ours to write.
    pub has_images: bool,
    /// It has an action of its own, `.github/actions/tools`, that installs what its runs need.
    pub has_tools: bool,
    /// How it calls the toolkit.
    pub toolkit: Toolkit,
}

/// A program of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The package.
    pub package: String,
    /// The program, where the package has several.
    pub bin: Option<String>,
}

/// How a repository comes to the toolkit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Toolkit {
    /// It is the toolkit.
    Itself,
    /// It has a package for it, in a folder of this name, which is that of the alias too.
    Present(&'static str),
    /// It gets a package in a folder of this name.
    New(&'static str, Source),
}

impl Toolkit {
    /// The name behind `cargo`.
    #[must_use]
    pub fn command(&self) -> &'static str {
        match self {
            Self::Itself => NAMES[0],
            Self::Present(name) | Self::New(name, _) => name,
        }
    }
}

impl Project {
    /// The release that a job of its own tests with, unless the toolkit cannot be built by it.
    #[must_use]
    pub fn tested_release(&self) -> Option<&Release> {
        self.rust_version.as_ref().filter(|release| **release >= self.toolkit_version)
    }

    /// The release that only a step can check with, as the toolkit cannot be built by it.
    #[must_use]
    pub fn checked_release(&self) -> Option<&Release> {
        self.rust_version.as_ref().filter(|release| **release < self.toolkit_version)
    }
}
