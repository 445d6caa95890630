//! The toolkit as an image comments from any folder with a repository: the image in `TOOLKIT_IMAGE`, run by the engine against
//! the fake. Without one it says that it was not run.

use std::process::Command;

use crate::fake::{Fake, REPOSITORY};
use crate::project::{Workspace, record};

#[test]
fn the_image_comments_from_a_folder_of_somebody_else() {
    let Some(image) = std::env::var_os("TOOLKIT_IMAGE") else {
        println!("skipped: TOOLKIT_IMAGE names no image (.ci/toolkit makes one)");
        return;
    };
    let fake = Fake::below("/api/v3");
    let workspace = Workspace::new(&fake).with(&record(7));
    std::fs::rename(workspace.path("reports"), workspace.path("audit_bundles")).unwrap();
    let mounted = format!("{}:/workspace:ro", workspace.path("").display());
    let mut command = Command::new("docker");
    command.args([
        "run",
        "--rm",
        "--network",
        "host",
        "-v",
        &mounted,
        "-w",
        "/workspace",
        "--user",
        "4321:4321",
    ]);
    command.args(["-e", "GITHUB_TOKEN", "-e", "GITHUB_API_URL"]).arg(image);
    command.args(["comment", "--repo", REPOSITORY, "--pr", "1"]);
    std::os::unix::fs::chown(workspace.path(""), Some(4321), Some(4321)).unwrap();
    let output =
        command.env("GITHUB_TOKEN", "ghs_bot").env("GITHUB_API_URL", fake.address()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("commented on pull request 1"), "{told}");
    assert_eq!(fake.state(|state| state.comments.len()), 1);
}
