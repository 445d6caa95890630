//! Images that are run in the process sandbox, and each way in which that goes wrong.

use std::net::{Ipv4Addr, TcpListener};

use super::fixture::{APP, broken, image, sandboxed, set, shop, step};

/// A port that nobody listens on at this moment.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap().local_addr().unwrap().port()
}

/// A service of this mode of the program, with these further settings.
fn service(name: &str, mode: &str, settings: &str) -> String {
    let port = free_port();
    format!(
        "[[smoke]]\nname = '{name}'\nport = {port}\nargs = ['{mode}', '{port}']\n{settings}\n\
         http = [{{ path = '/health', json = {{ status = 'ok' }} }}]\n"
    )
}

#[test]
fn an_image_that_does_what_it_should_passes() {
    let command = "[[smoke]]\nname = 'version'\nargs = ['print', 'app', '1.2.3']\nstdout = ['^app \\d+']\nstderr = ['done']\n";
    let refuses = "[[smoke]]\nname = 'refuses'\nargs = ['exit', '3']\nexit = 3\n";
    let writes =
        "[[smoke]]\nname = 'writes'\nargs = ['write', '/data/x']\nwritable = ['/data']\nenv = {A = 'b'}\n";
    let settings = [APP, command, refuses, writes, &service("serve", "serve", "")].concat();
    let workspace = shop(&settings);
    let Some(run) = sandboxed(&workspace, &["image", "smoke"]) else { return };
    run.exits(0);
    let image = image(&workspace);
    let names: Vec<&str> =
        image["smoke"].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["version", "refuses", "writes", "serve"]);
    assert!(image["smoke"][3]["ready_ms"].is_u64());
    assert_eq!(image["smoke"][0]["runtime"], "process sandbox, no engine");
    assert!(workspace.record()["notes"].to_string().contains("shares the network"));
    let log = workspace.report("logs/image.smoke.log");
    assert!(log.contains("stdout | app 1.2.3") && log.contains("passed: exits with 3"), "{log}");
    for report in ["summary.md", "index.html"] {
        assert!(workspace.report(report).contains("serve"), "{report}");
    }
}

#[test]
fn every_fault_of_an_image_is_told_in_one_run() {
    let commands = "[[smoke]]\nname = 'code'\nargs = ['exit', '3']\n\
                    [[smoke]]\nname = 'panic'\nargs = ['panic', 'fine']\nexit = 101\n\
                    [[smoke]]\nname = 'words'\nargs = ['print', 'x']\nstdout = ['y+']\n\
                    [[smoke]]\nname = 'endless'\nargs = ['sleep']\ntimeout = '300ms'\n";
    let settings = [
        APP,
        commands,
        &service("body", "wrong-body", ""),
        &service("never", "quiet", "within = '300ms'"),
        &service("unwell", "unwell", "within = '300ms'"),
        &service("dies", "dies", ""),
        &service("deaf", "deaf", "grace = '300ms'"),
        &service("late", "serve-then-exit", ""),
        &service("worker", "panics-in-a-thread", ""),
    ]
    .concat();
    let workspace = shop(&settings);
    let Some(run) = sandboxed(&workspace, &["image", "smoke"]) else { return };
    run.exits(1);
    let (status, reason) = step(&workspace, "image.smoke");
    assert_eq!(status, "failed");
    assert!(reason.contains(" checks failed of "), "{reason}");
    let broken = broken(&workspace);
    for line in [
        "exits with 0: it ended with exit code 3",
        "prints no panic: ",
        "prints /y+/ to standard output: nothing in standard output matches /y+/",
        "ends within 300 ms: it still ran, and was killed",
        "GET /health answers status = \"ok\": ",
        "becomes ready within 300 ms: the last time: the connection was refused",
        "becomes ready within 300 ms: the last time: ",
        "becomes ready within 60 s: it ended with exit code 9 before it was ready",
        "stops on SIGTERM within 300 ms: ",
        "exits with 0: it ended with exit code 7",
    ] {
        assert!(broken.iter().any(|told| told.starts_with(line)), "{line}: {broken:#?}");
    }
    assert!(broken.iter().any(|told| told.contains("it answered 503, not 200: starting")), "{broken:#?}");
    assert!(broken.iter().any(|told| told.starts_with("prints no panic: thread '<unnamed>'")), "{broken:#?}");
    let image = image(&workspace);
    let output = image["smoke"][0]["output"].as_str().unwrap();
    assert!(output.starts_with("state: exit code 3\n"), "{output}");
}

#[test]
fn an_image_that_cannot_be_started_is_its_own_fault() {
    let once = "[[smoke]]\nname = 'once'\n";
    let workspace = shop(&format!("[[images]]\nname = 'app'\nentrypoint = ['/app/serivce']\n{once}"));
    let Some(run) = sandboxed(&workspace, &["image", "smoke"]) else { return };
    // The builder has seen it, and nothing goes on from there.
    run.exits(1);
    let (status, reason) = step(&workspace, "image.build");
    assert!(status == "failed" && reason.contains("/app/serivce"), "{reason}");
    assert_eq!(step(&workspace, "image.smoke").1, "needs image.build, which did not pass");

    set(&workspace, &format!("[[images]]\nname = 'app'\nworkdir = '/nowhere'\n{once}args = ['exit', '0']\n"));
    workspace.run(&["image", "smoke"]);
    let of_folder = broken(&workspace);
    let told = "starts: cannot start in /nowhere: No such file or directory (os error 2)";
    assert_eq!(of_folder, [told]);

    set(
        &workspace,
        &format!("image.user = '0:0'\nimage.structure.non-root = false\n{APP}{once}args = ['exit', '0']\n"),
    );
    workspace.run(&["image", "smoke"]).exits(1);
    assert!(broken(&workspace)[0].starts_with("runs as a user that is not root: it runs as root"));
}

#[test]
fn an_image_without_an_entry_is_run_as_it_says_itself() {
    let port = free_port();
    let settings = format!(
        "{APP}args = ['serve', '{port}']\nports = ['{port}']\nhealthcheck = ['/app/app', 'healthcheck', '{port}']\n"
    );
    let workspace = shop(&settings);
    let Some(run) = sandboxed(&workspace, &["image", "smoke"]) else { return };
    run.exits(0);
    let notes = workspace.record()["notes"].to_string();
    assert!(
        notes.contains(&format!("app has no [[smoke]]: it was run as a service on port {port}")),
        "{notes}"
    );

    set(&workspace, APP);
    workspace.run(&["image", "smoke"]).exits(1).says("nothing says what has to come of running app");
    assert_eq!(step(&workspace, "image.smoke").0, "inconclusive");
}

#[test]
fn without_unshare_nothing_is_known_of_an_image() {
    let workspace = shop(&format!("{APP}[[smoke]]\nname = 'once'\nargs = ['exit', '0']\n"));
    // It has to be gone from this PATH alone.
    let _ = std::fs::remove_file(workspace.path().join("tools/unshare"));
    workspace.run(&["image", "smoke"]).exits(3).says("unshare is not installed, or not on PATH");
    assert_eq!(step(&workspace, "image.smoke").0, "inconclusive", "it is never green");
}
