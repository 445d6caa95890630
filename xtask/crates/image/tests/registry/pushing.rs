//! What a push sends, and what it does not.

use slipway_image::registry::{Copy, Credentials, Options, Push, Pushed, Registry};
use slipway_image::{Repository, Tag};

use super::fake::Fake;
use super::support::{Image, bytes, client, image, index, reference, repository, tags};

pub(crate) fn push(registry: &Registry, image: &Image, to: &Repository, tags: &[Tag]) -> Pushed {
    registry.push(&Push { root: &image.root, blobs: &image.folder, to, tags, mount_from: &[] }).unwrap()
}

fn free(fake: &Fake, options: Options) -> Registry {
    client(fake, Credentials::anonymous(), options)
}

#[test]
fn a_first_push_uploads_all_and_a_second_one_only_asks() {
    let fake = Fake::start();
    let (image, to) = (image(&[1000, 2000]), repository(&fake, "team/app"));
    let registry = free(&fake, Options::default());
    let tags = tags(&["1.2.3", "latest"]);

    let first = push(&registry, &image, &to, &tags);
    assert_eq!(first.digest, image.root.digest);
    assert_eq!((first.uploaded.len(), first.skipped.len(), first.bytes), (3, 0, 3000 + 78));
    assert_eq!(first.moved, tags);
    assert_eq!(registry.resolve(&reference(&fake, "team/app:1.2.3")).unwrap().digest, image.root.digest);
    fake.log();

    let second = push(&registry, &image, &to, &tags);
    assert_eq!((second.uploaded.len(), second.skipped.len(), second.bytes, second.moved.len()), (0, 3, 0, 0));
    let log = fake.log();
    // Three blobs, the manifest, two tags.
    assert_eq!((log.len(), second.requests), (6, 6), "{log:?}");
    assert!(log.iter().all(|line| line.starts_with("HEAD ")), "{log:?}");
}

#[test]
fn one_line_of_code_changed_uploads_one_layer() {
    let fake = Fake::start();
    let to = repository(&fake, "app");
    let registry = free(&fake, Options::default());
    push(&registry, &image(&[1000, 2000]), &to, &tags(&["a"]));
    let changed = push(&registry, &image(&[1000, 2001]), &to, &tags(&["a"]));
    assert_eq!((changed.uploaded.len(), changed.skipped.len(), changed.bytes), (1, 2, 2001));
    assert_eq!(changed.moved, tags(&["a"]));
}

#[test]
fn a_large_blob_goes_out_in_pieces() {
    let fake = Fake::start();
    let (image, to) = (image(&[2500]), repository(&fake, "app"));
    push(&free(&fake, Options { chunk: 1000, parallel: 1, ..Options::default() }), &image, &to, &[]);
    let requests = fake.requests();
    let ranges: Vec<&str> = requests.iter().filter_map(|asked| asked.header("content-range")).collect();
    assert_eq!(ranges, ["0-999", "1000-1999", "2000-2499"]);
    fake.store(|store| assert!(store.blobs.values().any(|blob| *blob == bytes(0, 2500))));
}

#[test]
fn pieces_are_as_large_as_the_registry_wants_them() {
    let fake = Fake::start();
    fake.store(|store| store.smallest_piece = Some(2000));
    push(
        &free(&fake, Options { chunk: 500, parallel: 1, ..Options::default() }),
        &image(&[2500]),
        &repository(&fake, "app"),
        &[],
    );
    let requests = fake.requests();
    let ranges: Vec<&str> = requests.iter().filter_map(|asked| asked.header("content-range")).collect();
    assert_eq!(ranges, ["0-1999", "2000-2499"]);
}

