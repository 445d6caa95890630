//! Smoke runs in the process sandbox, for real: a static program with every fault, in a root of its own. Where the kernel
//! refuses a sandbox, each test says so and looks at nothing; with `CI=true` it fails.
#![cfg(all(target_os = "linux", feature = "docker"))]

#[cfg(test)]
mod commands;
#[cfg(test)]
mod sandbox;
#[cfg(test)]
mod services;
#[cfg(test)]
mod support;
