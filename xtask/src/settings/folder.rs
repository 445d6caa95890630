//! A folder inside the repository.

use serde::{Deserialize, Serialize};

/// A folder below the root of the repository, such as `target/reports`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("pattern" = r"^[^/\\]+(/[^/\\]+)*$")))]
#[serde(try_from = "String", into = "String")]
pub struct Folder(String);

impl Folder {
    /// The path, relative to the root, with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Folder {
    type Error = &'static str;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        match stays_inside(&path) {
            Ok(()) if path.split('/').any(|part| part.is_empty() || part == ".") => {
                Err("a folder is named by its parts with one `/` between them, such as `target/reports`")
            }
            Ok(()) => Ok(Self(path)),
            Err(reason) => Err(reason),
        }
    }
}

impl From<Folder> for String {
    fn from(folder: Folder) -> Self {
        folder.0
    }
}

/// Refuses a path that could lead out of the repository on any system.
pub(super) fn stays_inside(path: &str) -> Result<(), &'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with('/') || drive {
        return Err("the path must be relative to the root of the repository, not absolute");
    }
    if path.contains('\\') {
        return Err("folders are separated by `/`");
    }
    if path.split('/').any(|part| part == "..") {
        return Err("the path must not lead out of the repository: `..` is not allowed");
    }
    if path.chars().any(char::is_control) {
        return Err("the path has a control character");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_never_leads_out() {
        for good in ["reports", "target/reports", ".cache/x", "a..b"] {
            assert!(Folder::try_from(good.to_owned()).is_ok(), "{good}");
        }
        for bad in ["", ".", "/tmp", "C:/x", "..", "a/../b", "a\\b", "a//b", "./a", "a/", "a\0"] {
            assert!(Folder::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