#[test]
fn blobs_of_a_neighbour_are_taken_over_where_the_registry_does_that() {
    for never_mounts in [false, true] {
        let fake = Fake::start();
        let image = image(&[1000]);
        let (base, to) = (repository(&fake, "base"), repository(&fake, "app"));
        let registry = free(&fake, Options::default());
        push(&registry, &image, &base, &[]);
        fake.store(|store| store.never_mounts = never_mounts);
        let mount_from = [base];
        let push =
            Push { root: &image.root, blobs: &image.folder, to: &to, tags: &[], mount_from: &mount_from };
        let pushed = registry.push(&push).unwrap();
        assert_eq!((pushed.mounted.len(), pushed.uploaded.len()), if never_mounts { (0, 2) } else { (2, 0) });
    }
}

#[test]
fn an_index_comes_after_its_images() {
    let fake = Fake::start();
    let (index, to) = (index(), repository(&fake, "app"));
    let pushed = push(&free(&fake, Options::default()), &index, &to, &tags(&["all"]));
    assert_eq!(pushed.digest, index.root.digest);
    fake.store(|store| assert_eq!(store.manifests.len(), 4));
}

#[test]
fn retagging_puts_the_same_bytes() {
    let fake = Fake::start();
    let (image, to) = (image(&[1000]), repository(&fake, "app"));
    let registry = free(&fake, Options::default());
    push(&registry, &image, &to, &tags(&["sha-1"]));
    fake.log();
    let tagged = registry.retag(&to, &image.root.digest, &tags(&["stable", "1", "stable"])).unwrap();
    assert_eq!(tagged, tags(&["stable", "1"]));
    for tag in ["stable", "1"] {
        assert_eq!(
            registry.manifest(&reference(&fake, &format!("app:{tag}"))).unwrap().descriptor.digest,
            image.root.digest
        );
    }
    assert!(!fake.log().iter().any(|line| line.contains("/blobs/")));
}

#[test]
fn promotion_within_a_registry_moves_no_bytes() {
    let fake = Fake::start();
    let (index, to) = (index(), repository(&fake, "prod/app"));
    let registry = free(&fake, Options::default());
    push(&registry, &index, &repository(&fake, "dev/app"), &tags(&["1"]));
    let source = reference(&fake, "dev/app:1");
    fake.log();
    let copied =
        registry.copy(&Copy { from: &registry, source: &source, to: &to, tags: &tags(&["1"]) }).unwrap();
    assert_eq!((copied.digest, copied.bytes), (index.root.digest, 0));
    assert!(!fake.log().iter().any(|line| line.starts_with("GET") && line.contains("/blobs/")));
}

#[test]
fn an_image_goes_from_one_registry_to_another() {
    let (old, new) = (Fake::start(), Fake::start());
    let image = image(&[1000, 2000]);
    let from = free(&old, Options::default());
    push(&from, &image, &repository(&old, "app"), &tags(&["1"]));
    let source = reference(&old, "app:1");
    let registry = free(&new, Options::default());
    let to = repository(&new, "mirror/app");
    // Cut on the way out of the old one: it goes on where it was.
    old.fault("GET", "/blobs/", 1, super::fake::What::CutDownload(10));
    let copied = registry.copy(&Copy { from: &from, source: &source, to: &to, tags: &tags(&["1"]) }).unwrap();
    assert_eq!((copied.digest, copied.uploaded.len()), (image.root.digest, 3));
    assert_eq!(old.faults_left(), 0);
}

#[test]
fn all_pages_of_tags_are_read() {
    let fake = Fake::start();
    let (image, to) = (image(&[10]), repository(&fake, "app"));
    let registry = free(&fake, Options::default());
    let names: Vec<String> = (10..35).map(|number| format!("1.{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    push(&registry, &image, &to, &tags(&names));
    fake.store(|store| store.page = 10);
    fake.log();
    assert_eq!(registry.tags(&to).unwrap(), tags(&names));
    assert_eq!(fake.log().len(), 3);
    assert!(registry.resolve(&reference(&fake, "app:none")).unwrap_err().is_not_found());
    registry.ping().unwrap();
}
