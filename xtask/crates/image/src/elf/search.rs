//! Where a dynamic loader looks for libraries. Sources: ld.so(8), "DESCRIPTION"; ldconfig(8); musl's `ldso/dynlink.c`, as its
//! documentation describes it.

use std::collections::BTreeSet;

use super::{Elf, Files};

/// How deep files of settings may include each other.
const INCLUDES: usize = 8;

/// The folders that are searched for every library, after those that the files themselves name.
pub(super) fn folders(files: &dyn Files, program: &Elf) -> Vec<String> {
    let mut folders = if program.is_musl() { musl(files, program) } else { glibc(files, program) };
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

fn glibc(files: &dyn Files, program: &Elf) -> Vec<String> {
    let mut folders = Vec::new();
    // The loader reads only the cache that ldconfig made of these folders; without the cache they do not count.
    if files.real("/etc/ld.so.cache").is_some() {
        configured(files, "/etc/ld.so.conf", INCLUDES, &mut folders);
    }
    for root in ["/lib", "/usr/lib"] {
        folders.extend(program.machine.multiarch().map(|name| format!("{root}/{name}")));
        if program.machine.is_64 {
            folders.push(format!("{root}64"));
        }
        folders.push(root.to_owned());
    }
    // A loader that was built for another folder, as Nix does, has its libraries beside itself.
    let loader = program.interpreter.as_deref().and_then(|path| files.real(path));
    folders.extend(loader.and_then(|path| Some(path.rsplit_once('/')?.0.to_owned())));
    folders
}

fn musl(files: &dyn Files, program: &Elf) -> Vec<String> {
    let name =
        program.interpreter.as_deref().and_then(|path| path.rsplit_once('/')).map_or("", |(_, name)| name);
    let settings = name.split('.').next().map(|stem| format!("/etc/{stem}.path"));
    match settings.and_then(|path| files.text(&path)) {
        Some(text) => text.split([':', '\n']).filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        None => ["/lib", "/usr/local/lib", "/usr/lib"].map(str::to_owned).to_vec(),
    }
}

/// The folders of a file of settings and of those that it includes.
fn configured(files: &dyn Files, path: &str, depth: usize, folders: &mut Vec<String>) {
    let Some(text) = files.text(path).filter(|_| depth > 0) else {
        return;
    };
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("include"), Some(pattern)) => {
                for included in matching(files, path, pattern) {
                    configured(files, &included, depth - 1, folders);
                }
            }
            // `hwcap` lines belong to kernels that no longer run.
            (Some("hwcap") | None, _) => {}
            (Some(folder), _) => folders.push(folder.trim_end_matches('/').to_owned()),
        }
    }
}

/// The files that a pattern names; `*` stands in its last part, relative patterns begin beside the file that has them.
fn matching(files: &dyn Files, from: &str, pattern: &str) -> Vec<String> {
    let beside = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let pattern = if pattern.starts_with('/') { pattern.to_owned() } else { format!("{beside}/{pattern}") };
    let Some((folder, name)) = pattern.rsplit_once('/') else {
        return Vec::new();
    };
    let Some((start, end)) = name.split_once('*') else {
        return vec![pattern];
    };
    let fits = |name: &String| {
        name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
    };
    files.names(folder).into_iter().filter(fits).map(|name| format!("{folder}/{name}")).collect()
}

/// The folders that a file itself names, its own folder put in place of `$ORIGIN`.
pub(super) fn expanded(written: &[String], file: &str, elf: &Elf) -> Vec<String> {
    let origin = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let library = elf.machine.multiarch().map_or_else(|| "lib".to_owned(), |name| format!("lib/{name}"));
    let platform = elf.machine.multiarch().and_then(|name| name.split('-').next()).unwrap_or_default();
    let expand = |folder: &String| {
        let mut folder = folder.clone();
        for (name, value) in [("ORIGIN", origin), ("LIB", &library), ("PLATFORM", platform)] {
            folder = folder.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value);
        }
        folder
    };
    written.iter().map(expand).collect()
}
