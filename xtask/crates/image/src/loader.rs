//! Whether a program of an image can start, told before it is run: what its dynamic loader would look for, against what the
//! image has. Each problem is one sentence with its remedy.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::elf::{Closure, Elf, Files as _, Library, Missing};
use crate::view::{Facts, Kind, View};

/// Why a program would not start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
pub enum Problem {
    /// There is no file at its path.
    Absent {
        /// The path of the program.
        program: String,
    },
    /// Nobody may execute it.
    NotExecutable {
        /// The path of the program.
        program: String,
    },
    /// It is neither a program nor a script.
    NoProgram {
        /// The path of the program.
        program: String,
    },
    /// It begins as a program and is broken.
    Broken {
        /// The path of the program.
        program: String,
        /// What is wrong.
        error: String,
    },
    /// It is for another processor.
    Architecture {
        /// The path of the program.
        program: String,
        /// The processor that it is for.
        built: String,
        /// The processor that the image is for.
        image: String,
    },
    /// The image does not have the loader, or the interpreter of a script.
    Interpreter {
        /// The path of the program.
        program: String,
        /// The path of what is missing.
        interpreter: String,
    },
    /// The image does not have a library.
    Library {
        /// The path of what needs it.
        program: String,
        /// The library.
        library: String,
    },
    /// A library of the image does not offer a version.
    Version {
        /// The path of what needs it.
        program: String,
        /// The library.
        library: String,
        /// The highest version that is needed and not offered: `GLIBC_2.36`.
        needs: String,
        /// The highest that is offered, of the same kind.
        offers: Option<String>,
    },
}

/// What would keep the program at `path` from starting in this image, which is for `architecture`, in Go's words.
#[must_use]
pub fn check(view: &View, path: &str, architecture: &str) -> Vec<Problem> {
    let program = || path.to_owned();
    let Some(node) = view.get(path).filter(|node| node.entry.kind == Kind::File) else {
        return vec![Problem::Absent { program: program() }];
    };
    let mut problems = Vec::new();
    if node.entry.mode & 0o111 == 0 {
        problems.push(Problem::NotExecutable { program: program() });
    }
    match &node.entry.facts {
        Some(Facts::Elf(elf)) => problems.extend(check_elf(view, path, elf, architecture)),
        Some(Facts::Script(line)) => {
            let interpreter = line.split_whitespace().next().unwrap_or_default().to_owned();
            if view.get(&interpreter).is_none_or(|node| node.entry.kind != Kind::File) {
                problems.push(Problem::Interpreter { program: program(), interpreter });
            }
        }
        Some(Facts::BrokenElf(error)) => {
            problems.push(Problem::Broken { program: program(), error: error.clone() });
        }
        Some(Facts::Text(_)) | None => problems.push(Problem::NoProgram { program: program() }),
    }
    problems
}

fn check_elf(view: &View, path: &str, elf: &Elf, architecture: &str) -> Vec<Problem> {
    let built = elf.machine.architecture();
    if built != architecture {
        let (program, image) = (path.to_owned(), architecture.to_owned());
        return vec![Problem::Architecture { program, built, image }];
    }
    // The program may be behind a link; `$ORIGIN` is where it really is.
    let path = view.real(path).unwrap_or_else(|| path.to_owned());
    let closure = Closure::of(view, &path, elf);
    let missing = |Missing { name, needed_by }: &Missing| {
        let (program, is_loader) = (needed_by.clone(), elf.interpreter.as_ref() == Some(name));
        if is_loader {
            Problem::Interpreter { program, interpreter: name.clone() }
        } else {
            Problem::Library { program, library: name.clone() }
        }
    };
    let mut problems: Vec<Problem> = closure.missing.iter().map(missing).collect();
    // Without its loader nothing of the rest is looked for.
    if let Some(at) = problems.iter().position(|problem| matches!(problem, Problem::Interpreter { .. })) {
        return vec![problems.swap_remove(at)];
    }
    problems.extend(versions(&path, elf, &closure));
    for Library { path, elf, .. } in &closure.libraries {
        problems.extend(versions(path, elf, &closure));
    }
    problems
}

