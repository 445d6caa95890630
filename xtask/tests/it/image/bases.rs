//! Images that stand on others, which come from a registry.

use std::path::Path;

use slipway_image::Digest;
use slipway_image::oci::media;

use super::fixture::{APP, broken, image, set, shop, step};
use super::registry::fake::{Fake, What};

const STATUS: &str = "Package: tools\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.2-3\n";

/// What is in the base: path, mode, bytes.
const FILES: [(&str, u32, &str); 4] = [
    ("bin/sh", 0o755, "#!/bin/true\n"),
    ("bin/su", 0o4755, "#!/bin/true\n"),
    ("etc/os-release", 0o644, "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n"),
    ("var/lib/dpkg/status", 0o644, STATUS),
];

/// Keeps a base in the registry, as `base:12`, and gives the digest of its manifest. `more` makes it another one.
fn keep_base(fake: &Fake, more: &str) -> String {
    let mut layer = tar::Builder::new(Vec::new());
    for (path, mode, text) in FILES.into_iter().chain([("etc/motd", 0o644, more)]) {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        layer.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    let layer = layer.into_inner().unwrap();
    let diff = Digest::of(&layer);
    let architecture = slipway_image::oci::Platform::native().architecture;
    let config = format!(
        r#"{{"architecture":"{architecture}","os":"linux","config":{{"Env":["FROM=base"]}},"rootfs":{{"type":"layers","diff_ids":["{diff}"]}}}}"#
    );
    let described = |kind: &str, bytes: &[u8]| {
        format!(r#"{{"mediaType":"{kind}","digest":"{}","size":{}}}"#, Digest::of(bytes), bytes.len())
    };
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","config":{},"layers":[{}]}}"#,
        media::MANIFEST,
        described(media::CONFIG, config.as_bytes()),
        described("application/vnd.oci.image.layer.v1.tar", &layer)
    );
    let digest = Digest::of(manifest.as_bytes()).to_string();
    fake.store(|store| {
        store.put("base", &layer);
        store.put("base", config.as_bytes());
        let kept = (media::MANIFEST.to_owned(), manifest.into_bytes());
        store.manifests.insert(("base".to_owned(), digest.clone()), kept);
        store.tags.insert(("base".to_owned(), "12".to_owned()), digest.clone());
    });
    digest
}

fn on_base(fake: &Fake) -> String {
    format!("{APP}base = '{}/base:12'\n", fake.host())
}

/// The bytes of base images that are kept for the next build.
fn kept(root: &Path) -> Vec<String> {
    let folder = root.join("target/slipway/image/bases/blobs/sha256");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn what_a_base_brings_is_in_the_image_and_judged() {
    let fake = Fake::start();
    keep_base(&fake, "first");
    // Linked statically, as the base has no library.
    let workspace = shop(&format!("image.structure.no-shell = true\n{}", on_base(&fake)))
        .env("RUSTFLAGS", "-Ctarget-feature=+crt-static");
    workspace.run(&["image", "build"]).exits(1);
    assert_eq!(step(&workspace, "image.build").0, "passed");
    let broken = broken(&workspace);
    assert!(
        broken
            .iter()
            .any(|line| line.starts_with("no file is setuid or setgid: ") && line.contains("/bin/su"))
    );
    assert!(
        broken.iter().any(|line| line.starts_with("has no shell: ") && line.contains("/bin/sh")),
        "{broken:#?}"
    );
    let told = workspace.run(&["image", "inspect"]).exits(0).stdout;
    assert!(told.contains("variables   FROM, PATH\n") && told.contains("setuid      /bin/su\n"), "{told}");
    assert!(told.lines().any(|line| line.ends_with("slipway: program")), "{told}");

    set(&workspace, &on_base(&fake));
    workspace.run(&["image", "sbom"]).exits(0);
    let bill = workspace.report("sbom/app.cdx.json");
    assert!(bill.contains("pkg:deb/debian/tools@1.2-3?arch=amd64&distro=debian-12"), "{bill}");
    assert!(!bill.contains("libc6"), "the packages of this machine are not those of the image");

    // The tag moves on, and what nobody needs any more goes.
    let before = kept(workspace.path());
    let digest = keep_base(&fake, "second");
    let run = workspace.run(&["image", "build"]);
    assert!(!run.stderr.contains("old base images stay"), "{}", run.stderr);
    let after = kept(workspace.path());
    assert_eq!((before.len(), after.len()), (3, 3));
    assert!(
        after.iter().any(|name| digest.ends_with(name)) && before.iter().all(|name| !after.contains(name))
    );
}

#[test]
fn a_program_whose_libraries_the_base_lacks_is_told_before_anybody_runs_it() {
    let fake = Fake::start();
    keep_base(&fake, "first");
    let workspace = shop(&on_base(&fake));
    workspace.run(&["image", "build"]).exits(1);
    let (status, reason) = step(&workspace, "image.build");
    assert_eq!(status, "failed");
    assert!(reason.contains("/app/app") && reason.contains("ld-linux"), "{reason}");
}

#[test]
fn a_base_that_does_not_come_is_told() {
    let fake = Fake::start();
    let workspace = shop(&on_base(&fake))
        .env("SLIPWAY_REGISTRY_USERNAME", "ada")
        .env("SLIPWAY_REGISTRY_PASSWORD", "hunter22");
    workspace.run(&["image", "build"]).exits(3).says("404 Not Found");
    assert_eq!(step(&workspace, "image.build").0, "inconclusive");
    // What is meant for the registry of our images is shown to no other.
    assert!(fake.requests().iter().all(|asked| asked.header("authorization").is_none()));

    keep_base(&fake, "first");
    fake.fault("GET", "/blobs/", 9, What::Body(b"something else".to_vec()));
    workspace.run(&["image", "build"]).exits(3).says("the registry has 14 bytes where the manifest says ");
    assert!(image(&workspace)["digest"].is_null());
}
