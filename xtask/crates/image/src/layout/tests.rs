use std::io::Write as _;

use super::*;
use crate::oci::{RootFs, RunConfig};

fn platform(architecture: &str) -> Platform {
    Platform { architecture: architecture.to_owned(), os: "linux".to_owned(), variant: None }
}

/// An image of one layer that is told from others by `text`.
fn put(layout: &Layout, text: &str) -> Descriptor {
    let diff_id = layout.blobs.put(text.as_bytes()).unwrap();
    let config = ImageConfig {
        created: None,
        architecture: "amd64".to_owned(),
        variant: None,
        os: "linux".to_owned(),
        config: RunConfig::default(),
        rootfs: RootFs { kind: "layers".to_owned(), diff_ids: vec![diff_id.clone()] },
        history: Vec::new(),
    };
    let layer = Descriptor {
        media_type: media::LAYER.to_owned(),
        digest: diff_id,
        size: text.len() as u64,
        annotations: [].into(),
        platform: None,
    };
    let manifest = Manifest {
        schema_version: 2,
        media_type: Some(media::MANIFEST.to_owned()),
        config: layout.put_json(media::CONFIG, &config).unwrap(),
        layers: vec![layer],
        annotations: [].into(),
    };
    layout.put_json(media::MANIFEST, &manifest).unwrap()
}

#[test]
fn a_layout_holds_several_images_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::create(&folder.path().join("deep/image")).unwrap();
    let (one, two) = (put(&layout, "one"), put(&layout, "two"));
    layout.name("a:1", one.clone()).unwrap();
    let only = layout.image(None, &platform("amd64"));
    assert!(only.is_ok(), "one image needs no name");
    layout.name("b:1", two.clone()).unwrap();
    let layout = Layout::create(layout.root()).unwrap();
    assert_eq!(layout.image(Some("a:1"), &platform("amd64")).unwrap().descriptor.digest, one.digest);
    assert_eq!(layout.image(Some("b:1"), &platform("amd64")).unwrap().descriptor.digest, two.digest);
    let error = layout.image(Some("c"), &platform("amd64")).unwrap_err().to_string();
    assert!(error.ends_with("does not hold `c`; it has a:1, b:1"), "{error}");
    assert!(layout.image(None, &platform("amd64")).is_err(), "two images need one");

    layout.name("a:1", two.clone()).unwrap();
    assert_eq!(layout.index().unwrap().manifests.len(), 2);
    layout.prune().unwrap();
    assert_eq!(layout.blobs().size(&one.digest), None);
    assert!(layout.image(Some("a:1"), &platform("amd64")).is_ok());
}

#[test]
fn of_a_list_of_images_the_platform_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::create(folder.path()).unwrap();
    let on = |text: &str, name: &str| Descriptor { platform: Some(platform(name)), ..put(&layout, text) };
    let manifests = vec![on("none", "unknown"), on("arm", "arm64"), on("intel", "amd64")];
    let intel = manifests[2].digest.clone();
    let index = Index { schema_version: 2, media_type: None, manifests, annotations: [].into() };
    layout.name("a", layout.put_json(media::DOCKER_INDEX, &index).unwrap()).unwrap();
    assert_eq!(layout.image(Some("a"), &platform("amd64")).unwrap().descriptor.digest, intel);
    let error = layout.image(Some("a"), &platform("s390x")).unwrap_err().to_string();
    assert!(
        error.ends_with("does not hold linux/s390x; it has linux/unknown, linux/arm64, linux/amd64"),
        "{error}"
    );
}

#[test]
fn what_is_no_sound_layout_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = Layout::open(folder.path()).unwrap_err().to_string();
    assert!(error.contains("is no OCI image layout"), "{error}");
    let layout = Layout::create(folder.path()).unwrap();
    let image = put(&layout, "one");
    layout.name("a", image.clone()).unwrap();
    let path = layout.blobs().path(&image.digest);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, [whole.as_slice(), b" "].concat()).unwrap();
    let error = layout.image(Some("a"), &platform("amd64")).unwrap_err().to_string();
    assert!(error.ends_with("is damaged: its bytes are not those of its digest"), "{error}");
    assert!(layout.prune().is_err(), "nothing is removed while something cannot be read");
    fs::remove_file(&path).unwrap();
    let error = layout.image(Some("a"), &platform("amd64")).unwrap_err().to_string();
    assert!(error.starts_with("cannot read "), "{error}");
    fs::write(folder.path().join("index.json"), b"{").unwrap();
    assert!(layout.index().unwrap_err().to_string().contains("index.json: EOF"));
    fs::File::create(folder.path().join("index.json")).unwrap().set_len(JSON_BYTES + 1).unwrap();
    assert!(layout.index().unwrap_err().to_string().ends_with("is larger than 8 MiB"));
}

#[test]
fn an_archive_holds_each_blob_once_and_is_always_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::create(folder.path()).unwrap();
    layout.name("a", put(&layout, "one")).unwrap();
    let image = layout.image(Some("a"), &platform("amd64")).unwrap();
    let names = ["ghcr.io/o/a:1".to_owned(), "ghcr.io/o/a:latest".to_owned()];
    let archive = || {
        let mut out = Vec::new();
        let archived = Archived { image: &image, names: &names };
        layout.archive(&[archived, archived], &mut out).unwrap();
        out.flush().unwrap();
        out
    };
    let bytes = archive();
    assert_eq!(bytes, archive());
    let mut paths = Vec::new();
    let mut manifest = serde_json::Value::Null;
    crate::tarball::each::<crate::tarball::TarError>(bytes.as_slice(), |header, content| {
        if header.path == "manifest.json" {
            manifest = serde_json::from_reader(content).unwrap();
        }
        paths.push(header.path);
        Ok(())
    })
    .unwrap();
    assert_eq!(paths[..5], ["oci-layout", "index.json", "manifest.json", "blobs", "blobs/sha256"]);
    assert_eq!(paths.len(), 5 + 3, "manifest, configuration, layer");
    assert_eq!(manifest[0]["RepoTags"][1], "ghcr.io/o/a:latest");
    assert!(paths.contains(&manifest[0]["Layers"][0].as_str().unwrap().to_owned()));
    fs::remove_file(layout.blobs().path(&image.manifest.config.digest)).unwrap();
    assert!(layout.archive(&[Archived { image: &image, names: &names }], Vec::new()).is_err());
}
