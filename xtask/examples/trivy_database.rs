//! Writes a vulnerability database for Trivy with one invented id, for machines that cannot fetch the real one:
//! `cargo run --example trivy_database -- CACHE`, where CACHE is what `TRIVY_CACHE_DIR` names.
#![expect(clippy::unwrap_used, reason = "a tool of the tests: what it cannot do, it need not say nicely")]

use std::path::PathBuf;

use serde_json::json;

#[path = "../tests/scan/bolt.rs"]
mod bolt;

use bolt::Bucket;

fn main() {
    let cache = PathBuf::from(std::env::args_os().nth(1).unwrap());
    let patched = json!({ "PatchedVersions": ["99.0.0"], "VulnerableVersions": ["<99.0.0"] });
    let crates =
        Bucket::default().holding("no-such-crate", Bucket::default().with("CVE-2099-0001", &patched));
    let source = json!({ "ID": "test", "Name": "Test", "URL": "https://advisories.example" });
    let flaw = json!({ "Title": "Invented", "Severity": "HIGH" });
    let root = Bucket::default()
        .holding("data-source", Bucket::default().with("cargo::Test Advisories", &source))
        .holding("cargo::Test Advisories", crates)
        .holding("vulnerability", Bucket::default().with("CVE-2099-0001", &flaw));
    let now = chrono::Utc::now().to_rfc3339();
    let metadata =
        json!({ "Version": 2, "NextUpdate": "2099-01-01T00:00:00Z", "UpdatedAt": now, "DownloadedAt": now });
    std::fs::create_dir_all(cache.join("db")).unwrap();
    std::fs::write(cache.join("db/trivy.db"), root.file()).unwrap();
    std::fs::write(cache.join("db/metadata.json"), metadata.to_string()).unwrap();
}
