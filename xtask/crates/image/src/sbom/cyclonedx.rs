//! CycloneDX 1.6. Source: <https://cyclonedx.org/docs/1.6/json/>.

use serde_json::{Value, json};

use super::component::{Component, Kind};
use super::licence::Licence;
use super::system::System;
use super::{Bom, uuid};

/// The id of what the bill is of, for references.
const SUBJECT: &str = "subject";

/// The whole document.
pub(super) fn document(bom: &Bom) -> Value {
    let system = bom.system.iter().map(system);
    let components = bom.components().map(component);
    let subject = std::iter::once(json!({ "ref": SUBJECT, "dependsOn": bom.direct().collect::<Vec<_>>() }));
    let needs = bom.components().map(
        |component| json!({ "ref": component.id(), "dependsOn": bom.brought(component).collect::<Vec<_>>() }),
    );
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": bom.made.timestamp(),
            "tools": { "components": [{
                "type": "application",
                "name": bom.made.tool,
                "version": bom.made.tool_version,
            }] },
            "component": described(bom),
        },
        "components": system.chain(components).collect::<Vec<_>>(),
        "dependencies": subject.chain(needs).collect::<Vec<_>>(),
    });
    document["serialNumber"] = format!("urn:uuid:{}", uuid(&document)).into();
    document
}

fn described(bom: &Bom) -> Value {
    let subject = &bom.subject;
    let kind = if subject.digest.is_some() { "container" } else { "application" };
    let mut described = json!({ "bom-ref": SUBJECT, "type": kind, "name": subject.name });
    if let Some(version) = &subject.version {
        described["version"] = version.as_str().into();
    }
    if let Some(digest) = &subject.digest {
        described["hashes"] = json!([{ "alg": "SHA-256", "content": digest.hex() }]);
    }
    if let Some(purl) = bom.purl() {
        described["purl"] = purl.to_string().into();
    }
    described
}

/// Scanners choose the advisories of system packages by this.
fn system(system: &System) -> Value {
    let mut described = json!({
        "bom-ref": format!("system:{}", system.distro()),
        "type": "operating-system",
        "name": system.id,
        "description": system.name,
    });
    if !system.version.is_empty() {
        described["version"] = system.version.as_str().into();
    }
    described
}

fn component(component: &Component) -> Value {
    let kind = if component.kind == Kind::File { "file" } else { "library" };
    let mut described = json!({ "bom-ref": component.id(), "type": kind, "name": component.name });
    if !component.version.is_empty() {
        described["version"] = component.version.as_str().into();
    }
    if let Some(purl) = &component.purl {
        described["purl"] = purl.to_string().into();
    }
    if let Some(checksum) = &component.checksum {
        described["hashes"] = json!([{ "alg": "SHA-256", "content": checksum.hex() }]);
    }
    match &component.licence {
        Some(Licence::Expression(expression)) => {
            described["licenses"] = json!([{ "expression": expression }]);
        }
        Some(Licence::Words(words)) => described["licenses"] = json!([{ "license": { "name": words } }]),
        None => {}
    }
    if let Some(source) = &component.source {
        let kind = if component.kind == Kind::Cargo { "vcs" } else { "website" };
        described["externalReferences"] = json!([{ "type": kind, "url": source }]);
    }
    if !component.files.is_empty() {
        let places: Vec<Value> = component.files.iter().map(|file| json!({ "location": file })).collect();
        described["evidence"] = json!({ "occurrences": places });
    }
    let properties = properties(component);
    if !properties.is_empty() {
        described["properties"] = properties.into();
    }
    described
}

/// Advisories of systems name source packages, which purls do not; these are the names under which Trivy reads them.
fn properties(component: &Component) -> Vec<Value> {
    let Some((name, version)) = &component.built_from else { return Vec::new() };
    let kind = if component.kind == Kind::Alpine { "alpine" } else { "debian" };
    let (version, release) = match version.rsplit_once('-').filter(|_| component.kind == Kind::Debian) {
        Some((version, release)) => (version, Some(release)),
        None => (version.as_str(), None),
    };
    let (epoch, version) = match version.split_once(':') {
        Some((epoch, version)) => (Some(epoch), version),
        None => (None, version),
    };
    let all = [
        ("PkgType", Some(kind)),
        ("SrcName", Some(name.as_str())),
        ("SrcVersion", Some(version)),
        ("SrcRelease", release),
        ("SrcEpoch", epoch),
    ];
    all.into_iter()
        .filter_map(|(name, value)| {
            Some(json!({ "name": format!("aquasecurity:trivy:{name}"), "value": value? }))
        })
        .collect()
}
