//! Black-box tests: the real executable over real workspaces, in an environment that nothing leaks into.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod baseline;
#[cfg(test)]
mod both;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod console;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod custom_steps;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod github_actions;
#[cfg(feature = "docker")]
#[cfg(test)]
mod image;
#[cfg(test)]
mod interrupts;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod patch;
#[cfg(test)]
mod real_crates;
#[cfg(test)]
mod runners;
#[cfg(test)]
mod support;
#[cfg(test)]
mod verdicts;
