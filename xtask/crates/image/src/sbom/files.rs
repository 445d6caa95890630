//! Single files of an image: a program's shared libraries, certificates, and whatever else was put there.

use super::component::{Component, Kind};
use super::debian::Owners;
use crate::digest::Digest;

/// A file of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Where it is in the image, absolute.
    pub path: String,
    /// Where it was copied from on the machine that built the image; none when it was made there.
    pub from: Option<String>,
    /// Its SHA-256.
    pub digest: Digest,
}

/// What files stand for: the package that each belongs to, by the machine that it was copied from, or else itself.
#[must_use]
pub fn components(files: &[File], owners: &Owners) -> Vec<Component> {
    let component = |file: &File| {
        let owner = file.from.as_deref().and_then(|from| owners.of(from));
        match owner {
            // What the package needs besides is in the image only when its files are.
            Some(owner) => Component { files: [file.path.clone()].into(), ..owner.clone() },
            None => Component {
                checksum: Some(file.digest.clone()),
                ..Component::new(Kind::File, &file.path, "")
            },
        }
    };
    files.iter().map(component).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbom::tests::Tree;

    #[test]
    fn a_file_stands_for_its_package_or_for_itself() {
        let machine = Tree::of(&[
            ("/etc/os-release", "ID=debian\nVERSION_ID=12\n"),
            (
                "/var/lib/dpkg/status",
                "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nSource: glibc\n",
            ),
            ("/var/lib/dpkg/info/libc6.list", "/lib/libc.so.6\n"),
        ]);
        let file = |path: &str, from: Option<&str>| File {
            path: path.to_owned(),
            from: from.map(ToOwned::to_owned),
            digest: Digest::of(path.as_bytes()),
        };
        let files = [
            file("/lib64/libc.so.6", Some("/usr/lib/libc.so.6")),
            file("/etc/passwd", None),
            file("/app", Some("/target/app")),
        ];
        let components = components(&files, &Owners::read(&machine));
        let ids: Vec<String> = components.iter().map(Component::id).collect();
        assert_eq!(ids, ["pkg:deb/debian/libc6@2.36-9?distro=debian-12", "file:/etc/passwd", "file:/app"]);
        assert!(components[0].files.contains("/lib64/libc.so.6"));
        assert_eq!(components[1].checksum, Some(Digest::of(b"/etc/passwd")));
    }
}
