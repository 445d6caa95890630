//! The client of GitHub's API, the comment and releases, against a stateful fake on this machine. Every request that reaches the
//! fake, and every answer that it gives, is held to GitHub's published description.
#![cfg(all(unix, feature = "github"))]

#[cfg(test)]
mod against;
#[cfg(test)]
mod app;
#[cfg(test)]
mod checks;
#[cfg(test)]
mod client;
#[cfg(test)]
mod commenting;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod environment;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod handover;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod project;
#[cfg(feature = "docker")]
#[cfg(test)]
mod release;
#[cfg(feature = "docker")]
#[cfg(test)]
mod releases;
#[cfg(test)]
mod status;
#[cfg(test)]
mod support;
#[cfg(test)]
mod toolkit;
#[cfg(test)]
mod upsert;
#[cfg(test)]
mod verb;
#[cfg(test)]
mod writes;
