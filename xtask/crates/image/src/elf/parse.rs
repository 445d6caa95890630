//! From bytes to [`Elf`]. Everything is read through the program headers, as a loader does: section headers may be stripped.

use std::fmt;

use object::elf::{self, FileHeader32, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader, ProgramHeader as _};
use object::read::{ReadRef as _, StringTable};
use object::{Endianness, Pod};

use super::{Elf, Machine, VersionNeed};

/// The most records of one chain of versions; glibc offers about fifty.
const RECORDS: usize = 4096;

/// A file that begins as ELF and is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfError(String);

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken ELF file: {}", self.0)
    }
}

impl std::error::Error for ElfError {}

impl From<object::read::Error> for ElfError {
    fn from(error: object::read::Error) -> Self {
        Self(error.to_string())
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Option<Elf>, ElfError> {
    if !bytes.starts_with(b"\x7fELF") {
        return Ok(None);
    }
    match bytes.get(4) {
        Some(&elf::ELFCLASS32) => read::<FileHeader32<Endianness>>(bytes).map(Some),
        Some(&elf::ELFCLASS64) => read::<FileHeader64<Endianness>>(bytes).map(Some),
        _ => Err(ElfError("neither 32 nor 64 bits".to_owned())),
    }
}

fn read<Header: FileHeader<Endian = Endianness>>(bytes: &[u8]) -> Result<Elf, ElfError> {
    let header = Header::parse(bytes)?;
    let endian = header.endian()?;
    let machine = Machine {
        number: header.e_machine(endian),
        is_64: header.is_class_64(),
        is_little: endian == Endianness::Little,
    };
    let mut interpreter = None;
    let mut dynamic: &[Header::Dyn] = &[];
    let mut loads = Vec::new();
    for segment in header.program_headers(endian, bytes)? {
        if let Some(path) = segment.interpreter(endian, bytes)? {
            interpreter = Some(text(path));
        }
        if let Some(entries) = segment.dynamic(endian, bytes)? {
            dynamic = entries;
        }
        if segment.p_type(endian) == elf::PT_LOAD {
            let (offset, size) = segment.file_range(endian);
            loads.push(Load { address: segment.p_vaddr(endian).into(), offset, size });
        }
    }
    let entries = dynamic.iter().map(|entry| (entry.d_tag(endian).into(), entry.d_val(endian).into()));
    let entries: Vec<(u64, u64)> = entries.take_while(|(tag, _)| *tag != u64::from(elf::DT_NULL)).collect();
    Dynamic { bytes, endian, entries, loads }.elf(machine, interpreter)
}

/// A part of the file that is mapped into memory.
struct Load {
    address: u64,
    offset: u64,
    size: u64,
}

/// The dynamic section and what its addresses lead to.
struct Dynamic<'bytes> {
    bytes: &'bytes [u8],
    endian: Endianness,
    entries: Vec<(u64, u64)>,
    loads: Vec<Load>,
}

impl Dynamic<'_> {
    fn elf(&self, machine: Machine, interpreter: Option<String>) -> Result<Elf, ElfError> {
        let strings = self.strings()?;
        let name = |offset: u64| -> Result<String, ElfError> {
            let offset = u32::try_from(offset).map_err(|_| ElfError("a name lies outside".to_owned()))?;
            strings.get(offset).map(text).map_err(|()| ElfError("a name lies outside".to_owned()))
        };
        let names = |tag| self.all(tag).map(name).collect::<Result<Vec<_>, _>>();
        let folders = |tag| -> Result<Vec<String>, ElfError> {
            let lists = names(tag)?;
            let folders = lists.iter().flat_map(|list| list.split(':')).filter(|folder| !folder.is_empty());
            Ok(folders.map(str::to_owned).collect())
        };
        Ok(Elf {
            machine,
            interpreter,
            soname: self.first(elf::DT_SONAME).map(name).transpose()?,
            needed: names(elf::DT_NEEDED)?,
            rpath: folders(elf::DT_RPATH)?,
            runpath: folders(elf::DT_RUNPATH)?,
            needs: self.needs(&name)?,
            offers: self.offers(&name)?,
        })
    }

