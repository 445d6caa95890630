//! SPDX 2.3. Source: <https://spdx.github.io/spdx-spec/v2.3/>.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::component::{Component, Kind};
use super::licence::Licence;
use super::{Bom, uuid};

/// Nobody has said.
const UNKNOWN: &str = "NOASSERTION";

/// The id of what the bill is of.
const SUBJECT: &str = "SPDXRef-Subject";

/// The whole document.
pub(super) fn document(bom: &Bom) -> Value {
    let ids: BTreeMap<String, String> = bom
        .components()
        .enumerate()
        .map(|(number, component)| (component.id(), spdx_id(number + 1, component)))
        .collect();
    let system = bom.system.as_ref().map(|system| {
        let mut described = package("SPDXRef-System", &system.id, &system.version);
        described["primaryPackagePurpose"] = "OPERATING_SYSTEM".into();
        described["comment"] = system.name.as_str().into();
        described
    });
    let components = bom.components().filter_map(|part| Some(component(part, ids.get(&part.id())?)));
    let packages: Vec<Value> =
        std::iter::once(subject(bom)).chain(system.clone()).chain(components).collect();
    let mut relationships = vec![relationship("SPDXRef-DOCUMENT", "DESCRIBES", SUBJECT)];
    relationships.extend(system.map(|_| relationship(SUBJECT, "CONTAINS", "SPDXRef-System")));
    relationships.extend(ids.values().map(|id| relationship(SUBJECT, "CONTAINS", id)));
    for component in bom.components() {
        let needs = bom.brought(component).filter_map(|need| ids.get(need));
        let from = ids.get(&component.id()).map(String::as_str).unwrap_or_default();
        relationships.extend(needs.map(|need| relationship(from, "DEPENDS_ON", need)));
    }
    let mut document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": bom.subject.name,
        "creationInfo": {
            "created": bom.made.timestamp(),
            "creators": [format!("Tool: {}-{}", bom.made.tool, bom.made.tool_version)],
        },
        "packages": packages,
        "relationships": relationships,
    });
    document["documentNamespace"] = format!("urn:uuid:{}", uuid(&document)).into();
    document
}

/// The number makes it one of its kind, whatever letters of the name are left out.
fn spdx_id(number: usize, component: &Component) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    let plain = |text: &str| {
        text.chars().map(|letter| if is_plain(&letter) { letter } else { '-' }).collect::<String>()
    };
    format!("SPDXRef-{number}-{}-{}", plain(&component.name), plain(&component.version))
        .trim_end_matches('-')
        .to_owned()
}

fn package(id: &str, name: &str, version: &str) -> Value {
    let mut package = json!({
        "SPDXID": id,
        "name": name,
        "downloadLocation": UNKNOWN,
        "filesAnalyzed": false,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": UNKNOWN,
        "copyrightText": UNKNOWN,
    });
    if !version.is_empty() {
        package["versionInfo"] = version.into();
    }
    package
}

fn subject(bom: &Bom) -> Value {
    let subject = &bom.subject;
    let mut package = package(SUBJECT, &subject.name, subject.version.as_deref().unwrap_or_default());
    let purpose = if subject.digest.is_some() { "CONTAINER" } else { "APPLICATION" };
    package["primaryPackagePurpose"] = purpose.into();
    if let Some(digest) = &subject.digest {
        package["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": digest.hex() }]);
    }
    if let Some(purl) = bom.purl() {
        package["externalRefs"] = references(&purl.to_string());
    }
    package
}

fn component(component: &Component, id: &str) -> Value {
    let mut package = package(id, &component.name, &component.version);
    let purpose = if component.kind == Kind::File { "FILE" } else { "LIBRARY" };
    package["primaryPackagePurpose"] = purpose.into();
    if let Some(purl) = &component.purl {
        package["externalRefs"] = references(&purl.to_string());
    }
    if let Some(checksum) = &component.checksum {
        package["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": checksum.hex() }]);
    }
    match &component.licence {
        Some(Licence::Expression(expression)) => package["licenseDeclared"] = expression.as_str().into(),
        Some(Licence::Words(words)) => package["licenseComments"] = format!("it says: {words}").into(),
        None => {}
    }
    if let Some(source) = &component.source {
        package["homepage"] = source.as_str().into();
    }
    if let Some((name, version)) = &component.built_from {
        package["sourceInfo"] = format!("built from: {name} {version}").into();
    }
    if !component.files.is_empty() {
        let files: Vec<&str> = component.files.iter().map(String::as_str).collect();
        package["comment"] = format!("of it are there: {}", files.join(", ")).into();
    }
    package
}

fn references(purl: &str) -> Value {
    json!([{ "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": purl }])
}

fn relationship(from: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to })
}
