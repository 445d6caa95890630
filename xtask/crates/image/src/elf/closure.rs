//! All that a program needs to start: its loader and its libraries, and theirs, found in the order of a dynamic loader.

use std::collections::{BTreeSet, VecDeque};

use super::search::{expanded, folders};
use super::{Elf, Files};

/// The most libraries of one program; the largest desktop programs have a few hundred.
const LIBRARIES: usize = 4096;

/// What a program needs to start.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Closure {
    /// Its loader, by the path in the program. None for a static program.
    pub interpreter: Option<String>,
    /// The libraries that were found, in the order of loading.
    pub libraries: Vec<Library>,
    /// What was not found.
    pub missing: Vec<Missing>,
}

/// A library that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Library {
    /// The name that it is asked for by: `libc.so.6`.
    pub name: String,
    /// Where it was found, before links are followed.
    pub path: String,
    /// What it says to a loader.
    pub elf: Elf,
}

/// A file that is needed and was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its name, or the path of a loader.
    pub name: String,
    /// The path of the file that needs it.
    pub needed_by: String,
}

/// Modules that glibc loads when names are looked up. Since 2.34 they are part of `libc.so.6`; before that a program that does
/// without them cannot look up hosts.
const NAME_SERVICES: [&str; 3] = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"];

impl Closure {
    /// Finds what the program at `path` needs; `elf` is what it says. `LD_LIBRARY_PATH` is not looked at: an image has none.
    ///
    /// Processor-specific folders (`glibc-hwcaps`) are not searched: the plain library beside them runs on every processor.
    #[must_use]
    pub fn of(files: &dyn Files, path: &str, elf: &Elf) -> Self {
        if elf.is_static() {
            return Self::default();
        }
        let mut search =
            Search { files, musl: elf.is_musl(), folders: folders(files, elf), closure: Self::default() };
        search.loader(path, elf);
        search.libraries(path, elf);
        search.name_services();
        search.closure
    }

    /// The library that is loaded for this name.
    #[must_use]
    pub fn library(&self, name: &str) -> Option<&Library> {
        self.libraries
            .iter()
            .find(|library| library.name == name || library.elf.soname.as_deref() == Some(name))
    }
}

struct Search<'files> {
    files: &'files dyn Files,
    musl: bool,
    folders: Vec<String>,
    closure: Closure,
}

/// A file whose needs are still to be found, and the folders of those that loaded it.
struct Waiting {
    path: String,
    elf: Elf,
    inherited: Vec<String>,
}

impl Search<'_> {
    fn loader(&mut self, path: &str, elf: &Elf) {
        let Some(loader) = &elf.interpreter else {
            return;
        };
        if self.files.elf(loader).is_some() {
            self.closure.interpreter = Some(loader.clone());
        } else {
            let missing = Missing { name: loader.clone(), needed_by: path.to_owned() };
            self.closure.missing.push(missing);
        }
    }

    /// Breadth first, as loaders do: the first file of a name serves everybody.
    fn libraries(&mut self, path: &str, elf: &Elf) {
        let first = Waiting { path: path.to_owned(), elf: elf.clone(), inherited: Vec::new() };
        let mut asked = BTreeSet::new();
        let mut queue = VecDeque::from([first]);
        while let Some(file) = queue.pop_front() {
            let rpath = self.rpath(&file);
            for name in &file.elf.needed {
                let known = !asked.insert(name.clone()) || self.closure.library(name).is_some();
                if known || self.is_loader(name) || self.closure.libraries.len() >= LIBRARIES {
                    continue;
                }
                if let Some(library) = self.find(name, &file, &rpath) {
                    let (path, elf) = (library.path.clone(), library.elf.clone());
                    queue.push_back(Waiting { path, elf, inherited: rpath.clone() });
                    self.closure.libraries.push(library);
                } else {
                    let missing = Missing { name: name.clone(), needed_by: file.path.clone() };
                    self.closure.missing.push(missing);
                }
            }
        }
    }

    /// The folders that this file hands down to what it loads. glibc hands down `DT_RPATH` only, and a file with a
    /// `DT_RUNPATH` has none; musl makes no difference between the two.
    fn rpath(&self, file: &Waiting) -> Vec<String> {
        let Waiting { path, elf, inherited } = file;
        let path = self.files.real(path).unwrap_or_else(|| path.clone());
        let own = match (self.musl, elf.runpath.is_empty()) {
            (true, false) => &elf.runpath,
            (false, false) => return inherited.clone(),
            (_, true) => &elf.rpath,
        };
        let mut all = expanded(own, &path, elf);
        all.extend(inherited.iter().cloned());
        all
    }

    fn find(&self, name: &str, file: &Waiting, rpath: &[String]) -> Option<Library> {
        let fits = |path: String| {
            let elf = self.files.elf(&path).filter(|elf| elf.machine == file.elf.machine)?;
            Some(Library { name: name.to_owned(), path, elf })
        };
        let real = self.files.real(&file.path).unwrap_or_else(|| file.path.clone());
        if name.contains('/') {
            return expanded(&[name.to_owned()], &real, &file.elf).into_iter().find_map(fits);
        }
        // A file's own RUNPATH makes the loader leave out every RPATH, also those that were handed down.
        let runpath = expanded(&file.elf.runpath, &real, &file.elf);
        let rpath = if runpath.is_empty() || self.musl { rpath } else { &[] };
        let named = rpath.iter().chain(&runpath);
        named.chain(&self.folders).map(|folder| format!("{folder}/{name}")).find_map(fits)
    }

    /// Whether the loader itself answers to this name: musl's is the whole C library.
    fn is_loader(&self, name: &str) -> bool {
        let stem = name.strip_prefix("lib").and_then(|rest| rest.split('.').next());
        let own = ["c", "pthread", "rt", "m", "dl", "util", "xnet"];
        self.musl && stem.is_some_and(|stem| own.contains(&stem))
    }

    fn name_services(&mut self) {
        let Some(libc) = self.closure.library("libc.so.6").cloned() else {
            return;
        };
        if libc.elf.offers.iter().any(|version| version == "GLIBC_2.34") {
            return;
        }
        let libc = Waiting { path: libc.path, elf: libc.elf, inherited: Vec::new() };
        for name in NAME_SERVICES {
            if self.closure.library(name).is_none() {
                self.closure.libraries.extend(self.find(name, &libc, &[]));
            }
        }
    }
}

#[cfg(test)]
mod tests;