/// The versions that a file needs and its libraries do not offer; one problem a library and kind of version, its highest.
fn versions(path: &str, elf: &Elf, closure: &Closure) -> Vec<Problem> {
    let mut worst: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for need in &elf.needs {
        let Some(library) = closure.library(&need.library) else {
            continue;
        };
        // A library without versions is taken as it is, as loaders do.
        if library.elf.offers.is_empty() || library.elf.offers.contains(&need.version) {
            continue;
        }
        let highest = worst.entry((&need.library, kind(&need.version))).or_insert(&need.version);
        if by_number(&need.version, highest) == Ordering::Greater {
            *highest = &need.version;
        }
    }
    let problem = |((library, kind_needed), needs): ((&str, &str), &str)| {
        let offers =
            closure.library(library).map(|library| library.elf.offers.as_slice()).unwrap_or_default();
        let offers = offers.iter().filter(|version| kind(version) == kind_needed);
        Problem::Version {
            program: path.to_owned(),
            library: library.to_owned(),
            needs: needs.to_owned(),
            offers: offers.max_by(|one, other| by_number(one, other)).cloned(),
        }
    };
    worst.into_iter().map(problem).collect()
}

/// What stands before the number: `GLIBC` of `GLIBC_2.36`.
fn kind(version: &str) -> &str {
    version.rsplit_once('_').map_or(version, |(kind, _)| kind)
}

