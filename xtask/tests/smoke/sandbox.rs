//! What the process sandbox keeps a program from, and how its end is told.

use std::path::Path;
use std::time::{Duration, Instant};

use xtask::model::smoke::End;
use xtask::tools::runtime::{Fault, Health, RunSpec, Runtime as _};

use super::support::{EXECUTABLE, Image, PATIENCE, PROGRAM, free_port, is_allowed, program, spec};

#[test]
fn the_end_is_told_as_it_was() {
    if !is_allowed() {
        return;
    }
    assert_eq!(Image::of(&["exit", "7"]).end(&spec()).unwrap().0, End::Exited(7));
    // The first process of its namespace cannot send itself SIGABRT: as in a container, it is SIGSEGV.
    assert_eq!(Image::of(&["abort"]).end(&spec()).unwrap().0, End::Signalled(11));
    let (end, output) = Image::of(&["print", "a", "b"]).end(&spec()).unwrap();
    assert_eq!(end, End::Exited(0));
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("a b\n", "done\n"));
}

#[test]
fn it_has_no_rights_and_can_get_none() {
    if !is_allowed() {
        return;
    }
    let of_root = Image::of(&["read", "/proc/self/status"]);
    let mut as_root = Image::of(&["read", "/proc/self/status"]);
    as_root.packaged.user = String::new();
    for (image, uid) in [(of_root, "1000"), (as_root, "0")] {
        let status = image.prints();
        let line = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(line("Uid:"), [uid; 4].join(" "));
        assert_eq!(line("Gid:"), [uid; 4].join(" "));
        for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
            assert_eq!(line(set), "0000000000000000", "{set}");
        }
        assert_eq!((line("NoNewPrivs:").as_str(), line("Pid:").as_str()), ("1", "1"));
    }
}

#[test]
fn it_sees_the_image_and_nothing_else() {
    if !is_allowed() {
        return;
    }
    assert_eq!(Image::of(&["list", "/"]).prints(), "app dev etc proc");
    assert_eq!(
        Image::of(&["list", "/dev"]).prints().replace(" tty", ""),
        "fd full null random shm stderr stdin stdout urandom zero"
    );
    let processes = Image::of(&["list", "/proc"]).prints();
    let processes: Vec<&str> = processes.split(' ').filter(|name| name.parse::<u32>().is_ok()).collect();
    assert_eq!(processes, ["1"]);
    let mounts = Image::of(&["read", "/proc/self/mounts"]).prints();
    let places: Vec<&str> = mounts.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    assert!(
        places.iter().all(|place| *place == "/" || place.starts_with("/dev") || *place == "/proc"),
        "{mounts}"
    );
}

#[test]
fn it_can_write_where_it_was_told_and_nowhere_else() {
    if !is_allowed() {
        return;
    }
    for place in
        ["/file", "/app/file", "/dev/file", "/proc/sys/kernel/hostname", "/etc/hosts", "/app/service"]
    {
        let (end, output) = Image::of(&["write", place]).end(&spec()).unwrap();
        assert_eq!(end, End::Exited(4), "{place}: {}", output.stdout);
    }
    let writable = RunSpec { writable: vec!["/tmp".to_owned(), "/data/cache".to_owned()], ..spec() };
    for place in ["/tmp/file", "/data/cache/file", "/dev/shm/file", "/dev/null"] {
        let (end, output) = Image::of(&["write", place]).end(&writable).unwrap();
        assert_eq!((end, output.stdout.as_str()), (End::Exited(0), "written\n"), "{place}");
    }
}

