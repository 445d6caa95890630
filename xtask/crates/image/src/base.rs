//! What an image without a base needs beside the program: certificates, a user, a place for temporary files, and on glibc the
//! order in which names are looked up.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::elf::{Closure, Host};
use crate::layer::{Contents, Data, Item, LayerError};

/// Where the certificates lie in the image; OpenSSL, Go and rustls look there.
pub const CERTIFICATES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where systems keep the certificates of authorities that they trust, the usual first. Source: crate `openssl-probe`.
const BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The user that a program runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// Its number.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
}

impl Default for User {
    fn default() -> Self {
        Self { uid: 1000, gid: 1000 }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uid, self.gid)
    }
}

/// The machine's certificates: those of `SSL_CERT_FILE` when its value is given, else where the system keeps them. None where
/// there are none.
#[must_use]
pub fn certificates(ssl_cert_file: Option<&str>) -> Option<PathBuf> {
    let named = ssl_cert_file.filter(|path| !path.is_empty()).map(PathBuf::from);
    named.into_iter().chain(BUNDLES.map(PathBuf::from)).find(|path| path.is_file())
}

/// The files of an image without a base.
///
/// # Errors
/// Never for these paths; the type is that of [`Contents::add`].
pub fn system(user: User, certificates: Option<&Path>, is_glibc: bool) -> Result<Contents, LayerError> {
    let mut contents = Contents::default();
    let text = |text: String| Item::new(text.into_bytes().into());
    let User { uid, gid } = user;
    let is_other = uid != 0;
    let mut passwd = "root:x:0:0:root:/root:/sbin/nologin\n".to_owned();
    let mut group = "root:x:0:\n".to_owned();
    if is_other {
        passwd.push_str(&format_user(uid, gid));
    }
    if gid != 0 {
        group.push_str(&format_group(gid));
    }
    contents.add("etc/passwd", text(passwd))?;
    contents.add("etc/group", text(group))?;
    contents.add("tmp", Item::new(Data::Folder).mode(0o1777))?;
    if is_glibc {
        contents.add("etc/nsswitch.conf", text("hosts: files dns\n".to_owned()))?;
    }
    if let Some(bundle) = certificates {
        contents.add(CERTIFICATES, Item::new(Data::File(bundle.to_owned())))?;
    }
    contents.add_parents(|_| false);
    Ok(contents)
}

fn format_user(uid: u32, gid: u32) -> String {
    format!("app:x:{uid}:{gid}:app:/nonexistent:/sbin/nologin\n")
}

fn format_group(gid: u32) -> String {
    format!("app:x:{gid}:\n")
}

/// The loader and the libraries of a program, for an image without a base. All libraries go to the folder of the loader's own,
/// which is searched without any settings; folders that the program itself names need not exist in the image.
///
/// # Errors
/// When a library has a name that cannot be in an image.
pub fn libraries(host: &Host, closure: &Closure) -> Result<Contents, LayerError> {
    let mut contents = Contents::default();
    let file = |path: &str| {
        let path = host.path(path);
        let real = path.canonicalize().unwrap_or(path);
        Item::new(Data::File(real)).mode(0o755)
    };
    if let Some(loader) = &closure.interpreter {
        contents.add(loader, file(loader))?;
    }
    let folder =
        |path: &str| path.rsplit_once('/').map_or_else(|| "/lib".to_owned(), |(folder, _)| folder.to_owned());
    let libc = closure.libraries.iter().find(|library| library.name == "libc.so.6");
    let default = libc.map(|libc| folder(&libc.path)).or_else(|| closure.interpreter.as_deref().map(folder));
    for library in &closure.libraries {
        // A name that is a path is looked for at that path only.
        let place = match (&default, library.name.contains('/')) {
            (Some(default), false) => format!("{default}/{}", library.name),
            _ => library.path.clone(),
        };
        contents.add(&place, file(&library.path))?;
    }
    contents.add_parents(|_| false);
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(contents: &Contents, path: &str) -> String {
        match &contents.items().find(|(found, _)| *found == path).unwrap().1.data {
            Data::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_user_is_known_by_name() {
        let contents = system(User { uid: 1000, gid: 0 }, None, true).unwrap();
        let passwd = "root:x:0:0:root:/root:/sbin/nologin\napp:x:1000:0:app:/nonexistent:/sbin/nologin\n";
        assert_eq!(content(&contents, "etc/passwd"), passwd);
        assert_eq!(content(&contents, "etc/group"), "root:x:0:\n");
        assert_eq!(content(&contents, "etc/nsswitch.conf"), "hosts: files dns\n");
        let root = system(User { uid: 0, gid: 0 }, None, false).unwrap();
        assert_eq!(content(&root, "etc/passwd").lines().count(), 1);
        assert!(root.items().all(|(path, _)| path != "etc/nsswitch.conf"));
        let tmp = root.items().find(|(path, _)| *path == "tmp").unwrap().1;
        assert_eq!(tmp.mode, 0o1777);
    }

    #[test]
    fn certificates_are_those_that_the_variable_names() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        assert_eq!(certificates(Some(path)).as_deref(), Some(file.path()));
        assert_ne!(certificates(Some("/nonexistent/bundle")), Some(PathBuf::from("/nonexistent/bundle")));
        assert_eq!(certificates(Some("")), certificates(None));
    }
}
