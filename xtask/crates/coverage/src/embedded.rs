//! The embedded reader: raw profiles and executables in, [`Coverage`] out, without any LLVM tool.
//!
//! The numbers are those of `llvm-cov` of the same version, since they follow its rules, but for two cases in which
//! those are wrong. A region whose count comes out below zero, as behind a panic, never ran here, and ran about 2^64
//! times there. A function of which the profiles know another build is left out here, and sometimes never ran there.
//! Both are told in [`Reading::notes`]. Formats it does not know are errors of their own kind
//! ([`EmbeddedError::UnknownFormat`]), so that a caller can fall back to LLVM's tools instead of showing a wrong
//! number.
//!
//! The work goes in three steps, each on every processor: the counters of all profiles are added up, the maps of all
//! executables are read as far as they speak of wanted files, and then each function is evaluated and each file put
//! together.

use std::{
    collections::{BTreeMap, HashSet},
    path::PathBuf,
};

mod bytes;
mod counter;
mod counts;
mod covmap;
mod error;
pub(crate) mod exported;
mod fault;
mod files;
mod functions;
#[doc(hidden)]
pub mod fuzzing;
mod lines;
mod mapping;
pub(crate) mod names;
mod packed;
mod profile;
mod programs;
mod sections;
mod segments;
mod sources;
mod tables;
mod workers;

pub use error::EmbeddedError;

use self::{
    counts::Counts,
    covmap::{FunctionMap, Map},
    files::File,
    functions::{Evaluator, FileParts},
    names::Names,
    sections::Section,
    sources::Sources,
    tables::KnownTables,
};
use crate::{Coverage, Totals};

/// Says which source files are wanted, and under what name.
pub type Keep<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// What to read.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Raw profiles (`*.profraw`).
    pub profiles: &'a [PathBuf],
    /// The executables and libraries that wrote them.
    pub objects: &'a [PathBuf],
    /// Maps a source path, as the compiler wrote it and made absolute, to the path in the model, or drops the file.
    /// Called once for each path.
    pub keep: Keep<'a>,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The coverage of the wanted files.
    pub coverage: Coverage,
    /// The totals of each file as `llvm-cov report` prints them. It adds up functions, so a line that two of them
    /// share, as one with a closure in it, counts twice; in [`Coverage::totals`] a line is one line.
    pub report: BTreeMap<String, Totals>,
    /// What was left out, and why; one sentence each.
    pub notes: Vec<String>,
}

/// Reads profiles and executables.
///
/// # Errors
///
/// When an executable cannot be read or is damaged, when no profile can be used or belongs to any executable, and when
/// anything is in a format that this reader does not know. A damaged profile beside usable ones is only a note.
pub fn read(input: Input<'_>) -> Result<Reading, EmbeddedError> {
    let mut notes = Vec::new();
    let counts = counts::read(input.profiles, &mut notes)?;
    let sources = Sources::new(input.keep);
    let maps = read_maps(input.objects, &KnownTables::new(&sources), &counts, &mut notes)?;
    let functions = distinct(&maps);
    let paths = sources.into_files();
    let parts = evaluate(&maps, &functions, paths.len(), &counts, &mut notes);
    let mut files = workers::map(parts.into_iter(), File::new);
    name(&mut files, &maps, &functions)?;
    let mut reading = Reading { notes, ..Reading::default() };
    for (path, file) in paths.into_iter().zip(files) {
        // A table may name a file of which no function is left.
        if file.coverage.lines.is_empty() {
            continue;
        }
        reading.report.insert(path.clone(), file.report);
        reading.coverage.files.insert(path, file.coverage);
    }
    Ok(reading)
}

