//! The reports, held against the programs that others read them with.

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod lcov;
#[cfg(test)]
mod xmllint;