    fn all(&self, tag: u32) -> impl Iterator<Item = u64> {
        self.entries.iter().filter(move |(found, _)| *found == u64::from(tag)).map(|(_, value)| *value)
    }

    fn first(&self, tag: u32) -> Option<u64> {
        self.all(tag).next()
    }

    /// Where in the file this address comes from.
    fn offset(&self, address: u64) -> Result<u64, ElfError> {
        let inside = |load: &Load| {
            let distance = address.checked_sub(load.address).filter(|distance| *distance < load.size)?;
            load.offset.checked_add(distance)
        };
        self.loads.iter().find_map(inside).ok_or_else(|| ElfError(format!("nothing at address {address:#x}")))
    }

    fn strings(&self) -> Result<StringTable<'_, &[u8]>, ElfError> {
        let Some(address) = self.first(elf::DT_STRTAB) else {
            return Ok(StringTable::default());
        };
        let start = self.offset(address)?;
        let end = start.saturating_add(self.first(elf::DT_STRSZ).unwrap_or(0)).min(self.bytes.len() as u64);
        Ok(StringTable::new(self.bytes, start, end))
    }

    fn at<Record: Pod>(&self, offset: u64) -> Result<&Record, ElfError> {
        self.bytes.read_at(offset).map_err(|()| ElfError("a record of versions lies outside".to_owned()))
    }

    fn needs(&self, name: &Name<'_>) -> Result<Vec<VersionNeed>, ElfError> {
        let mut needs = Vec::new();
        let Some(address) = self.first(elf::DT_VERNEED) else {
            return Ok(needs);
        };
        let mut at = self.offset(address)?;
        let e = self.endian;
        let mut read = 0;
        loop {
            let file: &elf::Verneed<Endianness> = self.at(at)?;
            let library = name(file.vn_file.get(e).into())?;
            let mut aux_at = at.saturating_add(file.vn_aux.get(e).into());
            for _ in 0..file.vn_cnt.get(e).max(1) {
                read += 1;
                if read > RECORDS {
                    return Err(ElfError("too many versions".to_owned()));
                }
                let aux: &elf::Vernaux<Endianness> = self.at(aux_at)?;
                if aux.vna_flags.get(e) & elf::VER_FLG_WEAK == 0 {
                    let version = name(aux.vna_name.get(e).into())?;
                    needs.push(VersionNeed { library: library.clone(), version });
                }
                aux_at = aux_at.saturating_add(aux.vna_next.get(e).into());
            }
            let next = file.vn_next.get(e);
            if next == 0 {
                return Ok(needs);
            }
            at = at.saturating_add(next.into());
        }
    }

    fn offers(&self, name: &Name<'_>) -> Result<Vec<String>, ElfError> {
        let mut offers = Vec::new();
        let Some(address) = self.first(elf::DT_VERDEF) else {
            return Ok(offers);
        };
        let mut at = self.offset(address)?;
        let e = self.endian;
        for _ in 0..RECORDS {
            let definition: &elf::Verdef<Endianness> = self.at(at)?;
            // The base definition is the file's own name.
            if definition.vd_flags.get(e) & elf::VER_FLG_BASE == 0 {
                let aux: &elf::Verdaux<Endianness> =
                    self.at(at.saturating_add(definition.vd_aux.get(e).into()))?;
                offers.push(name(aux.vda_name.get(e).into())?);
            }
            let next = definition.vd_next.get(e);
            if next == 0 {
                break;
            }
            at = at.saturating_add(next.into());
        }
        Ok(offers)
    }
}

/// The text at an offset of the string table.
type Name<'a> = dyn Fn(u64) -> Result<String, ElfError> + 'a;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