/// Reads the maps of all executables.
fn read_maps(
    objects: &[PathBuf],
    known: &KnownTables<'_>,
    counts: &Counts,
    notes: &mut Vec<String>,
) -> Result<Vec<Map>, EmbeddedError> {
    let read = workers::map(objects.iter(), |path| (path, covmap::read(path, known, counts)));
    let mut maps = Vec::new();
    for (path, map) in read {
        match map.map_err(|fault| fault.of(path))? {
            Some(map) => maps.push(map),
            None => notes.push(format!("{} holds no coverage map", path.display())),
        }
    }
    if maps.is_empty() {
        return Err(EmbeddedError::NoMap { given: objects.len() });
    }
    if !maps.iter().any(|map| map.matches) {
        return Err(EmbeddedError::NoMatch { profiles: counts.profiles, objects: maps.len() });
    }
    for map in maps.iter().filter(|map| map.different > 0) {
        let (count, path) = (map.different, map.path.display());
        notes.push(format!(
            "{count} functions of {path} are left out: the profiles are of another build of them"
        ));
    }
    Ok(maps)
}

/// A function that is evaluated: the number of its executable, and its record there.
type Chosen<'a> = (usize, &'a FunctionMap);

/// The functions of all executables, each once: several executables hold the same functions of a library.
fn distinct(maps: &[Map]) -> Vec<Chosen<'_>> {
    let mut known = HashSet::new();
    let all = maps
        .iter()
        .enumerate()
        .flat_map(|(map, Map { functions, .. })| functions.iter().map(move |f| (map, f)));
    all.filter(|(_, function)| known.insert((function.name, &function.files))).collect()
}

/// How many functions a thread evaluates at once.
const BATCH: usize = 64;

/// Evaluates all functions, and gives what was found in each wanted file.
fn evaluate(
    maps: &[Map],
    functions: &[Chosen<'_>],
    files: usize,
    counts: &Counts,
    notes: &mut Vec<String>,
) -> Vec<FileParts> {
    let evaluators = workers::each(
        functions.chunks(BATCH),
        || Evaluator::new(files),
        |evaluator, batch, functions| {
            for (index, (map, function)) in (batch * BATCH..).zip(functions) {
                let records = maps.get(*map).map(|map| &map.records);
                evaluator.add(index, records.unwrap_or(&Section::default()), function, counts);
            }
        },
    );
    let mut parts: Vec<FileParts> = Vec::new();
    parts.resize_with(files, FileParts::default);
    let (mut negative, mut faults) = (0, Vec::new());
    for evaluator in evaluators {
        negative += evaluator.values.negative;
        faults.extend(evaluator.faults);
        parts.iter_mut().zip(evaluator.files).for_each(|(part, more)| part.extend(more));
    }
    if negative > 0 {
        notes.push(format!(
            "{negative} regions count as never run: their counts came out below zero, as they do behind a panic and \
             where threads lose counts"
        ));
    }
    faults.sort_by_key(|(index, _)| *index);
    let broken = faults.len();
    if let Some((index, fault)) = faults.into_iter().next() {
        let path = functions
            .get(index)
            .and_then(|(map, _)| maps.get(*map))
            .map(|map| map.path.clone())
            .unwrap_or_default();
        notes.push(format!("{broken} functions are left out; the first because {}", fault.of(&path)));
    }
    parts
}

/// Gives the functions of all files their names, of which each is looked for in the executable that was chosen.
fn name(files: &mut [File], maps: &[Map], functions: &[Chosen<'_>]) -> Result<(), EmbeddedError> {
    let mut missing: Vec<Names> = vec![Names::default(); maps.len()];
    for index in files.iter().flat_map(|file| &file.named).flat_map(|(first, other)| [Some(*first), *other]) {
        let Some((map, function)) = index.and_then(|index| functions.get(index)) else { continue };
        missing.get_mut(*map).and_then(|names| names.insert(function.name, None));
    }
    let found = workers::map(maps.iter().zip(missing), |(map, mut names)| {
        let found = names::find(&map.names.data, &map.wanted_units, &mut names);
        found.map(|()| names).map_err(|fault| fault.behind(map.names.offset).of(&map.path))
    });
    let found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
    let name = |index: usize| {
        let (map, function) = functions.get(index)?;
        found.get(*map)?.get(&function.name)?.as_deref()
    };
    for file in files {
        file.name(|first, other| {
            let other = other.and_then(name);
            name(first).or(other).map(|first| names::readable(first, other))
        });
    }
    Ok(())
}
