//! Paths as text, of any system on any system.

/// The path with `/` between folders, without `.`, empty components and `a/..`; a drive letter is a capital, and the
/// `\\?\` in front of a long Windows path is gone. An absolute path begins with `/` or a drive, `..` stays only at the
/// start of a relative path.
pub(super) fn path(raw: &str) -> String {
    let slashes = raw.replace('\\', "/");
    let (prefix, rest) = prefix(slashes.strip_prefix("//?/").unwrap_or(&slashes));
    let mut kept: Vec<&str> = Vec::new();
    for component in rest.split('/') {
        match component {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            ".." if !prefix.is_empty() => {}
            component => kept.push(component),
        }
    }
    let joined = kept.join("/");
    // `./C:/a` had no drive at its start, and has one now.
    if prefix.is_empty() && !self::prefix(&joined).0.is_empty() { path(&joined) } else { prefix + &joined }
}

/// `/`, `C:/`, or nothing in front of a relative path; and the rest.
fn prefix(path: &str) -> (String, &str) {
    if let Some(rest) = path.strip_prefix('/') {
        return ("/".to_owned(), rest);
    }
    match path.as_bytes() {
        [drive, b':', b'/', ..] if drive.is_ascii_alphabetic() => {
            let (drive, rest) = path.split_at(3);
            (drive.to_ascii_uppercase(), rest)
        }
        _ => (String::new(), path),
    }
}

/// What of a normal path lies below a normal folder; empty for the folder itself.
pub(super) fn strip<'a>(folder: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() || folder.is_empty() || folder.ends_with('/') {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// A normal path, relative to the root where it lies below it.
pub(super) fn below(root: &str, path: &str) -> String {
    match strip(root, path) {
        Some(rest) if !root.is_empty() => rest.to_owned(),
        _ => path.to_owned(),
    }
}

/// Whether a normal path that was made relative to the root leaves it, or never lay below it.
pub(super) fn is_outside(path: &str) -> bool {
    path == ".." || path.starts_with("../") || !prefix(path).0.is_empty()
}
