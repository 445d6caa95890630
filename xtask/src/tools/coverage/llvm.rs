//! LLVM's own tools, `llvm-profdata` and `llvm-cov`, where they fit the compiler.

use std::path::{Path, PathBuf};

use crate::model::command::CommandLine;
use crate::tools::process::Supervisor;
use crate::tools::programs;

/// Both tools, and where they are from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tools {
    /// `llvm-profdata`.
    pub profdata: PathBuf,
    /// `llvm-cov`.
    pub cov: PathBuf,
    /// How they were found, as a short phrase.
    pub origin: String,
}

/// The compiler whose profiles are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiler {
    /// Its target triple.
    pub host: String,
    /// The major version of its LLVM.
    pub llvm: u32,
    /// Where it is installed.
    pub sysroot: PathBuf,
}

impl Compiler {
    /// Asks rustc; none when it does not say.
    #[must_use]
    pub fn ask(supervisor: &Supervisor) -> Option<Self> {
        let version = supervisor.ask(&CommandLine::new("rustc").arg("-vV")).ok()?.stdout;
        let sysroot = supervisor.first_line(&CommandLine::new("rustc").args(["--print", "sysroot"]))?;
        Self::of(&version, sysroot.into())
    }

    fn of(version: &str, sysroot: PathBuf) -> Option<Self> {
        let value = |key: &str| version.lines().find_map(|line| line.strip_prefix(key));
        let host = value("host: ")?.to_owned();
        let llvm = value("LLVM version: ")?.split('.').next()?.parse().ok()?;
        Some(Self { host, llvm, sysroot })
    }
}

/// Finds both tools: those that `LLVM_COV` and `LLVM_PROFDATA` name, those of the toolchain (the component
/// `llvm-tools`), or those of the system when they are of the compiler's major version, as an older one cannot read
/// its profiles.
///
/// # Errors
/// When there are none, in a sentence.
pub fn find(supervisor: &Supervisor, compiler: &Compiler) -> Result<Tools, String> {
    let env = &supervisor.env;
    let named = |name: &str| env.get(name).filter(|path| !path.is_empty());
    if let (Some(cov), Some(profdata)) = (named("LLVM_COV"), named("LLVM_PROFDATA")) {
        let program =
            |path: &String| programs::find(env, path).ok_or_else(|| format!("there is no program {path}"));
        let origin = "named by LLVM_COV and LLVM_PROFDATA".to_owned();
        return Ok(Tools { profdata: program(profdata)?, cov: program(cov)?, origin });
    }
    let component = compiler.sysroot.join("lib/rustlib").join(&compiler.host).join("bin");
    let in_component = |name: &str| find_in(&component, name);
    if let (Some(cov), Some(profdata)) = (in_component("llvm-cov"), in_component("llvm-profdata")) {
        return Ok(Tools { profdata, cov, origin: "the toolchain's component llvm-tools".to_owned() });
    }
    let major = compiler.llvm;
    let versioned = |name: &str| programs::find(env, &format!("{name}-{major}"));
    if let (Some(cov), Some(profdata)) = (versioned("llvm-cov"), versioned("llvm-profdata")) {
        return Ok(Tools { profdata, cov, origin: format!("the system's LLVM {major}") });
    }
    if let (Some(cov), Some(profdata)) =
        (programs::find(env, "llvm-cov"), programs::find(env, "llvm-profdata"))
        && major_of(supervisor, &cov) == Some(major)
    {
        return Ok(Tools { profdata, cov, origin: format!("the system's LLVM {major}") });
    }
    Err(format!(
        "no llvm-cov and llvm-profdata of version {major} is installed (rustup component add llvm-tools, or the \
         package llvm-{major} of the system)"
    ))
}

fn find_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}

/// `Debian LLVM version 22.1.8` among other lines.
fn major_of(supervisor: &Supervisor, program: &Path) -> Option<u32> {
    let said = supervisor.ask(&CommandLine::new(program.to_string_lossy()).arg("--version")).ok()?.stdout;
    said.split("LLVM version ").nth(1)?.split('.').next()?.parse().ok()
}

