//! Which programs are installed.

use std::path::{Path, PathBuf};

use super::variables::Variables;

/// The path of a program, looked up as a shell does.
#[must_use]
pub fn find(env: &Variables, program: &str) -> Option<PathBuf> {
    if program.contains('/') {
        return Some(PathBuf::from(program)).filter(|path| is_executable(path));
    }
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(env.get("PATH")?).map(|folder| folder.join(&name)).find(|path| is_executable(path))
}

/// The same, but a subcommand of cargo (`cargo-NAME`) is looked for in cargo's own `bin` folder too, as cargo does.
#[must_use]
pub fn find_cargo_or_plain(env: &Variables, program: &str) -> Option<PathBuf> {
    let in_cargo_home = || {
        let home = env.get("CARGO_HOME").map(PathBuf::from);
        let home = home.or_else(|| env.get("HOME").map(|home| Path::new(home).join(".cargo")))?;
        let path = home.join("bin").join(format!("{program}{}", std::env::consts::EXE_SUFFIX));
        Some(path).filter(|path| program.starts_with("cargo-") && is_executable(path))
    };
    find(env, program).or_else(in_cargo_home)
}

fn is_executable(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        path.metadata().is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    }
    #[cfg(not(unix))]
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_the_shell_finds() {
        let env: Variables = std::env::vars().collect();
        assert!(find(&env, "sh").is_some());
        assert!(find(&env, "no-such-program").is_none());
        assert!(find(&Variables::new(), "sh").is_none());
    }
}
