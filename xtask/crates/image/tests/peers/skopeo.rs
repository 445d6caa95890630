//! skopeo, which reads layouts by other code than ours.

use serde_json::Value;
use slipway_image::Digest;

use crate::peer;
use crate::sample::built;

pub(crate) fn same_digest() {
    let folder = tempfile::tempdir().unwrap();
    let (layout, built) = built(folder.path());
    let name = format!("oci:{}:latest", layout.root().display());
    let digest = &built.image.descriptor.digest;
    assert_eq!(Digest::of(&peer("skopeo", &["inspect", "--raw", &name])), *digest);
    let seen: Value = serde_json::from_slice(&peer("skopeo", &["inspect", &name])).unwrap();
    assert_eq!(seen["Digest"], digest.as_str());
    assert_eq!(seen["Created"], "2023-11-14T22:13:20Z");
    assert_eq!(seen["Labels"]["slipway.test"], "yes");
    assert_eq!(seen["Env"][1], "COLOR=blue");
    let layers: Vec<_> = built.image.manifest.layers.iter().map(|layer| layer.digest.as_str()).collect();
    assert_eq!(seen["Layers"], serde_json::json!(layers));
}

/// Unpacks each layer and packs it as it likes: lying digests would be seen.
pub(crate) fn takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let (layout, _) = built(folder.path());
    let name = format!("oci:{}:latest", layout.root().display());
    let archive = folder.path().join("archive.tar");
    peer("skopeo", &["copy", "--quiet", &name, &format!("docker-archive:{}:cat:1", archive.display())]);
    let other = format!("oci:{}:copy", folder.path().join("copy").display());
    peer("skopeo", &["copy", "--quiet", &name, &other]);
    assert_eq!(peer("skopeo", &["inspect", "--raw", &name]), peer("skopeo", &["inspect", "--raw", &other]));
}
