//! The real executable, seen from outside: its answers, its exit codes, and what it says on the way. All
//! services listen on a free port of the loopback address and are ended with the test that started them.

// `cfg(test)` is always true here; it tells the lints that helpers are test code as well.
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod connection;
#[cfg(test)]
mod health;
#[cfg(test)]
mod healthcheck;
#[cfg(test)]
mod program;
#[cfg(test)]
mod service;
#[cfg(test)]
mod stop;