impl Tools {
    /// The command that merges the raw profiles which a file lists.
    #[must_use]
    pub fn merge(&self, list: &Path, merged: &Path) -> CommandLine {
        CommandLine::new(self.profdata.to_string_lossy())
            .args(["merge", "-sparse", "--failure-mode=all"])
            .arg(format!("--input-files={}", list.display()))
            .args(["-o".into(), merged.to_string_lossy()])
    }

    /// The command that writes the coverage of these objects as JSON.
    #[must_use]
    pub fn export(&self, merged: &Path, objects: &[PathBuf], json: &Path) -> CommandLine {
        let (first, others) =
            objects.split_first().map_or((None, objects), |(first, rest)| (Some(first), rest));
        CommandLine::new(self.cov.to_string_lossy())
            .args(["export", "-format=text", "-skip-expansions"])
            .arg(format!("-instr-profile={}", merged.display()))
            .args(first.map(|object| object.to_string_lossy().into_owned()))
            .args(others.iter().flat_map(|object| ["-object".into(), object.to_string_lossy()]))
            .into_file(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::secret::Redactor;
    use crate::tools::variables::Variables;

    fn supervisor(env: &[(&str, &str)]) -> Supervisor {
        Supervisor {
            root: std::env::temp_dir(),
            env: env
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect::<Variables>(),
            redactor: Redactor::default(),
            interrupt: crate::tools::interrupt::Interrupt::default(),
            grace: std::time::Duration::from_secs(1),
            running: std::sync::Arc::default(),
        }
    }

    fn compiler(sysroot: &Path) -> Compiler {
        let version = "rustc 1.95.0\nbinary: rustc\nhost: x86_64-unknown-linux-gnu\nLLVM version: 22.1.2\n";
        Compiler::of(version, sysroot.to_owned()).unwrap()
    }

    /// A program that says its version.
    fn program(folder: &Path, name: &str, version: &str) {
        std::fs::create_dir_all(folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\necho 'Debian LLVM version {version}'\n")).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }

    #[test]
    fn the_compiler_tells_its_llvm() {
        assert_eq!(compiler(Path::new("/s")).llvm, 22);
        assert_eq!(Compiler::of("rustc 1.95.0\n", PathBuf::new()), None);
    }

    #[test]
    fn tools_are_found_in_the_order_of_how_well_they_fit() {
        let folder = tempfile::tempdir().unwrap();
        let (system, sysroot) = (folder.path().join("system"), folder.path().join("sysroot"));
        let path = format!("{}:/bin:/usr/bin", system.display());
        let found = || find(&supervisor(&[("PATH", &path)]), &compiler(&sysroot)).map(|tools| tools.origin);
        let both = |folder: &Path, suffix: &str, version: &str| {
            for name in ["llvm-cov", "llvm-profdata"] {
                program(folder, &format!("{name}{suffix}"), version);
            }
        };
        both(&system, "", "14.0.6");
        let path_without = format!("{}:/nowhere", system.display());
        let error = find(&supervisor(&[("PATH", &path_without)]), &compiler(&sysroot)).unwrap_err();
        assert!(error.starts_with("no llvm-cov and llvm-profdata of version 22"), "{error}");
        both(&system, "-22", "22.1.8");
        assert_eq!(found().unwrap(), "the system's LLVM 22");
        both(&sysroot.join("lib/rustlib/x86_64-unknown-linux-gnu/bin"), "", "22.1.2");
        assert_eq!(found().unwrap(), "the toolchain's component llvm-tools");
        let named = system.join("llvm-cov").display().to_string();
        let env = [("PATH", path.as_str()), ("LLVM_COV", &named), ("LLVM_PROFDATA", "/no/such")];
        let error = find(&supervisor(&env), &compiler(&sysroot)).unwrap_err();
        assert_eq!(error, "there is no program /no/such");
    }

    #[test]
    fn a_plain_name_counts_with_the_right_version_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = format!("{}:/nowhere", folder.path().display());
        for name in ["llvm-cov", "llvm-profdata"] {
            program(folder.path(), name, "22.1.8");
        }
        let found = find(&supervisor(&[("PATH", &path)]), &compiler(Path::new("/none")));
        assert_eq!(found.unwrap().origin, "the system's LLVM 22");
    }
}