#[test]
fn a_link_does_not_lead_out_of_the_image() {
    if !is_allowed() {
        return;
    }
    let outside = tempfile::tempdir().unwrap();
    let image = Image::of(&["write", "/link/file"]);
    std::os::unix::fs::symlink(outside.path(), image.path().join("link")).unwrap();
    let writable = RunSpec { writable: vec!["/link/below".to_owned()], ..spec() };
    let _ = image.end(&writable);
    assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn too_much_memory_is_told_as_such() {
    if !is_allowed() {
        return;
    }
    let small = RunSpec { memory: Some(64 << 20), ..spec() };
    assert_eq!(Image::of(&["memory", "200"]).end(&small).unwrap().0, End::OutOfMemory);
    assert_eq!(Image::of(&["memory", "20"]).end(&small).unwrap().0, End::Exited(0));
}

#[test]
fn too_many_threads_are_refused() {
    if !is_allowed() {
        return;
    }
    let few = RunSpec { pids: 8, ..spec() };
    let (end, output) = Image::of(&["threads", "50"]).end(&few).unwrap();
    assert_eq!(end, End::Exited(3), "{}", output.stdout);
    let count: u32 = output.stdout.split(':').next().unwrap().parse().unwrap();
    assert!((4..=8).contains(&count), "{count}");
}

#[test]
fn a_flood_of_output_is_kept_within_bounds() {
    if !is_allowed() {
        return;
    }
    let (end, output) = Image::of(&["flood", "40"]).end(&spec()).unwrap();
    assert_eq!(end, End::Exited(0));
    assert!((1 << 20..12 << 20).contains(&output.stdout.len()), "{}", output.stdout.len());
}

#[test]
fn what_cannot_be_started_is_the_image_s_fault() {
    if !is_allowed() {
        return;
    }
    let fails = |change: fn(&mut Image)| {
        let mut image = Image::of(&[]);
        change(&mut image);
        let error = image.end(&spec()).unwrap_err();
        assert_eq!(error.fault, Fault::Image, "{error}");
        error.message
    };
    assert_eq!(
        fails(|image| image.packaged.entrypoint = vec!["/app/serivce".to_owned()]),
        "cannot start /app/serivce: there is no such file in the image"
    );
    assert_eq!(
        fails(|image| image.packaged.entrypoint = vec!["service".to_owned()]),
        "cannot start service: there is no such program in the PATH of the image"
    );
    assert_eq!(
        fails(|image| image.packaged.entrypoint = vec!["/app".to_owned()]),
        "cannot start /app: it may not be executed by this user"
    );
    assert_eq!(
        fails(|image| image.packaged.entrypoint.clear()),
        "it has neither an entrypoint nor arguments"
    );
    assert_eq!(
        fails(|image| image.packaged.folder = "/none".to_owned()),
        "cannot start in /none: No such file or directory (os error 2)"
    );
    assert_eq!(
        fails(|image| image.packaged.user = "app".to_owned()),
        "there is no user app in its /etc/passwd"
    );
    let loader = fails(|image| {
        std::fs::copy("/bin/cat", image.path().join("app/cat")).unwrap();
        image.packaged.entrypoint = vec!["/app/cat".to_owned()];
    });
    assert_eq!(loader, "cannot start /app/cat: the file is there, but the loader that it names is not");
}

#[test]
fn a_program_is_found_by_the_path_of_the_image() {
    if !is_allowed() {
        return;
    }
    let mut image = Image::of(&["env", "WHO"]);
    image.packaged.entrypoint = vec!["service".to_owned()];
    image.packaged.env = vec!["PATH=/app".to_owned(), "WHO=image".to_owned()];
    assert_eq!(image.prints(), "image");
    let spec = RunSpec { env: [("WHO".to_owned(), "run".to_owned())].into(), ..spec() };
    assert_eq!(image.end(&spec).unwrap().1.stdout, "run\n");
}

#[test]
fn it_is_gone_with_the_value() {
    if !is_allowed() {
        return;
    }
    let image = Image::of(&["sleep"]);
    let sandbox = image.sandbox();
    let running = sandbox.start(&spec()).unwrap();
    assert_eq!(running.end().unwrap(), None);
    assert_eq!(running.wait(Duration::from_millis(20)).unwrap(), None);
    let before = processes_in(&image.path());
    assert_eq!(before, 1, "the program runs");
    let begun = Instant::now();
    drop(running);
    assert_eq!(processes_in(&image.path()), 0);
    assert!(begun.elapsed() < PATIENCE / 6);
}

#[test]
fn an_interrupted_run_ends() {
    if !is_allowed() {
        return;
    }
    let image = Image::of(&["sleep"]);
    let sandbox = image.sandbox();
    let running = sandbox.start(&spec()).unwrap();
    image.supervisor.interrupt.raise();
    assert_eq!(running.wait(PATIENCE).unwrap_err().fault, Fault::Interrupted);
    assert_eq!(processes_in(&image.path()), 0);
}

#[test]
fn the_health_check_of_an_image_is_run_beside_it() {
    if !is_allowed() {
        return;
    }
    let port = free_port().to_string();
    let mut image = Image::of(&["serve", &port]);
    let words = ["CMD", "/app/service", "healthcheck", &port];
    image.packaged.healthcheck = words.map(ToOwned::to_owned).into();
    let sandbox = image.sandbox();
    let running = sandbox.start(&RunSpec { port: port.parse().ok(), ..spec() }).unwrap();
    let begun = Instant::now();
    while running.health().unwrap() != Health::Healthy {
        assert!(begun.elapsed() < PATIENCE);
    }
    running.ask_to_stop().unwrap();
    assert_eq!(running.wait(PATIENCE).unwrap(), Some(End::Exited(0)));
    assert_eq!(running.health().unwrap(), Health::NotYet("exit code 1 nobody listens".to_owned()));
}

/// What root makes as root, others make in a user namespace and with limits of each process: these tests once more, as
/// somebody without rights.
#[test]
fn nobody_s_sandbox_is_the_same() {
    use std::os::unix::process::CommandExt as _;
    if !rustix::process::geteuid().is_root() || !is_allowed() {
        return;
    }
    // What belongs to root may lie where nobody else can look.
    let folder = tempfile::tempdir().unwrap();
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(folder.path(), everybody).unwrap();
    let take = |from: &Path, name: &str| {
        let to = folder.path().join(name);
        std::fs::copy(from, &to).unwrap();
        to
    };
    let tests = take(&std::env::current_exe().unwrap(), "tests");
    let output = std::process::Command::new(tests)
        .args(["sandbox::", "--skip", "nobody", "--test-threads", "2"])
        .env(PROGRAM, take(&program(), "service"))
        .env(EXECUTABLE, take(Path::new(env!("CARGO_BIN_EXE_xtask")), "xtask"))
        .env("TMPDIR", folder.path())
        .env_remove("CI")
        .uid(65534)
        .gid(65534)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("14 passed"), "{told}");
}

