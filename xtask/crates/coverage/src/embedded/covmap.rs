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
    names, packed,
    sections::{self, Section, Sections},
    sources::{self, Source, Sources},
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
pub(super) fn read(path: &Path, sources: &Sources<'_>, counts: &Counts) -> Result<Option<Map>, Fault> {
    let Some(Sections { order, tables, functions: records, names }) = sections::read(path)? else {
        return Ok(None);
    };
    let tables = read_tables(&tables, order, sources)?;
    let mut functions = Functions::default();
    functions.read(&records.data, order, &tables, counts).map_err(|fault| fault.behind(records.offset))?;
    let Functions { list, matches, .. } = functions;
    let all = list.len();
    let functions: Vec<_> = list.into_iter().filter(|function| !function.is_other(counts)).collect();
    let different = all - functions.len();
    Ok(Some(Map { path: path.to_owned(), functions, records, names, matches, different }))
}

/// The tables of source files by their hash; none for a hash that two different tables share.
type Tables = HashMap<u64, Option<Table>, NameHasher>;

#[derive(Debug, PartialEq, Eq)]
struct Table {
    sources: Vec<Source>,
    /// Whether any of them is wanted.
    wanted: bool,
}

fn read_tables(section: &Section, order: Order, sources: &Sources<'_>) -> Result<Tables, Fault> {
    let mut tables = Tables::default();
    let mut bytes = Bytes::new(&section.data);
    while !bytes.is_empty() {
        let (hash, table) =
            read_table(&mut bytes, order, sources).map_err(|fault| fault.behind(section.offset))?;
        match tables.entry(hash) {
            Entry::Vacant(slot) => {
                slot.insert(Some(table));
            }
            Entry::Occupied(mut slot) if slot.get().as_ref() != Some(&table) => {
                slot.insert(None);
            }
            Entry::Occupied(_) => {}
        }
    }
    Ok(tables)
}

/// One unit of code: a header of four numbers and a table of paths, perhaps packed, filled up to eight bytes.
fn read_table(bytes: &mut Bytes<'_>, order: Order, sources: &Sources<'_>) -> Result<(u64, Table), Fault> {
    let start = bytes.at();
    let header = bytes.take(16)?;
    let mut fields = header.chunks_exact(4).map(|number| order.u32(number));
    let mut field = || fields.next().unwrap_or_default();
    let (records, size, mappings, version) = (field(), field(), field(), field());
    // The number written is one below the version.
    if !matches!(version, 5 | 6) {
        return Err(Fault::Unknown { what: "coverage map", version: u64::from(version) + 1 });
    }
    if records != 0 || mappings != 0 {
        return Err(Fault::damaged(start, "functions are counted where this version has none"));
    }
    let table = bytes.take_u64(size.into())?;
    let paths = read_paths(table).map_err(|fault| fault.behind(start as u64 + 16))?;
    let sources = sources.of(paths.into_iter());
    bytes.skip(bytes.at().wrapping_neg() % 8);
    Ok((names::hash(table), Table { wanted: sources.iter().any(|source| source.file.is_some()), sources }))
}

/// The paths of a table: the folder of the compilation, then the files.
fn read_paths(table: &[u8]) -> Result<Vec<String>, Fault> {
    let mut bytes = Bytes::new(table);
    let count = bytes.leb_count()?;
    let text = packed::read(&mut bytes)?;
    let mut bytes = Bytes::new(&text);
    let mut path = || -> Result<String, Fault> {
        let length = bytes.leb()?;
        Ok(String::from_utf8_lossy(bytes.take_u64(length)?).into_owned())
    };
    let Some(files) = count.checked_sub(1) else { return Err(Fault::damaged(0, "a table has no folder")) };
    let folder = path()?;
    let mut paths = Vec::with_capacity(count);
    for _ in 0..files {
        paths.push(sources::absolute(&folder, &path()?));
    }
    paths.insert(0, folder);
    Ok(paths)
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
            let table = tables.get(&head.table);
            let table = table.ok_or(Fault::damaged(start, "a function names no table of files"))?;
            if let Some(table) = table.as_ref().filter(|table| table.wanted) {
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
