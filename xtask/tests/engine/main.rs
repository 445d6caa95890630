//! Everything that the toolkit does with a container engine, against one that is none: it speaks the engine's API on a socket
//! of its own, and goes wrong where a test wants it to, which a real engine does not. What a real one does is looked at by
//! `tests/live`.
#![cfg(all(unix, feature = "docker"))]

#[cfg(test)]
mod building;
#[cfg(test)]
mod containers;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod images;
#[cfg(test)]
mod interrupts;
#[cfg(test)]
mod pipeline;
#[cfg(test)]
mod project;
#[cfg(test)]
mod reaping;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod support;
