//! ELF files for tests, made of nothing but headers.

use object::elf;

/// What an ELF file of a test shall say.
#[derive(Clone, Default)]
pub(crate) struct Fixture {
    interpreter: Option<String>,
    entries: Vec<(u32, String)>,
    needs: Vec<(String, Vec<String>)>,
    offers: Vec<String>,
    machine: Option<u16>,
}

const HEADERS: usize = 64 + 3 * 56;

impl Fixture {
    pub(crate) fn program(loader: &str) -> Self {
        Self { interpreter: Some(loader.to_owned()), ..Self::default() }
    }

    pub(crate) fn library(soname: &str) -> Self {
        Self::default().entry(elf::DT_SONAME, soname)
    }

    pub(crate) fn entry(mut self, tag: u32, text: &str) -> Self {
        self.entries.push((tag, text.to_owned()));
        self
    }

    pub(crate) fn needs(self, library: &str, versions: &[&str]) -> Self {
        let mut made = self.entry(elf::DT_NEEDED, library);
        if !versions.is_empty() {
            made.needs.push((library.to_owned(), versions.iter().map(ToString::to_string).collect()));
        }
        made
    }

    pub(crate) fn offers(mut self, versions: &[&str]) -> Self {
        self.offers.extend(versions.iter().map(ToString::to_string));
        self
    }

    pub(crate) fn machine(mut self, machine: u16) -> Self {
        self.machine = Some(machine);
        self
    }

    /// A 64-bit little-endian file, mapped at its own offsets.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut strings = vec![0];
        let mut add = |text: &str| {
            let at = strings.len();
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
            u32::try_from(at).unwrap()
        };
        let mut dynamic: Vec<(u64, u64)> =
            self.entries.iter().map(|(tag, text)| (u64::from(*tag), u64::from(add(text)))).collect();
        let (need, define) = (self.verneed(&mut add), self.verdef(&mut add));
        let interpreter = self.interpreter.as_ref().map(|path| format!("{path}\0")).unwrap_or_default();

        let interpreter_at = HEADERS;
        let strings_at = interpreter_at + interpreter.len();
        let need_at = strings_at + strings.len();
        let define_at = need_at + need.len();
        let dynamic_at = define_at + define.len();
        dynamic.push((elf::DT_STRTAB.into(), strings_at as u64));
        dynamic.push((elf::DT_STRSZ.into(), strings.len() as u64));
        dynamic.extend((!need.is_empty()).then_some((elf::DT_VERNEED.into(), need_at as u64)));
        dynamic.extend((!define.is_empty()).then_some((elf::DT_VERDEF.into(), define_at as u64)));
        dynamic.push((elf::DT_NULL.into(), 0));
        if self.entries.is_empty() && self.offers.is_empty() {
            dynamic.clear();
        }
        let end = dynamic_at + dynamic.len() * 16;

        let mut bytes = self.file_header();
        bytes.extend(segment(elf::PT_LOAD, 0, end));
        let kind = |is_there: bool, kind: u32| if is_there { kind } else { elf::PT_NULL };
        bytes.extend(segment(
            kind(!interpreter.is_empty(), elf::PT_INTERP),
            interpreter_at,
            interpreter.len(),
        ));
        bytes.extend(segment(kind(!dynamic.is_empty(), elf::PT_DYNAMIC), dynamic_at, dynamic.len() * 16));
        assert_eq!(bytes.len(), HEADERS);
        bytes.extend(interpreter.bytes().chain(strings).chain(need).chain(define));
        bytes.extend(
            dynamic.iter().flat_map(|(tag, value)| [tag.to_le_bytes(), value.to_le_bytes()]).flatten(),
        );
        bytes
    }

    fn file_header(&self) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend(elf::ET_DYN.to_le_bytes());
        bytes.extend(self.machine.unwrap_or(elf::EM_X86_64).to_le_bytes());
        bytes.extend(1_u32.to_le_bytes());
        bytes.extend([0_u64, 64, 0].into_iter().flat_map(u64::to_le_bytes));
        bytes.extend(0_u32.to_le_bytes());
        bytes.extend([64_u16, 56, 3, 64, 0, 0].into_iter().flat_map(u16::to_le_bytes));
        bytes
    }

    fn verneed(&self, add: &mut impl FnMut(&str) -> u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, (library, versions)) in self.needs.iter().enumerate() {
            let next = if index + 1 == self.needs.len() { 0 } else { 16 + 16 * versions.len() };
            bytes.extend([1, u16::try_from(versions.len()).unwrap()].into_iter().flat_map(u16::to_le_bytes));
            bytes.extend(
                [add(library), 16, u32::try_from(next).unwrap()].into_iter().flat_map(u32::to_le_bytes),
            );
            for (index, version) in versions.iter().enumerate() {
                let next = if index + 1 == versions.len() { 0 } else { 16 };
                bytes.extend([0_u32, 0, add(version), next].into_iter().flat_map(u32::to_le_bytes));
            }
        }
        bytes
    }

    fn verdef(&self, add: &mut impl FnMut(&str) -> u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, version) in self.offers.iter().enumerate() {
            let next = if index + 1 == self.offers.len() { 0 } else { 28 };
            bytes.extend([1_u16, 0, 2, 1].into_iter().flat_map(u16::to_le_bytes));
            bytes.extend([0_u32, 20, next, add(version), 0].into_iter().flat_map(u32::to_le_bytes));
        }
        bytes
    }
}

fn segment(kind: u32, offset: usize, size: usize) -> Vec<u8> {
    let (offset, size) = (offset as u64, size as u64);
    let words = [offset, offset, offset, size, size, 1].into_iter().flat_map(u64::to_le_bytes);
    kind.to_le_bytes().into_iter().chain(4_u32.to_le_bytes()).chain(words).collect()
}
