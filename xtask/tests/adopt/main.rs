//! Repositories that nobody here wrote come to this pipeline: by `init`, and by the action, whose steps are run as a runner does.
#![cfg(all(unix, feature = "github"))]

#[cfg(test)]
mod action;
#[cfg(test)]
mod expression;
#[cfg(test)]
#[path = "../github"]
#[expect(dead_code, unused_imports, reason = "it can do more than is asked of it here")]
mod github {
    pub(crate) mod environment;
    pub(crate) mod fake;
    pub(crate) mod openapi;
}
#[cfg(test)]
mod init;
#[cfg(test)]
mod peers;
#[cfg(test)]
mod repository;
#[cfg(test)]
mod runner;

#[cfg(test)]
use github::{fake, openapi};
