//! What only a manifest tells: which targets have a `main` of their own. Neither `cargo metadata` nor cargo's messages
//! say it. A manifest is parsed once, however many targets are asked for.

use std::path::Path;

use cargo_metadata::{Target, TargetKind};

use crate::tools::files;

/// A manifest as its tables; empty when it cannot be read, as cargo has read it before us and would have told.
#[derive(Debug, Default)]
pub(super) struct Manifest(toml::Table);

impl Manifest {
    /// Reads the manifest in this file.
    pub(super) fn read(path: &Path) -> Self {
        Self::parse(&files::read(path).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        Self(text.parse().unwrap_or_default())
    }

    /// Whether it gives this target a `main` of its own (`harness = false`).
    pub(super) fn has_custom_harness(&self, target: &Target) -> bool {
        self.opts_out(section_of(target), &target.name)
    }

    /// `section` is where manifests describe such targets: `test`, `bin`, `bench`, `example` or `lib`.
    fn opts_out(&self, section: &str, target: &str) -> bool {
        let custom = |table: &toml::Value| table.get("harness").and_then(toml::Value::as_bool) == Some(false);
        let named = |table: &&toml::Value| table.get("name").and_then(toml::Value::as_str) == Some(target);
        match self.0.get(section) {
            Some(toml::Value::Array(targets)) => targets.iter().filter(named).any(custom),
            Some(library) => custom(library),
            None => false,
        }
    }
}

fn section_of(target: &Target) -> &'static str {
    match target.kind.first() {
        Some(TargetKind::Test) => "test",
        Some(TargetKind::Bin) => "bin",
        Some(TargetKind::Bench) => "bench",
        Some(TargetKind::Example) => "example",
        _ => "lib",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_main_of_its_own_is_seen_in_the_manifest() {
        let manifest = Manifest::parse(
            "[package]\nname = 'p'\n[[test]]\nname = 'own'\nharness = false\n[[test]]\nname = 'usual'",
        );
        assert!(manifest.opts_out("test", "own"));
        assert!(!manifest.opts_out("test", "usual"));
        assert!(!manifest.opts_out("bench", "own"));
        let library = Manifest::parse("[lib]\nharness = false");
        assert!(library.opts_out("lib", "p"));
        assert!(!library.opts_out("test", "p"));
    }

    #[test]
    fn a_manifest_that_cannot_be_read_says_nothing() {
        assert!(!Manifest::parse("not = [toml").opts_out("test", "own"));
        assert!(!Manifest::read(Path::new("/nowhere/Cargo.toml")).opts_out("test", "own"));
    }
}
