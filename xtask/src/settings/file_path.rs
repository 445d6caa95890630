//! A file inside the repository.

use serde::{Deserialize, Serialize};

use super::folder::stays_inside;

/// A file below the root of the repository, such as `.config/coverage.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(extend("pattern" = r"^[^/\\]+(/[^/\\]+)*$")))]
#[serde(try_from = "String", into = "String")]
pub struct FilePath(String);

impl FilePath {
    /// The path, relative to the root, with `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FilePath {
    type Error = &'static str;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        stays_inside(&path)?;
        if path.split('/').any(|part| part.is_empty() || part == ".") {
            return Err(
                "a file is named by its parts with one `/` between them, such as `.config/coverage.json`",
            );
        }
        Ok(Self(path))
    }
}

impl From<FilePath> for String {
    fn from(path: FilePath) -> Self {
        path.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_never_leads_out() {
        let read = |path: &str| FilePath::try_from(path.to_owned());
        assert!(read(".config/coverage.json").is_ok());
        assert!(read("a//b").unwrap_err().starts_with("a file is named"));
        for bad in ["", "/etc/passwd", "../x", "a\\b", "a/"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
