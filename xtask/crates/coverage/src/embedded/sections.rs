//! The sections of an executable, or of a library for Rust, that hold its coverage map.
//!
//! Test binaries are large and most of that is debug information. A mapped file would do, but mapping is `unsafe`,
//! which this workspace forbids, since another process may change the file under the map. So the tables of the
//! executable are read through [`ReadCache`], piece by piece, and then each section that is needed with one read.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use object::{
    FileKind, Object, ObjectSection, ReadCache, ReadRef,
    elf::{FileHeader32, FileHeader64},
    endian::Endianness,
    read::archive::ArchiveFile,
    read::elf::{FileHeader, SectionHeader},
};

use super::{bytes::Order, fault::Fault};

/// The parts of a coverage map.
#[derive(Debug)]
pub(super) struct Sections {
    /// The order of bytes.
    pub(super) order: Order,
    /// The tables of source files.
    pub(super) tables: Section,
    /// The records of functions.
    pub(super) functions: Section,
    /// The names of functions.
    pub(super) names: Section,
}

/// A section's bytes.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// What it holds.
    pub(super) data: Vec<u8>,
}

/// Where sections are in the file.
struct Places {
    order: Order,
    sections: Vec<(Part, u64, u64)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Tables,
    Functions,
    Names,
}

impl Part {
    /// By the section's name: on ELF and Mach-O, and on COFF, where a `$` with a key to sort by may follow.
    fn of(name: &[u8]) -> Option<Self> {
        match name.split(|byte| *byte == b'$').next()? {
            b"__llvm_covmap" | b".lcovmap" => Some(Self::Tables),
            b"__llvm_covfun" | b".lcovfun" => Some(Self::Functions),
            b"__llvm_prf_names" | b".lprfn" => Some(Self::Names),
            _ => None,
        }
    }
}

/// Reads the sections; none when the executable holds no coverage map.
pub(super) fn read(path: &Path) -> Result<Option<Sections>, Fault> {
    let mut file = File::open(path)?;
    let places = places(&file)?;
    let length = file.seek(SeekFrom::End(0))?;
    let mut part = |part: Part, align: usize| -> Result<Section, Fault> {
        let mut section = Section::default();
        for (_, offset, size) in places.sections.iter().filter(|(found, ..)| *found == part) {
            if offset.checked_add(*size).is_none_or(|end| end > length) {
                return Err(Fault::Damaged {
                    offset: *offset,
                    what: "a section ends behind the file".into(),
                });
            }
            if section.data.is_empty() {
                section.offset = *offset;
            }
            section.data.resize(section.data.len().next_multiple_of(align), 0);
            file.seek(SeekFrom::Start(*offset))?;
            Read::by_ref(&mut file).take(*size).read_to_end(&mut section.data)?;
        }
        Ok(section)
    };
    // A function that several units of code hold has a section for each in an object file.
    let (tables, functions, names) =
        (part(Part::Tables, 8)?, part(Part::Functions, 8)?, part(Part::Names, 1)?);
    let found = !tables.data.is_empty() && !names.data.is_empty();
    Ok(found.then_some(Sections { order: places.order, tables, functions, names }))
}

fn places(file: &File) -> Result<Places, Fault> {
    let cache = ReadCache::new(file);
    let kind = FileKind::parse(&cache).map_err(wrong)?;
    match kind {
        // The reader of whole files would load the symbols too.
        FileKind::Elf64 => {
            elf(FileHeader64::<Endianness>::parse(&cache).map_err(wrong)?, &cache).map_err(wrong)
        }
        FileKind::Elf32 => {
            elf(FileHeader32::<Endianness>::parse(&cache).map_err(wrong)?, &cache).map_err(wrong)
        }
        FileKind::MachO32 | FileKind::MachO64 | FileKind::Pe32 | FileKind::Pe64 => {
            whole(&cache).map_err(wrong)
        }
        FileKind::Archive => archive(&cache).map_err(wrong),
        FileKind::MachOFat32 | FileKind::MachOFat64 => {
            Err(Fault::Unknown { what: "universal binary", version: 0 })
        }
        _ => Err(Fault::damaged(0, "this is no executable")),
    }
}

/// A library for Rust: object files, and metadata that is none.
fn archive<R: object::read::ReadCacheOps>(cache: &ReadCache<R>) -> object::Result<Places> {
    let mut all = Places { order: Order::Little, sections: Vec::new() };
    for member in ArchiveFile::parse(cache)?.members() {
        let (start, size) = member?.file_range();
        let data = cache.range(start, size);
        let places = match FileKind::parse(data) {
            Ok(FileKind::Elf64) => elf(FileHeader64::<Endianness>::parse(data)?, data)?,
            Ok(FileKind::Elf32) => elf(FileHeader32::<Endianness>::parse(data)?, data)?,
            Ok(FileKind::MachO32 | FileKind::MachO64 | FileKind::Coff) => whole(data)?,
            _ => continue,
        };
        all.order = places.order;
        all.sections.extend(
            places.sections.into_iter().map(|(part, at, size)| (part, start.saturating_add(at), size)),
        );
    }
    Ok(all)
}

fn wrong(error: object::Error) -> Fault {
    Fault::Damaged { offset: 0, what: format!("this is no executable: {error}").into() }
}

fn order(little: bool) -> Order {
    if little { Order::Little } else { Order::Big }
}

fn elf<'data, Elf: FileHeader<Endian = Endianness>>(
    header: &Elf,
    data: impl ReadRef<'data>,
) -> object::Result<Places> {
    let endian = header.endian()?;
    let table = header.sections(endian, data)?;
    let mut sections = Vec::new();
    for section in table.iter() {
        // A name that cannot be read is none of ours.
        let part = table.section_name(endian, section).ok().and_then(Part::of);
        if let (Some(part), Some((offset, size))) = (part, section.file_range(endian)) {
            sections.push((part, offset, size));
        }
    }
    Ok(Places { order: order(header.is_little_endian()), sections })
}

fn whole<'data>(data: impl ReadRef<'data>) -> object::Result<Places> {
    let file = object::File::parse(data)?;
    // The linker leaves one zero in front of the names in executables of Windows.
    let zero = file.format() == object::BinaryFormat::Pe;
    let mut sections = Vec::new();
    for section in file.sections() {
        let part = section.name_bytes().ok().and_then(Part::of);
        if let (Some(part), Some((offset, size))) = (part, section.file_range()) {
            let skipped = u64::from(zero && part == Part::Names && size > 0);
            sections.push((part, offset.saturating_add(skipped), size - skipped));
        }
    }
    Ok(Places { order: order(file.is_little_endian()), sections })
}