/// Names the folder in which a run is to be held.
const HELD: &str = "SLIPWAY_TEST_HELD";

#[test]
fn nothing_outlives_a_killed_toolkit() {
    if !is_allowed() {
        return;
    }
    if let Some(folder) = std::env::var_os(HELD) {
        // The one that is killed.
        let image = Image::of(&["sleep"]);
        let sandbox = image.sandbox();
        let _running = sandbox.start(&spec()).unwrap();
        std::fs::write(Path::new(&folder).join("root"), image.path().to_str().unwrap()).unwrap();
        std::thread::sleep(PATIENCE);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "sandbox::nothing_outlives_a_killed_toolkit"])
        .env(HELD, folder.path())
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let file = folder.path().join("root");
    let root = || std::fs::read_to_string(&file).ok().filter(|text| !text.is_empty());
    until(|| root().is_some());
    let root = root().unwrap();
    assert_eq!(processes_in(Path::new(&root)), 1);
    child.kill().unwrap();
    child.wait().unwrap();
    until(|| processes_in(Path::new(&root)) == 0);
}

fn until(is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How many processes have this program open as the one they run: none of another test, as each has its own.
fn processes_in(root: &Path) -> usize {
    let program = std::fs::metadata(root.join("app/service")).unwrap();
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let runs = entries.filter(|entry| {
        use std::os::unix::fs::MetadataExt as _;
        let runs = std::fs::metadata(entry.path().join("exe"));
        runs.is_ok_and(|runs| (runs.dev(), runs.ino()) == (program.dev(), program.ino()))
    });
    runs.count()
}
