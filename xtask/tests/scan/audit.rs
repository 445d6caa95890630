//! cargo-audit.

use xtask::tools::cargo_audit;

use crate::Test;
use crate::support::{folder, run, shown, write};

pub(crate) const TESTS: &[Test] = &[
    ("advisories_of_a_folder_are_found", "cargo-audit", advisories_are_found),
    ("a_missing_folder_of_advisories_is_no_good_news", "cargo-audit", a_missing_folder_is_no_good_news),
];

const ADVISORY: &str = "```toml
[advisory]
id = \"RUSTSEC-2099-0001\"
package = \"itoa\"
date = \"2026-01-01\"
aliases = [\"CVE-2099-0004\"]
cvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H\"

[versions]
patched = [\">= 99.0.0\"]
```

# Numbers may come out backwards

They do.
";

fn advisories_are_found() {
    let folder = folder();
    write(folder.path(), "advisories/crates/itoa/RUSTSEC-2099-0001.md", ADVISORY);
    let output = run(folder.path(), &cargo_audit::command("Cargo.lock", Some("advisories"), true));
    let seen = cargo_audit::read(&output.stdout, "Cargo.lock").expect("it wrote a report");
    assert_eq!(seen.packages, 3);
    assert_eq!(shown(&seen.findings), ["RUSTSEC-2099-0001 critical itoa 1.0.18 Cargo.lock:1:1"]);
}

fn a_missing_folder_is_no_good_news() {
    let folder = folder();
    let output = run(folder.path(), &cargo_audit::command("Cargo.lock", Some("advisories"), true));
    assert!(cargo_audit::read(&output.stdout, "Cargo.lock").is_err(), "{output:?}");
}
