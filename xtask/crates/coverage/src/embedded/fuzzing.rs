//! Doors for the fuzz targets, which have bytes and no files. They are not part of the interface.

use std::io::Cursor;

use super::{
    bytes::Order, counts::Counts, covmap::FunctionMap, files::File, functions::Evaluator, names,
    programs::Programs, sections::Section, sources::Sources, tables,
};

/// Adds up the profiles of a file.
pub fn profile(file: &[u8]) {
    drop(Programs::default().add_file(Cursor::new(file)));
}

/// Reads a section of tables.
pub fn tables(section: &[u8]) {
    let keep = |path: &str| Some(path.to_owned());
    let sources = Sources::new(&keep);
    let section = Section { offset: 0, data: section.to_vec() };
    for order in [Order::Little, Order::Big] {
        drop(tables::Tables::read(&section, order, &tables::KnownTables::new(&sources)));
    }
}

/// Reads a section of names.
pub fn names(section: &[u8]) {
    let mut missing = names::Names::from_iter([(0, None)]);
    drop(names::find(section, &[], &mut missing));
}

/// Evaluates a function of two files, of which the program counted so much, and puts the files together.
pub fn function(record: &[u8], counters: &[u64]) {
    let function = FunctionMap::of_two_files(1, 2, record.len());
    let counts = Counts::of_one(1, 2, counters);
    let mut evaluator = Evaluator::new(2);
    let section = Section { offset: 0, data: record.to_vec() };
    evaluator.add(0, &section, &function, &counts);
    for parts in evaluator.files {
        drop(File::new(parts));
    }
}
