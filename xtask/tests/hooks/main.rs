//! `cargo xtask hooks` as people use it: real repositories, the real git, the real executable.
#![cfg(unix)]

#[cfg(test)]
mod committing;
#[cfg(test)]
mod installing;
#[cfg(test)]
mod pushing;
#[cfg(test)]
mod support;
