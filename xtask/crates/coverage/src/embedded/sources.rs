//! Source files: the paths the compiler wrote, and which of them are wanted under what name.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use super::Keep;

/// A source file as a coverage map names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Source {
    /// The number of its path.
    pub(super) path: u32,
    /// The number of the wanted file; none when it is not wanted.
    pub(super) file: Option<u32>,
}

/// All source files of all executables. Each path is asked for once.
pub(super) struct Sources<'a> {
    keep: Keep<'a>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    paths: HashMap<String, Source>,
    files: HashMap<String, u32>,
}

impl<'a> Sources<'a> {
    /// None yet.
    pub(super) fn new(keep: Keep<'a>) -> Self {
        Self { keep, known: Mutex::default() }
    }

    /// The files of these paths.
    pub(super) fn of(&self, paths: impl Iterator<Item = String>) -> Vec<Source> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = &mut *known;
        paths.map(|path| known.source(path, self.keep)).collect()
    }

    /// The wanted files, by their number.
    pub(super) fn into_files(self) -> Vec<String> {
        let known = self.known.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut files: Vec<(u32, String)> =
            known.files.into_iter().map(|(name, number)| (number, name)).collect();
        files.sort_unstable();
        files.into_iter().map(|(_, name)| name).collect()
    }
}

impl Known {
    fn source(&mut self, path: String, keep: Keep<'_>) -> Source {
        if let Some(source) = self.paths.get(&path) {
            return *source;
        }
        let file = keep(&path).map(|name| {
            let next = number(self.files.len());
            *self.files.entry(name).or_insert(next)
        });
        let source = Source { path: number(self.paths.len()), file };
        self.paths.insert(path, source);
        source
    }
}

/// There is no room in memory for so many paths that the number would not fit.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A path made absolute with the folder of the compilation, without `.` and `..`, as LLVM does it.
pub(super) fn absolute(folder: &str, path: &str) -> String {
    if is_absolute(path) {
        return path.to_owned();
    }
    let separator = if folder.contains('\\') && !folder.contains('/') { '\\' } else { '/' };
    let is_separator = |c| c == '/' || (separator == '\\' && c == '\\');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split(is_separator).chain(path.split(is_separator)) {
        match part {
            "" | "." => {}
            ".." => {
                if parts.last().is_some_and(|last| *last != "..") {
                    parts.pop();
                } else if !folder.starts_with(is_separator) {
                    parts.push(part);
                }
            }
            part => parts.push(part),
        }
    }
    let root = folder.starts_with(is_separator).then_some(separator);
    let mut absolute = String::with_capacity(folder.len() + path.len() + 2);
    absolute.extend(root);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            absolute.push(separator);
        }
        absolute.push_str(part);
    }
    absolute
}

fn is_absolute(path: &str) -> bool {
    let drive = |path: &str| {
        let mut chars = path.chars();
        chars.next().is_some_and(|c| c.is_ascii_alphabetic()) && chars.next() == Some(':')
    };
    path.starts_with('/') || path.starts_with('\\') || drive(path)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn paths_are_made_absolute_as_llvm_does() {
        assert_eq!(absolute("/a/b", "src/lib.rs"), "/a/b/src/lib.rs");
        assert_eq!(absolute("/a/b", "./../c/../src/lib.rs"), "/a/src/lib.rs");
        assert_eq!(absolute("/a", "../../x.rs"), "/x.rs");
        assert_eq!(absolute("/a/b", "/c/./lib.rs"), "/c/./lib.rs");
        assert_eq!(absolute("C:\\a", "src\\lib.rs"), "C:\\a\\src\\lib.rs");
        assert_eq!(absolute("C:\\a", "D:\\lib.rs"), "D:\\lib.rs");
        assert_eq!(absolute("", "src/lib.rs"), "src/lib.rs");
    }

    #[test]
    fn each_path_is_asked_for_once() {
        let asked = AtomicUsize::new(0);
        let keep = |path: &str| {
            asked.fetch_add(1, Ordering::Relaxed);
            path.strip_prefix("/w/").map(str::to_owned)
        };
        let sources = Sources::new(&keep);
        let paths = || ["/w/a.rs", "/x/b.rs", "/w/a.rs"].into_iter().map(str::to_owned);
        let first = sources.of(paths());
        assert_eq!(first, sources.of(paths()));
        assert_eq!((first[0].file, first[1].file), (Some(0), None));
        assert_eq!(asked.load(Ordering::Relaxed), 2);
        assert_eq!(sources.into_files(), ["a.rs"]);
    }
}
