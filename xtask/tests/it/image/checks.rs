//! What is in an image, and what the settings make of it.

use super::fixture::{APP, broken, set, shop, step};

#[test]
fn every_check_that_does_not_hold_is_told_in_one_run() {
    let workspace = shop(
        "image.size = {max = '10kB', layer-max = '10kB'}\nimage.user = '0:0'\n\
         [[images]]\nname = 'app'\nmust-have = ['/app/app', '/etc/nothing']\nmust-not-have = ['/app/app']\n",
    );
    workspace.run(&["image", "build"]).exits(1).says("image.check");
    let broken = broken(&workspace);
    for check in ["does not run as root", "/etc/nothing exists", "/app/app does not exist", "10 kB", "layer"]
    {
        assert!(broken.iter().any(|line| line.contains(check)), "{check}: {broken:#?}");
    }
    assert!(!broken.iter().any(|line| line.starts_with("/app/app exists")), "{broken:#?}");
    let (status, reason) = step(&workspace, "image.check");
    assert_eq!(status, "failed");
    assert!(reason.ends_with("checks failed"), "{reason}");

    let of_size = "image.size = {max = '10kB', mode = 'report-only'}\n";
    set(&workspace, &format!("{of_size}{APP}"));
    workspace.run(&["image", "build"]).exits(0);
    assert_eq!(step(&workspace, "image.check").0, "passed", "what only reports holds nobody up");
}
