//! What templates are made of.

use chrono_tz::Tz;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tags) enum Node {
    Text(String),
    Name(Name),
    Date { of: Moment, format: String, zone: Tz },
    If { condition: Name, then: Vec<Node>, otherwise: Vec<Node> },
}

/// Whose time a date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tags) enum Moment {
    Run,
    Commit,
}

/// What an expression may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tags) enum Name {
    Branch,
    Tag,
    Sha,
    BaseRef,
    IsDefaultBranch,
    IsNotDefaultBranch,
    Raw,
    Version,
    Major,
    Minor,
    Patch,
    Prerelease,
    Build,
}

/// Which names a template may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tags) enum Scope {
    Everywhere,
    Pep440,
    Semver,
}
