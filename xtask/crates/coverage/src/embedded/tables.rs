//! The tables of source files of a coverage map. Each unit of code has one, and executables share units.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};

use super::{
    bytes::{Bytes, Order},
    counts::NameHasher,
    fault::Fault,
    names, packed,
    sections::Section,
    sources::{self, Source, Sources},
};

/// A table of source files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// The hash by which functions name the table.
    hash: u64,
    /// Its files.
    pub(super) sources: Vec<Source>,
    /// Whether any of them is wanted.
    wanted: bool,
}

/// The tables of one executable.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// By their hash; none for a hash that two different tables share.
    by_hash: HashMap<u64, Option<Arc<Table>>, NameHasher>,
    /// Which of them, in the order of the section, name a wanted file.
    pub(super) wanted_units: Vec<bool>,
}

/// The tables of all executables, as they are written, so that each is unpacked once.
pub(super) struct KnownTables<'a> {
    sources: &'a Sources<'a>,
    known: Mutex<HashMap<Vec<u8>, Arc<Table>>>,
}

impl<'a> KnownTables<'a> {
    /// None yet.
    pub(super) fn new(sources: &'a Sources<'a>) -> Self {
        Self { sources, known: Mutex::default() }
    }

    fn get(&self, written: &[u8]) -> Result<Arc<Table>, Fault> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = lock().get(written) {
            return Ok(Arc::clone(table));
        }
        let sources = self.sources.of(paths(written)?.into_iter());
        let wanted = sources.iter().any(|source| source.file.is_some());
        let table = Arc::new(Table { hash: names::hash(written), sources, wanted });
        lock().insert(written.to_vec(), Arc::clone(&table));
        Ok(table)
    }
}

impl Tables {
    /// Reads the tables of an executable.
    pub(super) fn read(section: &Section, order: Order, known: &KnownTables<'_>) -> Result<Self, Fault> {
        let mut tables = Self::default();
        let mut bytes = Bytes::new(&section.data);
        while !bytes.is_empty() {
            let table = read(&mut bytes, order, known).map_err(|fault| fault.behind(section.offset))?;
            tables.add(table);
        }
        Ok(tables)
    }

    /// Whether there is a table of this hash.
    pub(super) fn has(&self, hash: u64) -> bool {
        self.by_hash.contains_key(&hash)
    }

    /// The table of a hash, when it names a wanted file; none when two share the hash, so that nobody knows which
    /// is meant.
    pub(super) fn wanted(&self, hash: u64) -> Option<&Table> {
        self.by_hash.get(&hash)?.as_deref().filter(|table| table.wanted)
    }

    fn add(&mut self, table: Arc<Table>) {
        self.wanted_units.push(table.wanted);
        match self.by_hash.entry(table.hash) {
            Entry::Vacant(slot) => {
                slot.insert(Some(table));
            }
            Entry::Occupied(mut slot) if slot.get().as_ref() != Some(&table) => {
                slot.insert(None);
            }
            Entry::Occupied(_) => {}
        }
    }
}

/// One unit of code: a header of four numbers and a table of paths, perhaps packed, filled up to eight bytes.
fn read(bytes: &mut Bytes<'_>, order: Order, known: &KnownTables<'_>) -> Result<Arc<Table>, Fault> {
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
    let written = bytes.take_u64(size.into())?;
    bytes.skip(bytes.at().wrapping_neg() % 8);
    known.get(written).map_err(|fault| fault.behind(start as u64 + 16))
}

/// The paths of a table: the folder of the compilation, then the files.
fn paths(written: &[u8]) -> Result<Vec<String>, Fault> {
    let mut bytes = Bytes::new(written);
    let files = bytes.leb_count()?.checked_sub(1).ok_or(Fault::damaged(0, "a table has no folder"))?;
    let text = packed::read(&mut bytes)?;
    let mut bytes = Bytes::new(&text);
    let mut path = || -> Result<String, Fault> {
        let length = bytes.leb()?;
        Ok(String::from_utf8_lossy(bytes.take_u64(length)?).into_owned())
    };
    let folder = path()?;
    let mut paths = vec![folder.clone()];
    for _ in 0..files {
        paths.push(sources::absolute(&folder, &path()?));
    }
    Ok(paths)
}
