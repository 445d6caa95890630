//! Which package a test executable belongs to, and how nextest would name it: what cargo's messages tell before
//! the first test runs.

use std::collections::BTreeMap;

/// Who reads the arguments of a test executable and prints its results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Harness {
    /// The standard harness.
    #[default]
    Libtest,
    /// The target's own `main` (`harness = false`): whatever it prints, nothing is known of its order.
    Custom,
}

/// One test executable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// The package that it belongs to.
    pub package: String,
    /// The binary as nextest names it: `package`, `package::bin/name`, `package::test_target`.
    pub binary: String,
    /// Who prints the results.
    pub harness: Harness,
    /// The names of its tests in the order that it lists them, when they are known.
    pub tests: Option<Vec<String>>,
}

impl Target {
    /// A target of the standard harness whose tests are not known yet.
    pub fn new(package: impl Into<String>, binary: impl Into<String>) -> Self {
        Self { package: package.into(), binary: binary.into(), ..Self::default() }
    }

    /// The same, with a `main` of its own.
    #[must_use]
    pub fn custom(self) -> Self {
        Self { harness: Harness::Custom, ..self }
    }

    /// The last part of the binary's name: what a case is called that stands for the whole process.
    #[must_use]
    pub fn short_name(&self) -> &str {
        self.binary.rsplit("::").next().unwrap_or(&self.binary)
    }
}

/// What `cargo test` is about to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    executables: BTreeMap<String, Target>,
    libraries: BTreeMap<String, String>,
    unknown: Harness,
}

impl Targets {
    /// Nothing yet; a reader without targets makes names out of what cargo prints.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing known but that each executable has a `main` of its own.
    #[must_use]
    pub fn own_mains() -> Self {
        Self { unknown: Harness::Custom, ..Self::default() }
    }

    /// The harness of an executable that was not added.
    #[must_use]
    pub fn unknown(&self) -> Harness {
        self.unknown
    }

    /// Adds an executable by its file name, such as `demo-0123456789abcdef`.
    pub fn executable(&mut self, file_name: impl Into<String>, target: Target) {
        self.executables.insert(file_name.into(), target);
    }

    /// Takes the names of the tests that an executable will run, where they are chosen by name.
    pub fn chosen(&mut self, file_name: &str, names: &[String]) {
        if let Some(target) = self.executables.get_mut(file_name) {
            let mut names = names.to_vec();
            names.sort_unstable();
            target.tests = Some(names);
        }
    }

    /// Adds a library whose documentation is tested, by the name of its crate (`my_lib`).
    pub fn library(&mut self, crate_name: impl Into<String>, package: impl Into<String>) {
        self.libraries.insert(crate_name.into(), package.into());
    }

    /// Takes the names of the tests from what
    /// `cargo test … -- --list --format terse` printed, standard output and standard error on one pipe.
    ///
    /// The listing must be made with the same filters as the run. Costs one start of each executable.
    pub fn listing(&mut self, text: &str) {
        let mut file = None;
        for line in text.lines() {
            if let Some(header) = super::line::header(line) {
                file = match header {
                    super::line::Header::Executable { file, .. } => Some(file.to_owned()),
                    super::line::Header::Doctests { .. } => None,
                };
                if let Some(target) = file.as_ref().and_then(|file| self.executables.get_mut(file)) {
                    target.tests = Some(Vec::new());
                }
                continue;
            }
            let name = line.strip_suffix(": test").or_else(|| line.strip_suffix(": benchmark"));
            let target = file.as_ref().and_then(|file| self.executables.get_mut(file));
            if let (Some(name), Some(tests)) = (name, target.and_then(|target| target.tests.as_mut())) {
                tests.push(name.to_owned());
            }
        }
    }

    /// The target of this executable.
    #[must_use]
    pub fn of_executable(&self, file_name: &str) -> Option<&Target> {
        self.executables.get(file_name)
    }

    /// The package of this library.
    #[must_use]
    pub fn of_library(&self, crate_name: &str) -> Option<&str> {
        self.libraries.get(crate_name).map(String::as_str)
    }

    /// Whether nothing is known, so that any name may be announced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.libraries.is_empty() && self.executables.is_empty()
    }

    /// All executables by file name.
    pub fn executables(&self) -> impl Iterator<Item = (&str, &Target)> {
        self.executables.iter().map(|(file, target)| (file.as_str(), target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_names_the_tests_of_each_executable() {
        let mut targets = Targets::new();
        targets.executable("alpha-e62994b938fd5803", Target::new("alpha", "alpha"));
        targets.executable("it-f8d07b311ad491a6", Target::new("alpha", "alpha::it"));
        targets.listing(include_str!("../../../tests/fixtures/libtest/list.txt"));
        let tests = |file| targets.of_executable(file).unwrap().tests.clone().unwrap();
        assert_eq!(tests("it-f8d07b311ad491a6"), ["deep::passes", "passes"]);
        assert_eq!(tests("alpha-e62994b938fd5803").len(), 15);
    }

    #[test]
    fn a_process_is_named_after_its_target() {
        assert_eq!(Target::new("beta", "beta::bin/tool").short_name(), "bin/tool");
        assert_eq!(Target::new("beta", "beta").short_name(), "beta");
    }
}