/// By the numbers behind the kind; words such as `PRIVATE` come first.
fn by_number(one: &str, other: &str) -> Ordering {
    let numbers = |version: &str| -> Vec<u32> {
        let number = version.rsplit_once('_').map_or("", |(_, number)| number);
        number.split('.').map_while(|part| part.parse().ok()).collect()
    };
    numbers(one).cmp(&numbers(other))
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent { program } => {
                write!(f, "the image has no file {}, which it is to run", program.escape_debug())
            }
            Self::NotExecutable { program } => {
                write!(f, "{} may not be executed by anybody: give it the mode 0755", program.escape_debug())
            }
            Self::NoProgram { program } => {
                write!(f, "{} is neither a program for Linux nor a script with `#!`", program.escape_debug())
            }
            Self::Broken { program, error } => {
                write!(f, "{}: {error}: build it again", program.escape_debug())
            }
            Self::Architecture { program, built, image } => write!(
                f,
                "{} is built for {built} and the image is for {image}: build it for the image's platform, or change the platform",
                program.escape_debug()
            ),
            Self::Interpreter { program, interpreter } => write!(
                f,
                "{} is started by {}, which the image does not have: build for musl (static), or choose a base that has it",
                program.escape_debug(),
                interpreter.escape_debug()
            ),
            Self::Library { program, library } => write!(
                f,
                "{} needs the library {}, which the image does not have: link it statically, or choose a base that has it",
                program.escape_debug(),
                library.escape_debug()
            ),
            Self::Version { program, library, needs, offers } => {
                let (program, library) = (program.escape_debug(), library.escape_debug());
                let needs = needs.escape_debug();
                match offers {
                    Some(offers) => {
                        let offers = offers.escape_debug();
                        write!(f, "{program} needs {needs}, the image's {library} offers at most {offers}")?;
                    }
                    None => write!(
                        f,
                        "{program} needs {needs}, the image's {library} offers nothing of the kind"
                    )?,
                }
                f.write_str(": build on an older system, for musl, or choose a newer base")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use object::elf as tags;

    use super::*;
    use crate::blobs::Blobs;
    use crate::elf::fixture::Fixture;
    use crate::layer::{Contents, Item};
    use crate::view::Scan;

    const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

    fn image(files: &[(&str, Vec<u8>)]) -> View {
        let mut contents = Contents::default();
        for (path, bytes) in files {
            contents.add(path, Item::new(bytes.clone().into()).mode(0o755)).unwrap();
        }
        let scan = Scan::of(&contents, 0).unwrap();
        View::merge(&Blobs::below("unused".as_ref()), Vec::new(), vec![scan]).unwrap()
    }

    fn told(files: &[(&str, Vec<u8>)]) -> Vec<String> {
        check(&image(files), "/app", "amd64").iter().map(ToString::to_string).collect()
    }

    fn program() -> Fixture {
        Fixture::program(LOADER).needs("libc.so.6", &["GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.34", "GLIBC_2.36"])
    }

    #[test]
    fn what_can_start_has_no_problem() {
        let libc =
            Fixture::library("libc.so.6").offers(&["GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.34", "GLIBC_2.36"]);
        let files = [
            ("/app", program().bytes()),
            (LOADER, Fixture::library("ld").bytes()),
            ("/lib/libc.so.6", libc.bytes()),
        ];
        assert_eq!(told(&files), [""; 0]);
        assert_eq!(told(&[("/app", Fixture::default().bytes())]), [""; 0], "static");
        assert_eq!(told(&[("/app", b"#!/sh -e\n".to_vec()), ("/sh", Fixture::default().bytes())]), [""; 0]);
    }

    #[test]
    fn an_old_library_is_told_once_with_its_highest_version() {
        let libc = Fixture::library("libc.so.6").offers(&[
            "GLIBC_2.9",
            "GLIBC_2.31",
            "GLIBC_2.2.5",
            "GLIBC_PRIVATE",
        ]);
        let files = [
            ("/app", program().bytes()),
            (LOADER, Fixture::library("ld").bytes()),
            ("/lib/libc.so.6", libc.bytes()),
        ];
        let expected = "/app needs GLIBC_2.36, the image's libc.so.6 offers at most GLIBC_2.31: build on an older system, for musl, or \
                        choose a newer base";
        assert_eq!(told(&files), [expected]);
    }

    #[test]
    fn what_libraries_need_counts_too() {
        let program = Fixture::program(LOADER).needs("libstdc++.so.6", &[]);
        let library =
            Fixture::library("libstdc++.so.6").needs("libc.so.6", &["GLIBC_2.38"]).needs("libm.so.6", &[]);
        let libc = Fixture::library("libc.so.6").offers(&["OTHER_1"]);
        let files = [
            ("/app", program.bytes()),
            (LOADER, Fixture::library("ld").bytes()),
            ("/usr/lib/libstdc++.so.6", library.bytes()),
            ("/lib/libc.so.6", libc.bytes()),
        ];
        let problems = told(&files);
        assert!(
            problems[0].starts_with("/usr/lib/libstdc++.so.6 needs the library libm.so.6, which the image"),
            "{problems:?}"
        );
        assert!(
            problems[1].starts_with(
                "/usr/lib/libstdc++.so.6 needs GLIBC_2.38, the image's libc.so.6 offers nothing"
            )
        );
        assert_eq!(problems.len(), 2);
    }

    #[test]
    fn each_thing_that_is_missing_has_its_sentence() {
        let only = |files: &[(&str, Vec<u8>)]| {
            let problems = told(files);
            assert_eq!(problems.len(), 1, "{problems:?}");
            problems[0].clone()
        };
        assert_eq!(only(&[]), "the image has no file /app, which it is to run");
        assert!(
            only(&[("/app", program().bytes())])
                .starts_with("/app is started by /lib64/ld-linux-x86-64.so.2, which")
        );
        assert!(
            only(&[("/app", b"#!/bin/sh\n".to_vec())])
                .starts_with("/app is started by /bin/sh, which the image")
        );
        let arm = Fixture::program("/lib/ld-linux-aarch64.so.1").machine(tags::EM_AARCH64).bytes();
        assert!(only(&[("/app", arm)]).starts_with("/app is built for arm64 and the image is for amd64"));
        assert!(only(&[("/app", b"text".to_vec())]).starts_with("/app is neither a program"));
        assert!(only(&[("/app", b"\x7fELF\x02".to_vec())]).starts_with("/app: broken ELF file"));
        let mut contents = Contents::default();
        contents.add("app", Item::new(Fixture::default().bytes().into())).unwrap();
        let scan = Scan::of(&contents, 0).unwrap();
        let view = View::merge(&Blobs::below("unused".as_ref()), Vec::new(), vec![scan]).unwrap();
        assert_eq!(check(&view, "/app", "amd64"), [Problem::NotExecutable { program: "/app".to_owned() }]);
    }
}
