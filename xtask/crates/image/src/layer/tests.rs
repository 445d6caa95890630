use std::path::Path;

use super::*;
use crate::tarball::{self, Kind};

fn sample(file: &Path) -> Contents {
    let mut contents = Contents::default();
    contents.add("/usr/bin/app", Item::new(Data::File(file.to_owned())).mode(0o755)).unwrap();
    contents.add("etc/passwd", Item::new(b"x".to_vec().into()).owner(7, 8)).unwrap();
    contents.add("lib", Item::new(Data::Link("usr/lib".to_owned()))).unwrap();
    contents.add(&format!("opt/{}", "long/".repeat(60)), Item::new(vec![].into())).unwrap();
    contents.add_parents(|path| path == "usr");
    contents
}

fn entries(tar: &[u8]) -> Vec<tarball::Header> {
    let mut all = Vec::new();
    tarball::each::<TarError>(tar, |header, _| {
        all.push(header);
        Ok(())
    })
    .unwrap();
    all
}

#[test]
fn the_same_contents_give_the_same_bytes_wherever_they_lie() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pack = |folder: &Path| {
        let file = folder.join("app");
        std::fs::write(&file, vec![1; 3_000_000]).unwrap();
        sample(&file).pack(1_700_000_000, Level::new(2), &Blobs::below(folder)).unwrap()
    };
    let layer = pack(here.path());
    assert_eq!(layer, pack(there.path()));
    assert_eq!(
        (layer.diff_id.clone(), layer.unpacked),
        sample(&here.path().join("app")).diff_id(1_700_000_000).unwrap()
    );
    assert_ne!(layer.diff_id, sample(&here.path().join("app")).diff_id(1).unwrap().0);
    assert_eq!(Blobs::below(here.path()).size(&layer.descriptor.digest), Some(layer.descriptor.size));
}

#[test]
fn what_is_packed_reads_back() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("app");
    std::fs::write(&file, b"binary").unwrap();
    let mut tar = Vec::new();
    sample(&file).tar(5, &mut tar).unwrap();
    let all = entries(&tar);
    let find = |path: &str| all.iter().find(|header| header.path == path).unwrap();
    assert!(all.iter().all(|header| header.path != "usr"), "lower layers have it");
    assert_eq!((&find("usr/bin").kind, find("usr/bin").mode), (&Kind::Folder, 0o755));
    assert_eq!((find("usr/bin/app").size, find("usr/bin/app").mode), (6, 0o755));
    assert_eq!((find("etc/passwd").uid, find("etc/passwd").gid), (7, 8));
    assert_eq!(find("lib").kind, Kind::Symlink("usr/lib".to_owned()));
    let long = format!("opt/{}", "long/".repeat(60));
    assert_eq!(find(long.trim_end_matches('/')).kind, Kind::File);
    let sorted = all.iter().map(|header| header.path.clone()).is_sorted();
    assert!(sorted);
}

#[test]
fn what_cannot_be_packed_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut contents = Contents::default();
    contents.add("app", Item::new(Data::File(folder.path().join("gone")))).unwrap();
    let error = contents.diff_id(0).unwrap_err().to_string();
    assert!(error.starts_with("cannot pack") && error.contains("gone"), "{error}");
    let mut contents = Contents::default();
    contents.add("app", Item::new(Data::File(folder.path().to_owned()))).unwrap();
    assert!(contents.diff_id(0).unwrap_err().to_string().ends_with("not a file"));
    let error = contents.add("a/../../b", Item::new(Data::Folder)).unwrap_err().to_string();
    assert_eq!(error, "the path `a/../../b` leads out of the image");
}
