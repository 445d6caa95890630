use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tar::{Builder, EntryType, Header};

use super::*;
use crate::layer::{Contents, Data, Item, Level};
use crate::oci::media;

/// An entry of a test's layer: a path, and what is there.
type Line<'a> = (&'a str, What<'a>);

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    File(&'a str),
    Folder,
    Link(&'a str),
    Second(&'a str),
    Setuid,
}

fn tar(lines: &[Line<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (path, what) in lines {
        let mut header = Header::new_gnu();
        let (kind, mode, content, target) = match what {
            What::File(text) => (EntryType::Regular, 0o644, *text, None),
            What::Folder => (EntryType::Directory, 0o555, "", None),
            What::Link(target) => (EntryType::Symlink, 0o777, "", Some(target)),
            What::Second(target) => (EntryType::Link, 0o644, "", Some(target)),
            What::Setuid => (EntryType::Regular, 0o6755, "root", None),
        };
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        // As bytes: the builder itself refuses what these tests are about.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        if let Some(target) = target {
            header.as_old_mut().linkname[..target.len()].copy_from_slice(target.as_bytes());
        }
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_cksum();
        builder.append(&header, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}

struct Layers {
    folder: tempfile::TempDir,
    blobs: Blobs,
    list: Vec<(Descriptor, Digest)>,
}

fn pack(tar: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(tar).unwrap();
    gzip.finish().unwrap()
}

fn layers(tars: &[Vec<u8>]) -> Layers {
    let folder = tempfile::tempdir().unwrap();
    let blobs = Blobs::below(folder.path());
    let put = |tar: &Vec<u8>| {
        let packed = pack(tar);
        let digest = blobs.put(&packed).unwrap();
        let media_type = media::LAYER_GZIP.to_owned();
        let size = packed.len() as u64;
        (Descriptor { media_type, digest, size, annotations: [].into(), platform: None }, Digest::of(tar))
    };
    let list = tars.iter().map(put).collect();
    Layers { folder, blobs, list }
}

impl Layers {
    fn view(&self) -> Result<View, ViewError> {
        let scans = self.list.iter().map(|(layer, diff_id)| scan::cached(&self.blobs, layer, diff_id, None));
        View::merge(&self.blobs, self.list.clone(), scans.collect::<Result<_, _>>()?)
    }
}

fn view(lines: &[&[Line<'_>]]) -> Result<View, ViewError> {
    layers(&lines.iter().map(|lines| tar(lines)).collect::<Vec<_>>()).view()
}

fn paths(view: &View) -> Vec<&str> {
    view.nodes().map(|node| node.entry.path.as_str()).collect()
}

use What::{File, Folder, Link, Second, Setuid};

#[test]
fn a_whiteout_removes_what_lower_layers_have() {
    let lower: &[Line<'_>] =
        &[("a/b", File("1")), ("a/c", File("22")), ("d/e", File("333")), ("f", File("4444"))];
    let upper: &[Line<'_>] =
        &[("a/.wh.b", File("")), ("d/.wh..wh..opq", File("")), ("d/g", File("5")), (".wh.f", File(""))];
    let view = view(&[lower, upper]).unwrap();
    assert_eq!(paths(&view), ["a", "a/c", "d", "d/g"]);
    let waste: Vec<_> = view.waste().iter().map(|waste| (waste.path.as_str(), waste.bytes)).collect();
    assert_eq!(waste, [("f", 4), ("d/e", 3), ("a/b", 1)]);
}

#[test]
fn a_whiteout_spares_its_own_layer_whatever_the_order() {
    let lower: &[Line<'_>] = &[("a/old", File("1"))];
    let upper: &[Line<'_>] =
        &[("a/new", File("2")), ("a/.wh..wh..opq", File("")), ("b/new", File("3")), (".wh.b", File(""))];
    assert_eq!(paths(&view(&[lower, upper]).unwrap()), ["a", "a/new", "b", "b/new"]);
}

#[test]
fn links_are_followed_inside_of_the_image_only() {
    let lower: &[Line<'_>] =
        &[("usr/lib", Folder), ("lib", Link("usr/lib")), ("up", Link("../../../..")), ("abs", Link("/usr"))];
    let upper: &[Line<'_>] =
        &[("lib/libc.so.6", File("c")), ("up/etc/passwd", File("root:x:0:0")), ("abs/x", File("x"))];
    let layers = layers(&[tar(lower), tar(upper)]);
    let view = layers.view().unwrap();
    let expected = ["abs", "etc", "etc/passwd", "lib", "up", "usr", "usr/lib", "usr/lib/libc.so.6", "usr/x"];
    assert_eq!(paths(&view), expected);
    assert_eq!(view.real("/lib/../lib/libc.so.6").as_deref(), Some("/usr/lib/libc.so.6"));
    assert_eq!(view.names("/lib"), ["libc.so.6"]);
    assert_eq!(view.get("up/etc/passwd").unwrap().entry.path, "etc/passwd");
    assert_eq!(view.read("/lib/libc.so.6", 10).unwrap(), b"c");
    assert_eq!(
        view.read("/lib/libc.so.6", 0).unwrap_err().to_string(),
        "`/lib/libc.so.6` has more than 0 bytes"
    );
    assert_eq!(view.read("/lib", 9).unwrap_err().to_string(), "the image has no file `/lib`");
}

#[test]
fn a_second_name_keeps_the_content_of_a_removed_first() {
    let lower: &[Line<'_>] = &[("a", File("abc")), ("b", Second("a"))];
    let upper: &[Line<'_>] = &[(".wh.a", File("")), ("c", Second("/b"))];
    let view = view(&[lower, upper]).unwrap();
    assert_eq!(paths(&view), ["b", "c"]);
    assert_eq!(view.waste(), [], "two names still lead to it");
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(view.get("c").unwrap().entry.size, 3);
    assert!(view.unpack(folder.path()).is_err(), "the layers are gone with the test's folder");
}

#[test]
fn what_is_unpacked_stays_inside() {
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().to_str().unwrap();
    let tars = [
        tar(&[
            ("way", Link(target)),
            ("deep/way", Link("../../../../..")),
            ("su", Setuid),
            ("ro", Folder),
            ("ro/x", File("x")),
        ]),
        tar(&[
            ("way/evil", File("evil")),
            ("deep/way/tmp/evil", File("evil")),
            ("second", Second("su")),
            ("/abs", File("a")),
        ]),
    ];
    let layers = layers(&tars);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    let done = layers.view().unwrap().unpack(&root).unwrap();
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    let inner = root.join(target.trim_start_matches('/')).join("evil");
    assert_eq!(std::fs::read(inner).unwrap(), b"evil", "links lead to the image's own folders");
    assert_eq!(std::fs::read(root.join("tmp/evil")).unwrap(), b"evil");
    assert_eq!(std::fs::read(root.join("abs")).unwrap(), b"a");
    assert_eq!(done.files, 6);
    assert_eq!(mode(&root.join("su")), 0o755, "no setuid");
    assert_eq!(std::fs::read(root.join("second")).unwrap(), b"root");
    assert_eq!(mode(&root.join("ro")), 0o755, "its owner can remove it");
    let again = layers.view().unwrap().unpack(&root).unwrap_err().to_string();
    assert!(again.ends_with("is not empty: an image is unpacked into a new folder"), "{again}");
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn archives_that_cannot_be_trusted_are_refused() {
    let error = |lines: &[Line<'_>]| view(&[lines]).unwrap_err().to_string();
    assert!(error(&[("../x", File("x"))]).ends_with("the path `../x` leads out of the image"));
    assert!(
        error(&[("a", Second("../../etc/shadow"))])
            .ends_with("the path `../../etc/shadow` leads out of the image")
    );
    assert_eq!(error(&[("a", Second("b"))]), "`a` links to nothing that is there");
    assert_eq!(
        error(&[("a", Link("b")), ("b", Link("a")), ("a/c", File(""))]),
        "`a/c` links to nothing that is there"
    );
}

/// The layer of these packed bytes, whatever they are.
fn raw(packed: &[u8], tar: &[u8]) -> Layers {
    let mut made = layers(&[tar.to_vec()]);
    let digest = made.blobs.put(packed).unwrap();
    (made.list[0].0.digest, made.list[0].0.size) = (digest, packed.len() as u64);
    made
}

#[test]
fn broken_layers_are_errors() {
    let tar = tar(&[("a", File("abc"))]);
    let packed = pack(&tar);
    let error = |packed: &[u8], tar: &[u8]| raw(packed, tar).view().unwrap_err().to_string();
    assert!(error(&packed[..packed.len() - 9], &tar).contains("the archive is broken"));
    assert!(
        error(&pack(&tar[..514]), &tar).contains("1 bytes are missing")
            || error(&pack(&tar[..514]), &tar).contains("broken")
    );
    assert!(error(&packed, b"other").contains("is damaged"));
    assert!(error(b"\x28\xb5\x2f\xfd....", &tar).contains("is packed with zstd"));
    let mut flipped = packed.clone();
    flipped[20] ^= 1;
    assert!(raw(&flipped, &tar).view().is_err());
    assert!(raw(&tar, &tar).view().is_ok(), "a layer may be plain");

    let made = raw(&packed, &tar);
    std::fs::write(made.blobs.path(&made.list[0].0.digest), pack(b"")).unwrap();
    assert!(
        made.view().unwrap_err().to_string().contains("is damaged"),
        "the bytes under a digest are checked"
    );
}

#[test]
fn claimed_sizes_take_no_memory() {
    let mut huge = tar(&[("a", File("abc"))]);
    let mut header = Header::from_byte_slice(&huge[..512]).clone();
    header.set_size(1 << 62);
    header.set_cksum();
    huge[..512].copy_from_slice(header.as_bytes());
    assert!(raw(&pack(&huge), &huge).view().unwrap_err().to_string().contains("the archive is broken"));
    header.set_entry_type(EntryType::GNULongName);
    header.set_cksum();
    huge[..512].copy_from_slice(header.as_bytes());
    assert!(raw(&pack(&huge), &huge).view().unwrap_err().to_string().contains("claims a name of"));
}

#[test]
fn contents_are_known_as_they_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut contents = Contents::default();
    let program = std::env::current_exe().unwrap();
    contents.add("bin/app", Item::new(Data::File(program)).mode(0o755)).unwrap();
    contents.add("bin/script", Item::new(b"#! /bin/sh -e\necho".to_vec().into())).unwrap();
    contents.add("etc/passwd", Item::new(b"root:x:0:0".to_vec().into())).unwrap();
    contents.add("link", Item::new(Data::Link("bin".to_owned()))).unwrap();
    contents.add_parents(|_| false);
    let blobs = Blobs::below(folder.path());
    let layer = contents.pack(0, Level::new(0), &blobs).unwrap();
    let scan = scan::cached(&blobs, &layer.descriptor, &layer.diff_id, None).unwrap();
    assert_eq!(scan, Scan::of(&contents, layer.unpacked).unwrap());
    let facts =
        |path: &str| scan.entries.iter().find(|entry| entry.path == path).unwrap().facts.clone().unwrap();
    assert_eq!(facts("bin/script"), Facts::Script("/bin/sh -e".to_owned()));
    assert!(matches!(facts("bin/app"), Facts::Elf(_)));
}

#[test]
fn a_known_layer_is_not_read_again() {
    let made = layers(&[tar(&[("a", File("abc"))])]);
    let cache = Cache::new(&made.folder.path().join("cache"));
    let (layer, diff_id) = &made.list[0];
    let first = scan::cached(&made.blobs, layer, diff_id, Some(&cache)).unwrap();
    std::fs::remove_file(made.blobs.path(&layer.digest)).unwrap();
    assert_eq!(scan::cached(&made.blobs, layer, diff_id, Some(&cache)).unwrap(), first);
}

/// Lines of layers that have to do with each other: few names, links between them, whiteouts.
fn lines() -> impl Strategy<Value = Vec<(String, u8, String)>> {
    let name = "(a|b|c|\\.wh\\.a|\\.wh\\.\\.wh\\.\\.opq|\\.\\.|\\.)(/(a|b|c|\\.wh\\.b|\\.\\.))?(/(a|c))?";
    proptest::collection::vec((name, 0_u8..5, "(/|\\.\\./|)(a|b|c|\\.\\.|tmp)(/(a|b|\\.\\.))?"), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_view_is_a_tree_and_unpacks_inside(one in lines(), two in lines()) {
        let kinds = [|_| File("x"), |_| Folder, |to| Link(to), |to| Second(to), |_| Setuid];
        let of = |lines: &Vec<(String, u8, String)>| {
            let line = |(path, kind, to): &(String, u8, String)| {
                let kind: fn(&'static str) -> What<'static> = kinds[usize::from(*kind)];
                (path.clone().leak() as &str, kind(to.clone().leak()))
            };
            // What is refused as a whole teaches nothing about the rest.
            let lines: Vec<_> = lines.iter().filter(|(path, ..)| !path.contains("..") || path.contains("opq")).map(line).collect();
            tar(&lines)
        };
        let made = layers(&[of(&one), of(&two)]);
        if let Ok(view) = made.view() {
            for node in view.nodes() {
                if let Some((folder, _)) = node.entry.path.rsplit_once('/') {
                    prop_assert_eq!(&view.nodes.get(folder).unwrap().entry.kind, &Kind::Folder);
                }
                prop_assert!(!node.entry.path.contains(".wh."));
            }
            let folder = tempfile::tempdir().unwrap();
            let root = folder.path().join("root");
            view.unpack(&root).unwrap();
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
            for node in view.nodes() {
                prop_assert!(std::fs::symlink_metadata(root.join(&node.entry.path)).is_ok());
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(flips in proptest::collection::vec((0_usize..10_000, any::<u8>()), 0..6), gzip: bool) {
        let mut bytes = tar(&[("a/b", File("abc")), ("c", Link("a")), ("c/d", Second("a/b"))]);
        for (at, value) in flips {
            let at = at % bytes.len();
            bytes[at] = value;
        }
        let packed = if gzip { pack(&bytes) } else { bytes.clone() };
        let _ = raw(&packed, &bytes).view();
    }
}
