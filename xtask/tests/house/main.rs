//! House tests: what the compiler does not check. Each check collects all its findings and names itself, and each
//! has a test in which it fails on a small wrong sample.
//!
//! Rust is read as words, not as a compiler does: paths that a macro puts together, `#[path]`, `include!` of code and
//! items behind a glob re-export are not seen.

#[cfg(test)]
mod code;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod dead;
#[cfg(test)]
mod floors;
#[cfg(test)]
mod homes;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod length;
#[cfg(test)]
mod links;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod markdown;
#[cfg(test)]
mod modules;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod rings;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod tree;
#[cfg(test)]
mod weight;
#[cfg(test)]
mod workflows;
