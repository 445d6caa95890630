//! What goes wrong with an image, each once, through the whole pipeline: what a person reads, and what the record keeps.

use xtask::tools::docker::Engine;

use super::project::{BRIEF, DOCKERFILE, NOWHERE, Project};

const ENGINE: (&str, &str) = ("SLIPWAY_IMAGE_BUILDER", "engine");
const EMBEDDED: (&str, &str) = ("SLIPWAY_IMAGE_BUILDER", "embedded");

/// Runs the image, and holds what one step says of it.
#[track_caller]
fn fails(project: &Project, id: &str, told: &str) {
    project.run(&["image", "smoke"]).exits(1).says(told);
    let step = project.step(id);
    assert_eq!(step["status"], "failed", "{step:#}");
}

pub(crate) fn no_engine_where_one_has_to_build(_: &Engine) {
    let project = Project::new(None, BRIEF).env(ENGINE).env(NOWHERE);
    let run = project.run(&["image", "smoke"]).exits(3);
    run.says("no container engine answers").says("/no/such/engine.sock does not exist").says("hint: ");
    let statuses = ["image.build", "image.smoke"].map(|id| project.step(id)["status"].clone());
    assert_eq!(statuses, ["inconclusive", "cancelled"]);
}

pub(crate) fn dockerfiles_that_fail(_: &Engine) {
    for (dockerfile, told) in [
        (DOCKERFILE.replace("COPY service", "COPY nothing"), "Dockerfile:2: [1/"),
        (DOCKERFILE.replace("USER", "RUN [\"/app/service\", \"exit\", \"3\"]\nUSER"), "Dockerfile:3: [2/"),
        (DOCKERFILE.replace("WORKDIR", "WORKDIRR"), "Dockerfile:4"),
    ] {
        let project = Project::new(None, BRIEF).env(ENGINE).file("Dockerfile", &dockerfile);
        fails(&project, "image.build", told);
        assert_eq!(project.step("image.smoke")["status"], "cancelled");
    }
}

pub(crate) fn programs_that_cannot_start(_: &Engine) {
    const NO_FILE: &str = "the image has no file /app/server, which it is to run";
    const NO_LOADER: &str = "/app/service is started by /lib";
    let entrypoint = DOCKERFILE.replace("ENTRYPOINT [\"/app/service\"]", "ENTRYPOINT [\"/app/server\"]");
    let dynamic = DOCKERFILE.replace("COPY service", "COPY dynamic");
    for (dockerfile, told) in [(entrypoint, NO_FILE), (dynamic, NO_LOADER)] {
        let project = Project::new(None, BRIEF).env(ENGINE).file("Dockerfile", &dockerfile);
        fails(&project, "image.build", told);
        assert_eq!(project.step("image.smoke")["status"], "cancelled");
    }
    let project = Project::new(None, BRIEF).env(EMBEDDED).set("name = 'app'", "entrypoint = ['/app/server']");
    fails(&project, "image.build", NO_FILE);
}

pub(crate) fn over_budget(_: &Engine) {
    for env in [ENGINE, EMBEDDED] {
        let project = Project::new(None, BRIEF).env(env).set("[image]", "size.max = '100kB'");
        let run = project.run(&["image", "build"]).exits(1);
        run.says("100 kB");
        assert_eq!(project.step("image.build")["status"], "passed");
        assert_eq!(project.step("image.check")["status"], "failed");
    }
}

pub(crate) fn runs_that_go_wrong(_: &Engine) {
    const PORT: &str =
        "port = PORT\nwithin = '2s'\ngrace = '1s'\nhttp = [{ path = '/', json = { status = 'ok' } }]";
    for (mode, settings, told) in [
        ("wrong-body", PORT, "the answer is no JSON"),
        ("panics-in-a-thread", PORT, "prints no panic"),
        ("deaf", PORT, "stops on SIGTERM within 1 s: it still ran, and was killed"),
        ("quiet", PORT, "becomes ready within 2 s"),
        ("memory", "memory = '32MiB'", "out of memory: it may use 32 MiB"),
    ] {
        let number = if mode == "memory" { "200" } else { "PORT" };
        let smoke = format!("[[smoke]]\nname = 'bad'\nargs = ['{mode}', '{number}']\n{settings}\n");
        let project = Project::new(None, &smoke).env(ENGINE);
        fails(&project, "image.smoke", told);
        let run = project.image()["smoke"][0].clone();
        assert!(run["passed"].as_u64() < run["total"].as_u64(), "{run:#}");
        assert!(run["output"].is_string() || mode == "memory", "{run:#}");
    }
}
