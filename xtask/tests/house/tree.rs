//! The files of the repository, or a sample of some; and what a check says of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files by path below the root. A file that is no text is there with no text.
pub(crate) struct Tree(pub(crate) BTreeMap<String, String>);

/// One line for each thing that is wrong.
pub(crate) type Findings = Vec<String>;

/// Output of cargo and of runs.
const LEFT_OUT: [&str; 2] = ["target", "reports"];

/// Hidden folders that are part of the repository; editors and tools make others.
const HIDDEN: [&str; 4] = [".cargo", ".ci", ".config", ".github"];

impl Tree {
    /// The repository itself.
    pub(crate) fn ours() -> Self {
        let mut files = BTreeMap::new();
        collect(&root(), "", &mut files);
        for kept in ["reports/README.md", "reports/.gitignore"] {
            files.insert(kept.to_owned(), std::fs::read_to_string(root().join(kept)).unwrap());
        }
        Self(files)
    }

    /// A sample.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    /// The text of a file that must be there.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.0.get(path).unwrap_or_else(|| panic!("{path} is missing"))
    }

    /// Files with this ending.
    pub(crate) fn ending(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        let files = self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        files.filter(move |(path, _)| path.ends_with(ending))
    }

    /// The pages that people read: README, the docs folder and the like.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ending(".md").filter(|(path, _)| !path.contains("/fixtures/"))
    }
}

/// Where the repository is.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            let is_output = LEFT_OUT.contains(&name.as_str()) && !path.contains("/src/");
            let is_foreign = name.starts_with('.') && !HIDDEN.contains(&name.as_str());
            if !is_output && !is_foreign {
                collect(&entry.path(), &format!("{path}/"), files);
            }
        } else {
            let text = std::fs::read(entry.path()).unwrap();
            files.insert(path, String::from_utf8(text).unwrap_or_default());
        }
    }
}

/// Fails with all findings.
#[track_caller]
pub(crate) fn none(check: &str, findings: &Findings) {
    assert!(findings.is_empty(), "{check}: {} found\n  {}", findings.len(), findings.join("\n  "));
}

/// Fails when a wrong sample is not found wrong in exactly these places.
#[track_caller]
pub(crate) fn found(findings: &Findings, expected: &[&str]) {
    let all_there = expected.iter().all(|text| findings.iter().any(|finding| finding.contains(text)));
    assert!(all_there && findings.len() == expected.len(), "{findings:#?} are not {expected:#?}");
}
