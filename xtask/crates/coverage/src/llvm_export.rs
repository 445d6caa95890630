//! What `llvm-cov export -format=text` writes: JSON with the segments of files and the regions of functions.
//!
//! Its numbers become the same facts as those of [`embedded`](crate::embedded): lines come from its segments by
//! LLVM's rule, and the instantiations of a function, which it lists one by one, are one function.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::fs::File as OpenFile;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::embedded::Keep;
use crate::embedded::exported::{Exported, Instance, Segments};
use crate::{Coverage, Share};

/// An export that cannot be read.
#[derive(Debug)]
pub struct ExportError {
    path: PathBuf,
    cause: io::Error,
}

impl fmt::Display for ExportError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "cannot read the export of llvm-cov {}: {}", self.path.display(), self.cause)
    }
}

impl Error for ExportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.cause)
    }
}

#[derive(Deserialize)]
struct Export {
    #[serde(rename = "type")]
    kind: String,
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<File>,
    functions: Vec<Function>,
}

#[derive(Deserialize)]
struct File {
    filename: String,
    segments: Segments,
    summary: Summary,
    #[serde(default)]
    branches: Vec<Vec<u64>>,
}

#[derive(Deserialize)]
struct Summary {
    regions: Count,
}

#[derive(Deserialize)]
struct Count {
    count: u64,
    covered: u64,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    count: u64,
    filenames: Vec<String>,
    /// Line and column of its begin and of its end, count, number of the file, and more.
    regions: Vec<Vec<u64>>,
}

/// Reads an export. `keep` maps the path of a source file to its path in the model, or drops it.
///
/// # Errors
/// When the file cannot be read or is something else.
pub fn read(path: &Path, keep: Keep<'_>) -> Result<Coverage, ExportError> {
    let failed = |cause| ExportError { path: path.to_owned(), cause };
    let file = OpenFile::open(path).map_err(failed)?;
    let export: Export =
        serde_json::from_reader(BufReader::new(file)).map_err(|error| failed(error.into()))?;
    if export.kind != "llvm.coverage.json.export" {
        return Err(failed(io::Error::other(format!("its type is `{}`", export.kind))));
    }
    let mut coverage = Coverage::default();
    for data in export.data {
        let mut instances = instances(data.functions);
        for file in data.files {
            let Some(path) = keep(&file.filename) else { continue };
            let regions = Share { covered: file.summary.regions.covered, total: file.summary.regions.count };
            let exported = Exported {
                segments: file.segments,
                branches: file.branches,
                instances: instances.remove(&file.filename).unwrap_or_default(),
                regions,
            };
            coverage.add(path, exported.into_file());
        }
    }
    Ok(coverage)
}

/// The instantiations of functions by the file that they begin in.
fn instances(functions: Vec<Function>) -> BTreeMap<String, Vec<Instance>> {
    let mut instances: BTreeMap<String, Vec<Instance>> = BTreeMap::new();
    for function in functions {
        let Some([line, column, _, _, _, file, ..]) = function.regions.first().map(Vec::as_slice) else {
            continue;
        };
        let Some(file) = usize::try_from(*file).ok().and_then(|file| function.filenames.get(file)) else {
            continue;
        };
        let instance = Instance { start: (*line, *column), name: function.name, count: function.count };
        instances.entry(file.clone()).or_default().push(instance);
    }
    instances
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXPORT: &str = r#"{"type": "llvm.coverage.json.export", "version": "3.0.1", "data": [{
        "files": [{"filename": "/w/src/lib.rs",
            "segments": [[1,1,3,true,true,false],[1,9,0,true,true,false],[2,5,3,true,true,false],[3,2,0,false,false,false]],
            "branches": [[1,4,1,8,3,0,0,0,4]],
            "summary": {"regions": {"count": 3, "covered": 2}}}],
        "functions": [
            {"name": "one", "count": 2, "filenames": ["/w/src/lib.rs"], "regions": [[1,1,3,2,2,0,0,0]]},
            {"name": "one", "count": 1, "filenames": ["/w/src/lib.rs"], "regions": [[1,1,3,2,1,0,0,0]]},
            {"name": "two", "count": 0, "filenames": ["/w/src/other.rs"], "regions": [[9,1,9,2,0,0,0,0]]}]}]}"#;

    fn reading(text: &str) -> Result<Coverage, ExportError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export.json");
        std::fs::write(&path, text).unwrap();
        read(&path, &|path| path.strip_prefix("/w/").map(ToOwned::to_owned))
    }

    #[test]
    fn the_facts_are_those_of_the_embedded_reader() {
        let coverage = reading(EXPORT).unwrap();
        let file = &coverage.files["src/lib.rs"];
        assert_eq!(file.lines.iter().collect::<Vec<_>>(), [(1, 3), (2, 3), (3, 3)]);
        let functions: Vec<_> =
            file.functions.iter().map(|function| (function.name.as_str(), function.count)).collect();
        assert_eq!(functions, [("one", 3)]);
        let regions = file.regions.as_ref().unwrap();
        assert_eq!((regions.share.covered, regions.share.total, regions.uncovered.len()), (2, 3, 1));
        assert_eq!(file.branches.iter().map(|branch| branch.taken).collect::<Vec<_>>(), [Some(3), Some(0)]);
    }

    #[test]
    fn something_else_is_refused() {
        assert!(reading(&EXPORT.replace("llvm.coverage.json.export", "other")).is_err());
        assert!(reading(&EXPORT[..200]).is_err());
        let error = read(Path::new("/no/such"), &|_| None).unwrap_err();
        assert!(error.to_string().starts_with("cannot read the export of llvm-cov /no/such: "));
    }
}
