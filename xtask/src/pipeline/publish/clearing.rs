//! Taking away the reports of an earlier run, and making sure first that the folder is for reports.

use std::path::{Path, PathBuf};

use crate::kit::failure::Failure;
use crate::pipeline::Session;
use crate::tools::coverage;
use crate::tools::files;

/// Says that a folder is for reports, also when a run was cut off before it had written any.
const MARKER: &str = ".slipway";

/// Reports that are files of their own, beside those on coverage.
const NAMES: [&str; 5] = ["run.json", "summary.md", "index.html", "junit.xml", "image.json"];

/// Groups of steps: logs and findings are called after them.
const GROUPS: [&str; 5] = ["lint.", "test.", "coverage.", "step.", "image."];

/// Where images are put, as layouts and archives, and what they are made of.
const IMAGES: &str = "image";
const SBOMS: &str = "sbom";

/// Where scanners write what they found.
const SCANS: &str = "scan";

/// Takes away the reports of an earlier run, so that nothing here is about another one. Only files that this
/// toolkit writes are touched, and only in a folder that is known to be for them.
///
/// # Errors
/// When the folder may be somebody else's, or one of the files cannot be removed.
pub fn clear(session: &Session) -> Result<(), Failure> {
    take(session)?;
    for (folder, what) in folders(&session.reports) {
        files::remove_folder(&folder).map_err(|error| {
            Failure::usage(format!("cannot remove the earlier {what}"))
                .because(error)
                .hint("make the reports folder writable")
        })?;
    }
    for path in own_files(&session.reports) {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::usage(format!("cannot remove the earlier report {}", path.display()))
                    .because(error)
                    .hint("make the reports folder writable"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Folders that this toolkit made, each known by a file that it puts there, and what they hold.
fn folders(reports: &Path) -> Vec<(PathBuf, &'static str)> {
    let pages = reports.join(coverage::reports::PAGES);
    let images = reports.join(IMAGES);
    let layouts = std::fs::read_dir(&images).into_iter().flatten().flatten().map(|entry| entry.path());
    let pages = [pages].into_iter().filter(|folder| folder.join("index.html").is_file());
    let layouts = layouts.chain([images]).filter(|folder| folder.join("oci-layout").is_file());
    // A link is somebody else's, and what it leads to even more so.
    let layouts = layouts.filter(|folder| !folder.is_symlink());
    pages.map(|folder| (folder, "pages on coverage")).chain(layouts.map(|folder| (folder, "image"))).collect()
}

/// Files that this toolkit wrote, by their names; some of them may not be there.
fn own_files(reports: &Path) -> Vec<PathBuf> {
    let in_folder = |folder: &str, is_ours: &dyn Fn(&str) -> bool| {
        let folder = reports.join(folder);
        let names = files::walk(&folder, &[]).into_iter();
        let names = names.filter(|name| !name.contains('/') && is_ours(name));
        names.map(|name| folder.join(name)).collect::<Vec<_>>()
    };
    let of_step = |name: &str, ending: &str| {
        GROUPS.iter().any(|group| name.starts_with(group)) && name.ends_with(ending)
    };
    let mut own: Vec<PathBuf> =
        NAMES.into_iter().chain(coverage::reports::NAMES).map(|name| reports.join(name)).collect();
    own.extend(in_folder("logs", &|name| of_step(name, ".log")));
    own.extend(in_folder("sarif", &|name| of_step(name, ".sarif")));
    own.extend(in_folder(SBOMS, &|name| name.ends_with(".cdx.json") || name.ends_with(".spdx.json")));
    own.extend(in_folder(SCANS, &|name| Path::new(name).extension().is_some_and(|ending| ending == "json")));
    own.extend(in_folder(IMAGES, &|name| Path::new(name).extension().is_some_and(|ending| ending == "tar")));
    own
}

/// Makes sure that the folder is for reports and marks it as such.
fn take(session: &Session) -> Result<(), Failure> {
    let folder = &session.reports;
    let refused = |why: &str| {
        Failure::usage(format!("the reports cannot go to {}: {why}", folder.display()))
            .hint("name a new or empty folder in the repository: reports.folder in slipway.toml, or SLIPWAY_REPORTS_FOLDER=…")
    };
    let inside = ["logs", "sarif", SBOMS, SCANS, IMAGES].map(|name| folder.join(name));
    for place in [folder.clone()].into_iter().chain(inside) {
        if leads_out(&session.workspace.root, &place) {
            return Err(refused("a symbolic link leads out of the workspace there"));
        }
    }
    let names: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| refused("it cannot be read").because(error))?
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    let is_plain =
        names.iter().all(|name| [".gitignore", ".gitkeep", "README.md"].iter().any(|plain| name == plain));
    if !is_plain && !folder.join(MARKER).is_file() && !is_record(&folder.join("run.json")) {
        return Err(refused(
            "it holds files that are not known to be reports, and they could be overwritten",
        ));
    }
    if names.is_empty() {
        // A repository that never heard of us should not see us in `git status`.
        let _ = files::write(&folder.join(".gitignore"), "*\n");
    }
    let about = "Reports of slipway go to this folder: files of the same name are replaced at each run.\n";
    files::write(&folder.join(MARKER), about).map_err(|error| refused("it cannot be marked").because(error))
}

fn leads_out(root: &Path, place: &Path) -> bool {
    match (root.canonicalize(), place.canonicalize()) {
        (Ok(root), Ok(place)) => !place.starts_with(root),
        // What is not there leads nowhere; a link to nothing could lead anywhere.
        _ => place.is_symlink(),
    }
}

/// Whether a file is a record that this toolkit wrote.
fn is_record(path: &Path) -> bool {
    #[derive(serde::Deserialize)]
    struct Record {
        tool: Tool,
    }
    #[derive(serde::Deserialize)]
    struct Tool {
        name: String,
    }
    let text = files::read(path).unwrap_or_default();
    serde_json::from_str::<Record>(&text).is_ok_and(|record| record.tool.name == "slipway")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::files::TemporaryFolder;

    #[test]
    fn only_what_this_toolkit_wrote_is_taken_away() {
        let folder = TemporaryFolder::new().unwrap();
        let reports = folder.path();
        let ours = [
            "image.json",
            "logs/image.build.log",
            "sarif/image.scan.sarif",
            "sbom/app.cdx.json",
            "sbom/app.spdx.json",
            "image/app.tar",
        ];
        let theirs = ["image/photo.png", "image/mine/index.json", "sbom/notes.json", "logs/server.log"];
        for name in ours.iter().chain(&theirs).chain(&["image/app/oci-layout", "image/app/index.json"]) {
            files::write(&reports.join(name), "").unwrap();
        }
        let own = own_files(reports);
        assert!(ours.iter().all(|name| own.contains(&reports.join(name))), "{own:?}");
        assert!(!theirs.iter().any(|name| own.contains(&reports.join(name))), "{own:?}");
        assert_eq!(folders(reports), [(reports.join("image/app"), "image")]);
        std::os::unix::fs::symlink(reports.join("image/app"), reports.join("image/link")).unwrap();
        assert_eq!(folders(reports).len(), 1, "a link is not followed");
    }
}
