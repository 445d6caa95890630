//! Reading tracefiles that other tools, other machines or the repository's own steps wrote.

use std::io::BufReader;
use std::path::PathBuf;

use slipway_coverage::paths::Scope;
use slipway_coverage::shards::{Completeness, Shards};
use slipway_coverage::{Coverage, coverage_off, lcov};

use super::source;
use crate::kit::text::plural;
use crate::model::workspace::Workspace;
use crate::tools::files;

/// What tracefiles held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tracefiles {
    /// The counts of all together, for the files that count.
    pub coverage: Coverage,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

/// Reads them. With a number of shards they are the parts of one run, and all must be there.
///
/// # Errors
/// When one cannot be read or is damaged, or a shard is missing: in a sentence.
pub fn read(
    paths: &[PathBuf],
    shards: Option<usize>,
    scope: &Scope,
    workspace: &Workspace,
) -> Result<Tracefiles, String> {
    let (mut read, mut notes) = (Shards::default(), Vec::new());
    for path in paths {
        let shown = path.strip_prefix(&workspace.root).unwrap_or(path).display().to_string();
        let file = files::open(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
        let tracefile =
            lcov::read(BufReader::with_capacity(1 << 18, file), &shown).map_err(|error| error.to_string())?;
        if !tracefile.losses.is_empty() {
            notes.push(format!("{shown}: {}", tracefile.losses));
        }
        if tracefile.coverage.files.is_empty() {
            notes.push(format!("{shown} holds no source file"));
        }
        let name = path.canonicalize().unwrap_or_else(|_| path.clone());
        read.add(&name.to_string_lossy(), scope.apply(tracefile.coverage));
    }
    notes.extend(read.repeated().iter().map(|name| format!("{name} was given twice and counts once")));
    match shards.map(|expected| (expected, read.completeness(expected))) {
        Some((expected, Completeness::Missing(missing))) => {
            return Err(format!(
                "{missing} of {} missing, so the numbers would be too low",
                plural(expected, "shard")
            ));
        }
        Some((expected, Completeness::TooMany(more))) => {
            let shards = plural(expected, "shard");
            return Err(format!("{more} more than {shards}: some tracefile belongs to another run"));
        }
        Some((_, Completeness::Complete)) | None => {}
    }
    let mut coverage = read.into_coverage();
    let off = coverage_off::apply(&mut coverage, &|path| {
        source::read(workspace, path).map(|text| String::from_utf8_lossy(&text).into_owned())
    });
    if off > 0 {
        notes.push(format!("{} of items that are switched off are left out", plural(off, "line")));
    }
    Ok(Tracefiles { coverage, notes })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        put("a.info", "SF:src/lib.rs\nDA:1,1\nDA:2,0\nend_of_record\n");
        put("b.info", "VER:1\nSF:src/lib.rs\nDA:1,2\nend_of_record\n");
        put("empty.info", "");
        put("broken.info", "SF:src/lib.rs\nDA:x\nend_of_record\n");
        folder
    }

    fn reading(names: &[&str], shards: Option<usize>) -> Result<Tracefiles, String> {
        let folder = folder();
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
        let workspace = Workspace {
            root: folder.path().to_owned(),
            target_directory: folder.path().join("target"),
            packages: Vec::new(),
            files: Vec::new(),
        };
        read(&paths, shards, &Scope::new(&folder.path().to_string_lossy()), &workspace)
    }

    #[test]
    fn tracefiles_are_added_up_and_losses_are_said() {
        let read = reading(&["a.info", "b.info", "empty.info"], None).unwrap();
        let lines: Vec<_> = read.coverage.files["src/lib.rs"].lines.iter().collect();
        assert_eq!(lines, [(1, 3), (2, 0)]);
        assert_eq!(read.notes.len(), 2, "{:?}", read.notes);
        assert!(read.notes[0].starts_with("b.info: ") && read.notes[1] == "empty.info holds no source file");
    }

    #[test]
    fn a_missing_shard_is_no_coverage() {
        assert!(reading(&["a.info", "b.info"], Some(2)).is_ok());
        let error = reading(&["a.info", "a.info"], Some(2)).unwrap_err();
        assert_eq!(error, "1 of 2 shards missing, so the numbers would be too low");
        assert!(reading(&["a.info", "b.info"], Some(1)).unwrap_err().starts_with("1 more than 1 shard"));
    }

    #[test]
    fn a_broken_tracefile_is_named_with_its_line() {
        let error = reading(&["a.info", "broken.info"], None).unwrap_err();
        assert!(error.contains("broken.info") && error.contains('2'), "{error}");
        assert!(reading(&["none.info"], None).unwrap_err().starts_with("cannot read none.info: "));
    }
}
