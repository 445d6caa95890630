//! The client against a registry in this process that is strict, and faulty on demand.

#[cfg(test)]
mod denials;
#[cfg(test)]
#[expect(dead_code, reason = "tests of releases let a request hang")]
mod fake;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod pulling;
#[cfg(test)]
mod pushing;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tokens;
