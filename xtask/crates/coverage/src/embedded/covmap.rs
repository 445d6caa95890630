//! The coverage map of an executable: tables of source files and a record for each function, by LLVM's
//! `CoverageMappingFormat.rst`, versions 6 and 7, which differ only in kinds of regions that 6 has not.

use std::{
    collections::{HashMap, hash_map::Entry},
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    bytes::{Bytes, Order},
    counts::{Counted, Counts, NameHasher},
    fault::Fault,
    sections::{self, Section, Sections},
    sources::Source,
    tables::{KnownTables, Table, Tables},
};

/// What an executable's map holds of the wanted files.
#[derive(Debug)]
pub(super) struct Map {
    /// The executable.
    pub(super) path: PathBuf,
    /// The functions, in the order of the executable, each once.
    pub(super) functions: Vec<FunctionMap>,
    /// The section that holds their regions.
    pub(super) records: Section,
    /// The section that holds all names.
    pub(super) names: Section,
    /// Which units of code, in the order of the sections, name a wanted file.
    pub(super) wanted_units: Vec<bool>,
    /// Whether a profile knows any function of the executable, wanted or not.
    pub(super) matches: bool,
    /// How many wanted functions have another structure in the profiles.
    pub(super) different: usize,
}

/// A function of an executable.
#[derive(Debug)]
pub(super) struct FunctionMap {
    /// The hash of its name.
    pub(super) name: u64,
    /// The hash of its structure; zero when it is only known to be unused.
    pub(super) hash: u64,
    /// Its files: first its own, then those of macros.
    pub(super) files: Vec<Source>,
    /// Where its expressions and regions are in the section.
    pub(super) regions: Range<usize>,
    /// Whether it has one region, and that no counter.
    uncounted: bool,
}

/// Reads an executable's map; none when it has none.
pub(super) fn read(path: &Path, known: &KnownTables<'_>, counts: &Counts) -> Result<Option<Map>, Fault> {
    let Some(Sections { order, tables, functions: records, names }) = sections::read(path)? else {
        return Ok(None);
    };
    let tables = Tables::read(&tables, order, known)?;
    let mut functions = Functions::default();
    functions.read(&records.data, order, &tables, counts).map_err(|fault| fault.behind(records.offset))?;
    let Functions { list, matches, .. } = functions;
    let (other, functions): (Vec<_>, Vec<_>) =
        list.into_iter().partition(|function| function.is_other(counts));
    // What only says that a function was not used in one place is no other build of it.
    let different = other.iter().filter(|function| function.hash != 0).count();
    let path = path.to_owned();
    Ok(Some(Map { path, functions, records, names, wanted_units: tables.wanted_units, matches, different }))
}

/// The head of a function's record, which is packed to 28 bytes.
struct Head {
    name: u64,
    size: u32,
    hash: u64,
    table: u64,
}

impl Head {
    fn read(bytes: &mut Bytes<'_>, order: Order) -> Result<Self, Fault> {
        Ok(Self {
            name: order.u64(bytes.take(8)?),
            size: order.u32(bytes.take(4)?),
            hash: order.u64(bytes.take(8)?),
            table: order.u64(bytes.take(8)?),
        })
    }
}

/// The wanted functions of an executable, while they are read.
#[derive(Debug, Default)]
struct Functions {
    list: Vec<FunctionMap>,
    /// Where in the list a function is, by the hash of its name.
    known: HashMap<u64, usize, NameHasher>,
    matches: bool,
}

impl Functions {
    fn read(&mut self, data: &[u8], order: Order, tables: &Tables, counts: &Counts) -> Result<(), Fault> {
        let mut bytes = Bytes::new(data);
        while !bytes.is_empty() {
            let start = bytes.at();
            let head = Head::read(&mut bytes, order)?;
            let begin = bytes.at();
            let mapping = bytes.take(head.size as usize)?;
            bytes.skip(bytes.at().wrapping_neg() % 8);
            self.matches = self.matches || matches!(counts.of(head.name, head.hash), Counted::As(_));
            if !tables.has(head.table) {
                return Err(Fault::damaged(start, "a function names no table of files"));
            }
            if let Some(table) = tables.wanted(head.table) {
                self.add(function(&head, mapping, begin, table).map_err(|fault| fault.behind(begin as u64))?);
            }
        }
        Ok(())
    }

    /// Adds a function, unless there is one of its name that says more.
    fn add(&mut self, function: FunctionMap) {
        if !function.files.iter().any(|source| source.file.is_some()) {
            return;
        }
        match self.known.entry(function.name) {
            Entry::Vacant(slot) => {
                slot.insert(self.list.len());
                self.list.push(function);
            }
            // Where an inline function was not used its record says only that; another one knows more.
            Entry::Occupied(slot) => match self.list.get_mut(*slot.get()) {
                Some(known) if known.is_dummy() && !function.is_dummy() => *known = function,
                _ => {}
            },
        }
    }
}

impl FunctionMap {
    /// A function of two files with a record of so many bytes.
    pub(super) fn of_two_files(name: u64, hash: u64, size: usize) -> Self {
        let files = [0, 1].map(|file| Source { path: file, file: Some(file) }).to_vec();
        Self { name, hash, files, regions: 0..size, uncounted: false }
    }

    /// Whether this only says that a function was not used.
    fn is_dummy(&self) -> bool {
        self.hash == 0 && self.uncounted
    }

    /// Whether profiles know the function only with another structure.
    fn is_other(&self, counts: &Counts) -> bool {
        counts.of(self.name, self.hash) == Counted::Otherwise
    }
}

/// The function of a record, of which the files are read.
fn function(head: &Head, mapping: &[u8], begin: usize, table: &Table) -> Result<FunctionMap, Fault> {
    let mut bytes = Bytes::new(mapping);
    let count = bytes.leb_count()?;
    let mut files = Vec::with_capacity(count);
    for _ in 0..count {
        let index = bytes.leb32()?;
        let source = table.sources.get(index as usize);
        files.push(*source.ok_or_else(|| bytes.fault("a function names no file of its table"))?);
    }
    let regions = begin + bytes.at()..begin + mapping.len();
    let uncounted = files.len() == 1 && is_uncounted(bytes).unwrap_or(false);
    Ok(FunctionMap { name: head.name, hash: head.hash, files, regions, uncounted })
}

/// Whether there is but one region, without a counter.
fn is_uncounted(mut bytes: Bytes<'_>) -> Result<bool, Fault> {
    Ok(bytes.leb()? == 0 && bytes.leb()? == 1 && bytes.leb()?.trailing_zeros() >= 2)
}
