//! Bills of materials, in both formats.

use serde_json::Value;

use super::fixture::{APP, image, shop, stand_in, step};
use crate::support::manifest;

fn json(workspace: &crate::support::Workspace, name: &str) -> Value {
    serde_json::from_str(&workspace.report(name)).unwrap()
}

#[test]
fn both_bills_name_the_image_its_crates_and_its_files() {
    let workspace = shop(APP)
        .file("Cargo.toml", &format!("{}[dependencies]\nhelper = {{ path = 'helper' }}\n", manifest("app")))
        .file("helper/Cargo.toml", &manifest("helper").replace("0.1.0", "7.8.9"))
        .file("helper/src/lib.rs", "");
    workspace.run(&["image", "sbom"]).exits(0);
    let image = image(&workspace);
    let digest = image["digest"].as_str().unwrap().trim_start_matches("sha256:").to_owned();

    let cyclonedx = workspace.report("sbom/app.cdx.json");
    assert!(cyclonedx.contains(&digest) && cyclonedx.contains("crate:helper@7.8.9"), "{cyclonedx}");
    // What came from no registry has no address there.
    assert!(!cyclonedx.contains("pkg:cargo/helper"), "{cyclonedx}");
    let bill: Value = serde_json::from_str(&cyclonedx).unwrap();
    assert_eq!(bill["bomFormat"], "CycloneDX");
    let names: Vec<&str> =
        bill["components"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert!(names.contains(&"helper"), "{names:?}");

    let spdx = json(&workspace, "sbom/app.spdx.json");
    assert!(spdx["spdxVersion"].as_str().unwrap().starts_with("SPDX-2."));
    let packages = spdx["packages"].as_array().unwrap();
    assert!(
        packages.iter().any(|it| it["name"] == "helper" && it["versionInfo"] == "7.8.9"),
        "{packages:#?}"
    );

    assert!(image["files"].as_array().unwrap().contains(&Value::from("reports/sbom/app.cdx.json")));
    let notes = workspace.record()["notes"].to_string();
    assert!(notes.contains("has the crates that cargo links"), "{notes}");

    workspace.run(&["image", "sbom"]).exits(0);
    assert_eq!(workspace.report("sbom/app.cdx.json"), cyclonedx, "the same source gives the same bytes");
}

#[test]
fn a_bill_is_of_its_commits_time_unless_somebody_says_another() {
    let workspace = shop(APP).env("SOURCE_DATE_EPOCH", "86400");
    workspace.run(&["image", "sbom"]).exits(0);
    let bill = json(&workspace, "sbom/app.cdx.json");
    assert_eq!(bill["metadata"]["timestamp"], "1970-01-02T00:00:00Z");
}

#[test]
fn what_cargo_does_not_tell_is_not_made_up() {
    let workspace = shop(APP);
    let cargo = workspace.variables()["PATH"]
        .split(':')
        .map(|folder| std::path::Path::new(folder).join("cargo"))
        .find(|path| path.is_file())
        .unwrap();
    let refuses = format!(
        "case $1 in tree) echo 'error: no tree' >&2; exit 101;; esac; exec {} \"$@\"",
        cargo.display()
    );
    stand_in(&workspace, "cargo", &refuses);
    workspace.run(&["image", "sbom"]).exits(1).says("cargo does not tell what it links");
    assert_eq!(step(&workspace, "image.sbom").0, "failed");
    let odd = format!("case $1 in tree) echo '{{'; exit 0;; esac; exec {} \"$@\"", cargo.display());
    stand_in(&workspace, "cargo", &odd);
    workspace.run(&["image", "sbom"]).exits(1);
    assert_eq!(step(&workspace, "image.sbom").0, "inconclusive");
    assert!(!workspace.path().join("reports/sbom/app.cdx.json").exists());
}
