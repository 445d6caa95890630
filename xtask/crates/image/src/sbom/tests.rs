use std::collections::BTreeMap;

use jsonschema::Validator;
use proptest::prelude::*;

use super::*;

/// Files by their paths.
#[derive(Default)]
pub(super) struct Tree(BTreeMap<String, Vec<u8>>);

impl Tree {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let mut tree = Self::default();
        tree.extend(files);
        tree
    }

    pub(super) fn extend(&mut self, files: &[(&str, &str)]) {
        self.0.extend(files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
    }
}

impl Files for Tree {
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).cloned()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let folder = format!("{folder}/");
        let name = |path: &String| {
            path.strip_prefix(&folder).filter(|name| !name.contains('/')).map(ToOwned::to_owned)
        };
        self.0.keys().filter_map(name).collect()
    }
}

fn made() -> Made {
    let at = DateTime::from_timestamp(4_070_908_800, 0).unwrap();
    Made { at, tool: "slipway".to_owned(), tool_version: "0.1.0".to_owned() }
}

/// A bill with one of everything.
fn whole() -> Bom {
    let subject = Subject {
        name: "ghcr.io/owner/app".to_owned(),
        version: Some("1.2.3".to_owned()),
        digest: Some(Digest::of(b"manifest")),
    };
    let mut bom = Bom::new(subject, made());
    bom.system = Some(System { id: "debian".into(), version: "12".into(), name: "Debian 12".into() });
    let needs = |ids: &[&str]| ids.iter().map(ToString::to_string).collect();
    bom.add(Component {
        dependencies: needs(&["pkg:cargo/itoa@1.0.18", "pkg:cargo/left-out@1.0.0"]),
        licence: Licence::read("MIT OR Apache-2.0"),
        ..Component::new(Kind::Cargo, "app", "0.1.0")
    });
    bom.add(Component {
        purl: Some(Purl::new("cargo", "itoa").version("1.0.18")),
        licence: Licence::read("see LICENSE"),
        checksum: Some(Digest::of(b"itoa")),
        source: Some("https://github.com/dtolnay/itoa".to_owned()),
        ..Component::new(Kind::Cargo, "itoa", "1.0.18")
    });
    bom.add(Component {
        purl: Some(Purl::new("deb", "libc6").namespace("debian").version("1:2.36-9")),
        built_from: Some(("glibc".to_owned(), "1:2.36-9".to_owned())),
        files: ["/lib/libc.so.6".to_owned()].into(),
        ..Component::new(Kind::Debian, "libc6", "1:2.36-9")
    });
    bom.add(Component { checksum: Some(Digest::of(b"")), ..Component::new(Kind::File, "/etc/passwd", "") });
    bom
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The published schema of CycloneDX, with those that it refers to.
fn cyclonedx() -> Validator {
    let schemas = [
        ("spdx", include_str!("../../tests/fixtures/cyclonedx/spdx.schema.json")),
        ("jsf-0.82", include_str!("../../tests/fixtures/cyclonedx/jsf-0.82.schema.json")),
    ];
    let mut registry = jsonschema::Registry::new();
    for (name, text) in schemas {
        registry =
            registry.add(format!("http://cyclonedx.org/schema/{name}.schema.json"), json(text)).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let schema = json(include_str!("../../tests/fixtures/cyclonedx/bom-1.6.schema.json"));
    jsonschema::options().with_registry(&registry).build(&schema).unwrap()
}

fn spdx() -> Validator {
    jsonschema::validator_for(&json(include_str!("../../tests/fixtures/spdx-2.3.schema.json"))).unwrap()
}

fn check(validator: &Validator, document: &str) {
    let document = json(document);
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn both_formats_are_of_their_published_schemas() {
    let program = Bom::new(Subject { name: "app".to_owned(), ..Subject::default() }, made());
    for bom in [whole(), program] {
        check(&cyclonedx(), &bom.cyclonedx());
        check(&spdx(), &bom.spdx());
    }
}

#[test]
fn the_schemas_would_notice() {
    let mut document = json(&whole().cyclonedx());
    document["components"][0]["type"] = "crate".into();
    assert!(!cyclonedx().is_valid(&document));
    let mut document = json(&whole().spdx());
    document["relationships"][0]["relationshipType"] = "KNOWS".into();
    assert!(!spdx().is_valid(&document));
}

#[test]
fn the_same_bill_is_the_same_bytes_and_another_one_has_another_number() {
    let (one, other) = (whole(), Bom { made: Made { tool_version: "0.2.0".into(), ..made() }, ..whole() });
    assert_eq!((one.cyclonedx(), one.spdx()), (whole().cyclonedx(), whole().spdx()));
    let number = |bom: &Bom| json(&bom.cyclonedx())["serialNumber"].as_str().unwrap().to_owned();
    assert_ne!(number(&one), number(&other));
    assert_eq!(number(&one).len(), "urn:uuid:".len() + 36);
}

#[test]
fn every_reference_leads_to_a_component() {
    let document = json(&whole().cyclonedx());
    let all: Vec<&Value> =
        document["components"].as_array().unwrap().iter().map(|part| &part["bom-ref"]).collect();
    let needs = document["dependencies"].as_array().unwrap();
    assert_eq!(needs.len(), 5, "the subject and four components");
    for need in needs.iter().flat_map(|part| part["dependsOn"].as_array().unwrap()) {
        assert!(all.contains(&need), "{need}");
    }
    assert_eq!(needs[0]["dependsOn"].as_array().unwrap().len(), 3, "itoa comes with app");
    let document = json(&whole().spdx());
    let ids: Vec<&Value> =
        document["packages"].as_array().unwrap().iter().map(|part| &part["SPDXID"]).collect();
    for relationship in document["relationships"].as_array().unwrap() {
        assert!(ids.contains(&&relationship["relatedSpdxElement"]), "{relationship}");
    }
}

#[test]
fn the_image_is_known_by_its_digest() {
    let document = json(&whole().cyclonedx());
    let purl = document["metadata"]["component"]["purl"].as_str().unwrap();
    assert!(
        purl.starts_with("pkg:oci/app@sha256:") && purl.ends_with("?repository_url=ghcr.io%2Fowner%2Fapp"),
        "{purl}"
    );
}

#[test]
fn what_two_sources_tell_of_one_component_is_one() {
    let mut bom = whole();
    let itoa = Component {
        purl: Some(Purl::new("cargo", "itoa").version("1.0.18")),
        ..Component::new(Kind::Cargo, "itoa", "1.0.18")
    };
    bom.add(Component { files: ["/app/app".to_owned()].into(), ..itoa });
    assert_eq!((bom.components().len(), bom.count(Kind::Cargo)), (4, 2));
    let itoa = bom.components().find(|component| component.name == "itoa").unwrap();
    assert!(itoa.licence.is_some() && itoa.files.contains("/app/app"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_name_gives_documents_of_the_schemas(name in any::<String>(), version in any::<String>(), words in any::<String>()) {
        prop_assume!(!name.is_empty());
        let mut bom = Bom::new(Subject { name: name.clone(), version: Some(version.clone()), digest: None }, made());
        for kind in [Kind::Cargo, Kind::Debian, Kind::Alpine, Kind::File] {
            bom.add(Component { licence: Licence::read(&words), built_from: Some((name.clone(), version.clone())), ..Component::new(kind, &name, &version) });
        }
        check(&cyclonedx(), &bom.cyclonedx());
        check(&spdx(), &bom.spdx());
    }
}
