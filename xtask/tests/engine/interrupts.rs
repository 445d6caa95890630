//! Runs of the executable that somebody ends: nothing is left in the engine, and nothing in the folder of temporary files.

use std::time::{Duration, Instant};

use crate::fake::{Fake, Fault};
use crate::project::{DOCKERFILE, Project, WELL};
use crate::registry::Registry;

const NOTHING: Vec<String> = Vec::new();

#[test]
fn an_interrupt_in_a_build_leaves_nothing() {
    let fake = Fake::start();
    let dockerfile = DOCKERFILE.replace("USER", "RUN wait\nUSER");
    let project = Project::new(&fake, None, WELL).file("Dockerfile", &dockerfile);
    interrupted(&fake, &project, "container of a step", "image.build");
}

#[test]
fn an_interrupt_in_a_run_leaves_nothing() {
    let fake = Fake::start();
    let smoke = "[[smoke]]\nname = 'long'\nargs = ['sleep']\ntimeout = '10m'\n";
    let project = Project::new(&fake, None, smoke);
    interrupted(&fake, &project, "container of localhost/", "image.smoke");
    let smoke = "[[smoke]]\nname = 'long'\nargs = ['quiet']\nport = 8080\nwithin = '10m'\n";
    let project = Project::new(&fake, None, smoke);
    interrupted(&fake, &project, "container of localhost/", "image.smoke");
}

/// Interrupts a run once the engine has such a thing.
#[track_caller]
fn interrupted(fake: &Fake, project: &Project, thing: &str, step: &str) {
    let mut run = project.start(&["image", "smoke"]);
    run.until(|| fake.things().iter().any(|it| it.starts_with(thing)));
    let since = Instant::now();
    run.interrupt();
    run.end().exits(130).step(step, "cancelled");
    assert!(since.elapsed() < Duration::from_secs(8), "it took {:?}", since.elapsed());
    // The engine looks whether somebody still waits for a build.
    while !fake.things().is_empty() && since.elapsed() < Duration::from_secs(8) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(fake.things(), NOTHING);
}

#[test]
fn what_a_killed_run_left_goes_with_the_next() {
    let fake = Fake::start();
    let smoke = "[[smoke]]\nname = 'long'\nargs = ['sleep']\ntimeout = '10m'\n";
    let project = Project::new(&fake, None, smoke);
    let mut run = project.start(&["image", "smoke"]);
    run.until(|| fake.things().iter().any(|it| it.starts_with("container of localhost/")));
    run.kill();
    run.end();
    assert_eq!(fake.things().len(), 2, "the image and the container: {:?}", fake.things());
    let project = Project::new(&fake, None, WELL);
    project.run(&["image", "smoke"]).exits(0);
    assert_eq!(fake.things(), NOTHING);
}

#[test]
fn an_interrupt_while_an_image_is_on_its_way_leaves_nothing() {
    let registry = Registry::start();
    let fake = Fake::beside(&registry);
    let project = Project::new(&fake, Some(&registry), WELL);
    for (route, step) in [
        ("GET /images/*/get", "image.build"),
        ("POST /images/create", "image.pull"),
        ("POST /images/load", "image.smoke"),
    ] {
        fake.fault(route, 1, Fault::Stall(1));
        let args = if step == "image.pull" { ["image", "push"] } else { ["image", "smoke"] };
        let asked = fake.asked(route);
        let mut run = project.start(&args);
        run.until(|| fake.asked(route) > asked);
        let since = Instant::now();
        run.interrupt();
        run.end().exits(130).step(step, "cancelled");
        assert!(since.elapsed() < Duration::from_secs(8), "it took {:?}", since.elapsed());
        assert_eq!(fake.things(), NOTHING, "{route}");
    }
}

#[test]
fn a_build_that_takes_too_long_is_stopped() {
    let fake = Fake::start();
    let dockerfile = DOCKERFILE.replace("USER", "RUN wait\nUSER");
    let project =
        Project::new(&fake, None, WELL).file("Dockerfile", &dockerfile).env("SLIPWAY_IMAGE_TIMEOUT", "3s");
    project.run(&["image", "build"]).exits(3).says("not done within").step("image.build", "inconclusive");
}
