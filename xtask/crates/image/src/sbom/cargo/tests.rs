use super::*;
use crate::sbom::licence::Licence;

const METADATA: &str = r#"{"packages": [
    {"name": "app", "version": "0.1.0", "source": null, "license": "MIT", "repository": null},
    {"name": "itoa", "version": "1.0.18", "source": "registry+https://github.com/rust-lang/crates.io-index", "license": "MIT/Apache-2.0", "repository": "https://github.com/dtolnay/itoa"},
    {"name": "fork", "version": "2.0.0", "source": "git+https://example.com/fork?branch=main#0123456789abcdef", "license": "see LICENSE", "repository": "not an address"},
    {"name": "own", "version": "3.0.0", "source": "sparse+https://crates.example/index/", "license": null, "repository": null},
    {"name": "unused", "version": "1.0.0", "source": null, "license": null, "repository": null}
]}"#;

const TREE: &str = "0 app v0.1.0 (/w/app)
1 fork v2.0.0 (https://example.com/fork?branch=main#01234567)
2 itoa v1.0.18
1 itoa v1.0.18
1 own v3.0.0 (registry `own`)
1 unknown v9.0.0
";

const LOCK: &str = r#"version = 4

[[package]]
name = "itoa"
version = "1.0.18"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "8f42a60cbdf9a97f5d2305f08a87dc4e09308d1276d28c869c684d7777685682"

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["itoa"]
"#;

fn told(tree: &str) -> Vec<Component> {
    components(Told { tree, metadata: METADATA, lock: Some(LOCK) }).unwrap()
}

#[test]
fn only_what_is_linked_is_in_the_bill() {
    let ids: Vec<String> = told(TREE).iter().map(Component::id).collect();
    assert_eq!(
        ids,
        [
            "crate:app@0.1.0",
            "pkg:cargo/fork@2.0.0?vcs_url=git%2Bhttps:%2F%2Fexample.com%2Ffork%400123456789abcdef",
            "pkg:cargo/itoa@1.0.18",
            "pkg:cargo/own@3.0.0?repository_url=https:%2F%2Fcrates.example%2Findex%2F",
            "pkg:cargo/unknown@9.0.0",
        ]
    );
}

#[test]
fn a_crate_comes_with_licence_checksum_source_and_needs() {
    let components = told(TREE);
    let itoa = &components[2];
    assert_eq!(itoa.licence, Some(Licence::Expression("MIT OR Apache-2.0".to_owned())));
    assert!(itoa.checksum.as_ref().unwrap().as_str().starts_with("sha256:8f42a60c"));
    assert_eq!(itoa.source.as_deref(), Some("https://github.com/dtolnay/itoa"));
    assert_eq!(components[0].dependencies.len(), 4);
    assert!(components[1].dependencies.contains("pkg:cargo/itoa@1.0.18"));
    assert_eq!(components[1].source, None, "what is no address is left out");
}

#[test]
fn a_crate_of_ones_own_is_no_strangers_crate_of_that_name() {
    assert_eq!(told("0 itoa v1.0.18 (/w/itoa)")[0].purl, None);
    assert_eq!(told("0 app v0.1.0 (/w/app)")[0].purl, None);
}

#[test]
fn what_cannot_be_read_is_named() {
    let told =
        |tree, metadata, lock| components(Told { tree, metadata, lock: Some(lock) }).unwrap_err().to_string();
    assert!(told("", METADATA, LOCK).contains("no package"));
    assert!(told("x", METADATA, LOCK).starts_with("line 1 of `cargo tree`"));
    assert!(told(TREE, "{\"packages\": [", LOCK).starts_with("`cargo metadata` cannot be read: EOF"));
    assert!(told(TREE, METADATA, "package = 1").starts_with("Cargo.lock cannot be read"));
}
