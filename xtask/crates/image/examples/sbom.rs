//! The bill of materials of a program, as CycloneDX and SPDX: asks cargo in the current folder and writes
//! `NAME.cdx.json` and `NAME.spdx.json` there.
//!
//!     cargo run -p slipway-image --example sbom -- PACKAGE
#![expect(clippy::print_stdout, reason = "it is a program")]

use std::error::Error;
use std::process::Command;

use slipway_image::sbom::cargo::{TREE_FLAGS, Told, components};
use slipway_image::sbom::{Bom, Made, Subject};

fn main() -> Result<(), Box<dyn Error>> {
    let package = std::env::args().nth(1).ok_or("name a package")?;
    let tree = cargo(["tree", "--package", &package].iter().chain(&TREE_FLAGS))?;
    let metadata = cargo(["metadata", "--format-version=1"].iter())?;
    let lock = std::fs::read_to_string("Cargo.lock").ok();
    let made = Made {
        at: std::time::SystemTime::now().into(),
        tool: "slipway-image".into(),
        tool_version: env!("CARGO_PKG_VERSION").into(),
    };
    let mut bom = Bom::new(Subject { name: package.clone(), ..Subject::default() }, made);
    for component in components(Told { tree: &tree, metadata: &metadata, lock: lock.as_deref() })? {
        bom.add(component);
    }
    std::fs::write(format!("{package}.cdx.json"), bom.cyclonedx())?;
    std::fs::write(format!("{package}.spdx.json"), bom.spdx())?;
    println!("{} crates", bom.components().len());
    Ok(())
}

fn cargo<'a>(args: impl Iterator<Item = &'a &'a str>) -> Result<String, Box<dyn Error>> {
    let output = Command::new("cargo").args(args.copied()).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
