//! Reading the profiles of a run, by what is built in or by LLVM's tools.

use std::io::Write;
use std::path::{Path, PathBuf};

use slipway_coverage::embedded::{self, EmbeddedError};
use slipway_coverage::{Coverage, llvm_export};

use super::llvm::{self, Compiler};
use super::objects::Objects;
use super::tracefiles::Tracefiles;
use crate::model::command::{CommandLine, CommandOutput};
use crate::model::coverage::Backend;
use crate::tools::files;
use crate::tools::process::{SpawnError, Supervisor};

/// Which reader is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The one that is built in; LLVM's tools where it does not know the format.
    Auto,
    /// The one that is built in.
    Embedded,
    /// LLVM's tools.
    Llvm,
}

/// What is read, and with what.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The raw profiles.
    pub profiles: &'a [PathBuf],
    /// What left them.
    pub objects: &'a Objects,
    /// Maps the path of a source file to its path in the workspace, or drops it.
    pub keep: embedded::Keep<'a>,
    /// The reader.
    pub wanted: Wanted,
    /// A folder for files on the way.
    pub folder: &'a Path,
    /// For short questions.
    pub supervisor: &'a Supervisor,
    /// Runs a command that is logged.
    pub run: &'a dyn Fn(&CommandLine) -> Result<CommandOutput, SpawnError>,
}

/// What was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The counts.
    pub coverage: Coverage,
    /// What read them, and why that.
    pub backend: Backend,
    /// What was left out, and why.
    pub notes: Vec<String>,
}

impl Read {
    /// With what tracefiles hold besides.
    #[must_use]
    pub fn with(mut self, tracefiles: Tracefiles) -> Self {
        self.coverage.merge(tracefiles.coverage);
        self.notes.extend(tracefiles.notes);
        self
    }
}

/// Reads the profiles.
///
/// # Errors
/// When nothing could be read, in a sentence.
pub fn read(source: &Source<'_>) -> Result<Read, String> {
    match source.wanted {
        Wanted::Embedded => by_embedded(source, "the settings ask for it").map_err(|error| error.to_string()),
        Wanted::Llvm => by_llvm(source, "the settings ask for it"),
        Wanted::Auto => match by_embedded(source, "it needs no tool and gives the numbers of llvm-cov") {
            Ok(read) => Ok(read),
            Err(error @ EmbeddedError::UnknownFormat { .. }) => {
                by_llvm(source, &error.to_string()).map_err(|missing| format!("{error}, and {missing}"))
            }
            Err(error) => Err(error.to_string()),
        },
    }
}

fn by_embedded(source: &Source<'_>, why: &str) -> Result<Read, EmbeddedError> {
    let Objects { linked, libraries } = source.objects;
    let objects = [linked.as_slice(), libraries.as_slice()].concat();
    let read =
        embedded::read(embedded::Input { profiles: source.profiles, objects: &objects, keep: source.keep })?;
    let backend = Backend { name: "embedded".to_owned(), reason: why.to_owned() };
    let mut notes = read.notes;
    if !libraries.is_empty() {
        notes.push("of generic and inline functions, what only doctests ran does not count".to_owned());
    }
    Ok(Read { coverage: read.coverage, backend, notes })
}

fn by_llvm(source: &Source<'_>, why: &str) -> Result<Read, String> {
    let compiler = Compiler::ask(source.supervisor).ok_or("rustc does not tell its LLVM version")?;
    let tools = llvm::find(source.supervisor, &compiler)?;
    let place = |name: &str| source.folder.join(name);
    let (list, merged, json) = (place("profiles.txt"), place("merged.profdata"), place("export.json"));
    let listed = |out: &mut dyn Write| {
        source.profiles.iter().try_for_each(|profile| writeln!(out, "{}", profile.display()))
    };
    files::write_with(&list, |out| listed(out)).map_err(|error| error.to_string())?;
    let objects = &source.objects.linked;
    for line in [tools.merge(&list, &merged), tools.export(&merged, objects, &json)] {
        let output = (source.run)(&line).map_err(|error| error.to_string())?;
        if !output.success() {
            return Err(format!("{}: {}: {}", line.program(), output.end, output.tail(3)));
        }
    }
    let read = llvm_export::read(&json, source.keep).map_err(|error| error.to_string());
    for path in [list, merged, json] {
        // They are in the way of nobody, and large.
        let _ = std::fs::remove_file(path);
    }
    let mut notes = Vec::new();
    if !source.objects.libraries.is_empty() {
        notes.push(
            "llvm-cov knows nothing of the executables of doctests: what only they ran does not count"
                .to_owned(),
        );
    }
    let reason = format!("{why}; {}", tools.origin);
    Ok(Read { coverage: read?, backend: Backend { name: "llvm".to_owned(), reason }, notes })
}
