//! The counters of each function, added up over all programs.

use std::{
    collections::HashMap,
    fs::File,
    hash::{BuildHasherDefault, Hasher},
    path::PathBuf,
};

use super::{
    error::EmbeddedError,
    fault::Fault,
    programs::{Program, Programs},
    workers,
};

/// The counters of all functions of all profiles.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// The latest version of the function of each name.
    functions: HashMap<u64, usize, NameHasher>,
    versions: Vec<Version>,
    counters: Vec<u64>,
    /// How many profiles were added.
    pub(super) profiles: usize,
}

/// A function of one name and one structure.
#[derive(Debug)]
struct Version {
    hash: u64,
    first: usize,
    count: usize,
    /// The one before, of the same name and another structure.
    earlier: Option<usize>,
}

/// What profiles say of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted<'a> {
    /// Its counters.
    As(&'a [u64]),
    /// No profile knows it.
    Never,
    /// Profiles know only functions of this name with another structure.
    Otherwise,
}

/// Names are hashes already.
pub(super) type NameHasher = BuildHasherDefault<Taken>;

/// A hash that takes the number as it is.
#[derive(Debug, Default)]
pub(super) struct Taken(u64);

impl Hasher for Taken {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }
}

/// The bit of a structure's hash that LLVM reserves for a second kind of instrumentation. When it differs LLVM takes
/// two functions of one name for unrelated, not for different, and the one that no profile knows for one that never
/// ran. The compiler's hashes set the bit by chance, so we follow LLVM only for the hash of unused functions, zero; a
/// function that has another structure in the profiles is from another build, and zero would be a wrong count.
const OTHER_KIND: u64 = 1 << 60;

impl Counts {
    /// The counters of one function.
    pub(super) fn of_one(name: u64, hash: u64, counters: &[u64]) -> Self {
        let mut counts = Self::default();
        counts.add(name, hash, counters);
        counts
    }

    /// The counters of a function.
    pub(super) fn of(&self, name: u64, hash: u64) -> Counted<'_> {
        let mut otherwise = false;
        for version in self.versions(name) {
            if version.hash == hash {
                let counters = self.counters.get(version.first..version.first + version.count);
                return Counted::As(counters.unwrap_or_default());
            }
            otherwise |= hash != 0 || version.hash & OTHER_KIND == 0;
        }
        if otherwise { Counted::Otherwise } else { Counted::Never }
    }

    fn versions(&self, name: u64) -> impl Iterator<Item = &Version> {
        let latest = self.functions.get(&name).and_then(|index| self.versions.get(*index));
        std::iter::successors(latest, |version| version.earlier.and_then(|index| self.versions.get(index)))
    }

    /// Adds a function's counters; false when there are as many of another number.
    fn add(&mut self, name: u64, hash: u64, counters: &[u64]) -> bool {
        let known = self.versions(name).find(|version| version.hash == hash);
        if let Some((first, count)) = known.map(|version| (version.first, version.count)) {
            if count != counters.len() {
                return false;
            }
            let sums = self.counters.get_mut(first..first + count).unwrap_or_default();
            sums.iter_mut().zip(counters).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
            return true;
        }
        let earlier = self.functions.insert(name, self.versions.len());
        let (first, count) = (self.counters.len(), counters.len());
        self.versions.push(Version { hash, first, count, earlier });
        self.counters.extend_from_slice(counters);
        true
    }
}

/// Reads and adds up all profiles. A damaged one is a note: a test that was killed leaves half a profile. One of an
/// unknown format is an error, since whole programs would be missing.
pub(super) fn read(files: &[PathBuf], notes: &mut Vec<String>) -> Result<Counts, EmbeddedError> {
    let states = workers::each(files.iter(), Programs::default, |programs, index, file| {
        let added = File::open(file).map_err(Fault::from).and_then(|file| programs.add_file(file));
        if let Err(fault) = added {
            programs.faults.push((index, fault));
        }
    });
    let mut faults: Vec<(usize, Fault)> = Vec::new();
    let mut counts = Counts::default();
    let mut programs: Vec<Program> = Vec::new();
    for state in states {
        faults.extend(state.faults);
        counts.profiles += state.profiles;
        programs.extend(state.list);
    }
    faults.sort_by_key(|(index, _)| *index);
    for (index, fault) in faults {
        let Some(file) = files.get(index) else { continue };
        let unknown = matches!(fault, Fault::Unknown { .. });
        let error = fault.of(file);
        if unknown {
            return Err(error);
        }
        notes.push(format!("{error}; what it holds from there on is not counted"));
    }
    if counts.profiles == 0 {
        return Err(EmbeddedError::NoProfile { given: files.len(), notes: std::mem::take(notes) });
    }
    let mut different = 0_usize;
    for program in programs {
        counts.versions.reserve(program.records.len());
        counts.functions.reserve(program.records.len());
        for record in &program.records {
            different += usize::from(!counts.add(record.name, record.hash, program.counters(record)));
        }
    }
    if different > 0 {
        notes.push(format!("{different} functions have another number of counters in some profiles; only the first are counted"));
    }
    Ok(counts)
}
