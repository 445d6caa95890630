//! Who an image runs as, in numbers.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// A user and a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct User {
    /// The user.
    pub(super) uid: u32,
    /// The group.
    pub(super) gid: u32,
}

/// The numbers of `UID`, `UID:GID`, `NAME` or `NAME:GROUP`, by the image's own files; the group of a user that is known
/// there is its own, of any other 0, as engines have it.
pub(super) fn resolve(root: &Path, user: &str) -> Result<User, String> {
    let passwd = read(root, "passwd");
    let group = read(root, "group");
    of(user, &passwd, &group)
}

fn of(user: &str, passwd: &str, groups: &str) -> Result<User, String> {
    let (name, group) = user.split_once(':').map_or((user, None), |(name, group)| (name, Some(group)));
    let name = if name.is_empty() { "0" } else { name };
    let known = entry(passwd, name);
    let uid = name.parse().ok().or_else(|| known.as_ref()?.get(2)?.parse().ok());
    let uid = uid.ok_or_else(|| format!("there is no user {name} in its /etc/passwd"))?;
    let gid = match group {
        None | Some("") => known.and_then(|entry| entry.get(3)?.parse().ok()).unwrap_or(0),
        Some(group) => {
            let known = || entry(groups, group)?.get(2)?.parse().ok();
            let gid = group.parse().ok().or_else(known);
            gid.ok_or_else(|| format!("there is no group {group} in its /etc/group"))?
        }
    };
    Ok(User { uid, gid })
}

/// The line of a name or of a number.
fn entry<'a>(file: &'a str, name: &str) -> Option<Vec<&'a str>> {
    let lines = || file.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let named = lines().find(|fields| fields.first() == Some(&name));
    named.or_else(|| lines().find(|fields| fields.get(2) == Some(&name)))
}

/// A file of the image's `/etc`. One that is a link would be followed out of the image, and is no file of it.
fn read(root: &Path, name: &str) -> String {
    let folder = root.join("etc");
    let path = folder.join(name);
    let is_file = path.symlink_metadata().is_ok_and(|file| file.is_file());
    let is_folder = folder.symlink_metadata().is_ok_and(|file| file.is_dir());
    if is_file && is_folder { std::fs::read_to_string(path).unwrap_or_default() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001::/:/none\n1234:x:7:8::/:/\nbroken\n";
    const GROUPS: &str = "root:x:0:\nweb:x:33:app\n";

    fn ids(user: &str) -> Result<(u32, u32), String> {
        of(user, PASSWD, GROUPS).map(|user| (user.uid, user.gid))
    }

    #[test]
    fn names_and_numbers_are_read_as_engines_do() {
        for (user, numbers) in [
            ("", (0, 0)),
            ("app", (1000, 1001)),
            ("1000", (1000, 1001)),
            ("4000", (4000, 0)),
            ("4000:5", (4000, 5)),
            ("app:web", (1000, 33)),
            ("app:", (1000, 1001)),
        ] {
            assert_eq!(ids(user), Ok(numbers), "{user}");
        }
        assert_eq!(ids("who").unwrap_err(), "there is no user who in its /etc/passwd");
        assert_eq!(ids("app:who").unwrap_err(), "there is no group who in its /etc/group");
    }

    #[test]
    fn a_link_out_of_the_image_is_not_followed() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc", root.path().join("etc")).unwrap();
        assert_eq!(read(root.path(), "passwd"), "");
    }

    proptest! {
        #[test]
        fn any_file_is_read(user in any::<String>(), passwd in "([a-z0-9]{0,3}:){0,4}[0-9\n]{0,5}") {
            let _ = of(&user, &passwd, &passwd);
        }
    }
}
