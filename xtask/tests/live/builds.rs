//! Builds, by both builders: what they make, how they fail, and that nothing of them is left.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use xtask::kit::secret::Secret;
use xtask::tools::docker::{BuildError, BuildSpec, Builder, Cache, Cause, Engine, Event, Limits, Waited};
use xtask::tools::interrupt::Interrupt;

use super::support::{Test, busybox_image, limits, run_image};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("builds::an_image_is_built_with_what_was_asked_for", an_image_is_built_with_what_was_asked_for),
    (
        "builds::a_failing_step_is_told_with_its_line_and_its_words",
        a_failing_step_is_told_with_its_line_and_its_words,
    ),
    ("builds::a_broken_dockerfile_is_told_with_its_line", a_broken_dockerfile_is_told_with_its_line),
    ("builds::a_secret_is_given_and_not_kept", a_secret_is_given_and_not_kept),
    ("builds::a_build_ends_in_time_and_when_interrupted", a_build_ends_in_time_and_when_interrupted),
    ("builds::what_did_not_change_is_not_built_again", what_did_not_change_is_not_built_again),
    ("builds::files_are_those_that_docker_sends", files_are_those_that_docker_sends),
    ("builds::many_files_arrive", many_files_arrive),
    ("builds::the_classic_builder_says_what_it_cannot", the_classic_builder_says_what_it_cannot),
];

const BOTH: [Builder; 2] = [Builder::Auto, Builder::Classic];

/// A folder with these files, and a build of it.
fn folder(files: &[(&str, &str)]) -> (TempDir, BuildSpec) {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let spec = BuildSpec { limits: limits(), ..BuildSpec::new(folder.path()) };
    (folder, spec)
}

fn dockerfile(engine: &Engine, rest: &str) -> String {
    format!("FROM {}\nUSER 0\n{rest}", busybox_image(engine))
}

/// Builds, and removes in the end what was built.
struct Builds<'engine> {
    engine: &'engine Engine,
    ids: Vec<String>,
}

impl<'engine> Builds<'engine> {
    fn of(engine: &'engine Engine) -> Self {
        Self { engine, ids: Vec::new() }
    }

    fn build(&mut self, spec: &BuildSpec) -> (Result<String, BuildError>, Vec<Event>) {
        let mut events = Vec::new();
        let built = self.engine.build(spec, &mut |event| events.push(event)).map(|built| built.id);
        self.ids.extend(built.clone());
        (built, events)
    }
}

impl Drop for Builds<'_> {
    fn drop(&mut self) {
        for id in &self.ids {
            let _ = self.engine.remove_image(id);
        }
    }
}

fn logged(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| if let Event::Log(_, line) = event { Some(line.as_str()) } else { None })
        .collect()
}

fn an_image_is_built_with_what_was_asked_for(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let text = dockerfile(
        engine,
        "ARG WHO=nobody\nRUN echo hello $WHO; echo to-stderr >&2\nCOPY f /f\nFROM scratch AS last\nCOPY --from=0 /f /g\nFROM scratch\n",
    );
    let (_folder, mut spec) = folder(&[("Dockerfile", &text), ("f", "content")]);
    spec.args.insert("WHO".to_owned(), "me".to_owned());
    spec.labels.insert("a".to_owned(), "b c".to_owned());
    spec.target = Some("last".to_owned());
    spec.cache = Cache::Ignore;
    for builder in BOTH {
        spec.builder = builder;
        spec.tags = vec!["slipway-live/built:1".parse().unwrap(), "slipway-live/built:2".parse().unwrap()];
        let (built, events) = builds.build(&spec);
        let id = built.unwrap();
        let image = engine.inspect("slipway-live/built:2").unwrap();
        assert_eq!(image.id, id);
        assert_eq!(image.labels["a"], "b c");
        assert_eq!(image.layers.len(), 1);
        let logged = logged(&events);
        assert!(logged.contains(&"hello me") && logged.contains(&"to-stderr"), "{builder:?}: {events:?}");
        assert!(
            events
                .iter()
                .any(|event| matches!(event, Event::Finished(_, name) if name.contains("RUN echo hello")))
        );
        assert!(
            !events.iter().any(|event| matches!(event, Event::Notice(_) | Event::Failed(..))),
            "{events:?}"
        );
    }
}

fn a_failing_step_is_told_with_its_line_and_its_words(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let text = dockerfile(
        engine,
        "ARG N=30\n\n# A comment\nRUN i=0; while [ $i -lt $N ]; do \\\n      i=$((i+1)); echo line $i; \\\n    done; exit 7\n",
    );
    let (folder, mut spec) = folder(&[("Dockerfile", &text)]);
    for builder in BOTH {
        spec.builder = builder;
        let (built, events) = builds.build(&spec);
        let error = built.unwrap_err();
        assert_eq!(error.line, Some(6), "{error}");
        assert_eq!(error.dockerfile, folder.path().join("Dockerfile"));
        assert_eq!((error.log.len(), error.log[19].as_str()), (20, "line 30"), "{error}");
        assert!(matches!(&error.cause, Cause::Failed(words) if words.ends_with("code: 7")), "{error}");
        assert!(
            events.iter().any(|event| matches!(event, Event::Failed(_, name) if name.contains("RUN i=0")))
        );
    }
}

fn a_broken_dockerfile_is_told_with_its_line(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let (_folder, mut spec) = folder(&[("Dockerfile", "FROM scratch\n\nRUNN true\n")]);
    for builder in BOTH {
        spec.builder = builder;
        let error = builds.build(&spec).0.unwrap_err();
        assert_eq!(error.line, Some(3), "{error}");
        assert!(error.to_string().contains("unknown instruction: RUNN"), "{error}");
    }
    spec.dockerfile = "none/Dockerfile".into();
    let error = builds.build(&spec).0.unwrap_err();
    assert!(error.to_string().contains("there is no "), "{error}");
}

fn a_secret_is_given_and_not_kept(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let text = dockerfile(
        engine,
        "RUN --mount=type=secret,id=key,required=true cat /run/secrets/key > /length; ls -l /length\n",
    );
    let (_folder, mut spec) = folder(&[("Dockerfile", &text)]);
    spec.cache = Cache::Ignore;
    let value = "s3cr~t?>\u{e9}";
    spec.secrets.insert("key".to_owned(), Secret::new(value));
    let (built, events) = builds.build(&spec);
    let id = built.unwrap();
    assert_eq!(run_image(engine, &id, "cat /length"), (Waited::Exited(0), value.to_owned()));
    assert_eq!(run_image(engine, &id, "ls /run/secrets"), (Waited::Exited(0), String::new()));
    assert!(!format!("{events:?} {spec:?}").contains(value));

    spec.secrets.clear();
    let error = builds.build(&spec).0.unwrap_err();
    assert!(error.to_string().contains("key"), "{error}");
    assert_eq!(error.line, Some(3), "{error}");
    spec.secrets.insert("key".to_owned(), Secret::new(value));
    spec.builder = Builder::Classic;
    let error = builds.build(&spec).0.unwrap_err();
    assert!(error.to_string().contains("`key` needs BuildKit"), "{error}");
}

fn a_build_ends_in_time_and_when_interrupted(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let mark = format!("{}", 100_000 + std::process::id());
    let text = dockerfile(engine, &format!("RUN echo begun; sleep {mark}\n"));
    let (_folder, mut spec) = folder(&[("Dockerfile", &text)]);
    spec.cache = Cache::Ignore;
    for builder in BOTH {
        spec.builder = builder;
        spec.limits = Limits::within(Duration::from_secs(4));
        let begun = Instant::now();
        let (built, events) = builds.build(&spec);
        let error = built.unwrap_err();
        assert!(matches!(error.cause, Cause::TimedOut(_)), "{error}");
        assert_eq!((error.line, error.log.as_slice()), (Some(3), ["begun".to_owned()].as_slice()), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(6));
        assert!(logged(&events).contains(&"begun"), "{events:?}");
        gone(&mark);

        let interrupt = Interrupt::default();
        spec.limits = Limits { interrupt: interrupt.clone(), ..limits() };
        let error = engine
            .build(&spec, &mut |event| {
                if matches!(&event, Event::Log(_, line) if line == "begun") {
                    interrupt.raise();
                }
            })
            .unwrap_err();
        assert!(error.is_interrupt(), "{error}");
        gone(&mark);
    }
}

/// Waits until no process sleeps for this long.
fn gone(mark: &str) {
    let is_running = || {
        std::fs::read_dir("/proc").unwrap().any(|entry| {
            let line = std::fs::read(entry.unwrap().path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&format!("sleep\0{mark}"))
        })
    };
    let begun = Instant::now();
    while is_running() {
        assert!(begun.elapsed() < Duration::from_secs(15), "the step still runs");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn what_did_not_change_is_not_built_again(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let text = dockerfile(engine, "COPY a /a\nRUN cat /a > /b\nCOPY c /c\n");
    let (folder, mut spec) = folder(&[("Dockerfile", &text), ("a", "1"), ("c", "1")]);
    for builder in BOTH {
        spec.builder = builder;
        let first = builds.build(&spec).0.unwrap();
        let (second, events) = builds.build(&spec);
        assert_eq!(second.unwrap(), first);
        let is_cached = |events: &[Event], text: &str| {
            events.iter().any(|event| matches!(event, Event::Cached(_, name) if name.contains(text)))
        };
        assert!(is_cached(&events, "RUN cat") && is_cached(&events, "COPY c"), "{events:?}");
        // What an earlier run has built is in the engine's cache.
        let new = format!("{builder:?} {:?}", std::time::SystemTime::now());
        std::fs::write(folder.path().join("c"), new).unwrap();
        let (third, events) = builds.build(&spec);
        assert_ne!(third.unwrap(), first);
        assert!(is_cached(&events, "RUN cat") && !is_cached(&events, "COPY c"), "{events:?}");
    }
}

/// What lies in `/all` of an image, with types, modes and sizes.
fn listing(engine: &Engine, id: &str) -> String {
    let (waited, listing) = run_image(
        engine,
        id,
        "cd /all && find . | /bin/busybox sort | /bin/busybox xargs -n1 /bin/busybox stat -c '%n %f %s %u'",
    );
    assert_eq!(waited, Waited::Exited(0));
    listing
}

fn files_are_those_that_docker_sends(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let text = dockerfile(engine, "COPY . /all\n");
    let rules = "# comment\n**/*.log\n!keep.log\n/rooted\nDockerfile\n.dockerignore\ndeep\n!deep/a/kept\nx?z\n[ab]c\nesc\\*\n  blank  \n";
    let (folder, mut spec) = folder(&[
        ("Dockerfile", &text),
        (".dockerignore", rules),
        ("a.log", ""),
        ("sub/b.log", ""),
        ("keep.log", "kept"),
        ("rooted", ""),
        ("sub/rooted", ""),
        ("deep/a/kept", "1"),
        ("deep/a/lost", "1"),
        ("deep/b/lost", "1"),
        ("xyz", ""),
        ("xyzz", ""),
        ("ac", ""),
        ("cc", ""),
        ("esc*", ""),
        ("escape", ""),
        ("blank", ""),
        ("ü", ""),
    ]);
    let path = |name: &str| folder.path().join(name);
    std::os::unix::fs::symlink("../nowhere", path("link")).unwrap();
    std::fs::create_dir(path("empty")).unwrap();
    let mode = |name: &str, mode: u32| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("escape", 0o4751);
    mode("empty", 0o1777);

    let ours: Vec<String> = BOTH
        .into_iter()
        .map(|builder| {
            spec.builder = builder;
            listing(engine, &builds.build(&spec).0.unwrap())
        })
        .collect();
    // The classic builder gives files to root after it has set their modes, which takes the "set user" away.
    assert_eq!(ours[0].replace("escape 89e9", "escape 81e9"), ours[1]);
    let has = |name: &str| ours[0].lines().any(|line| line.starts_with(&format!("./{name} ")));
    for name in ["keep.log", "sub/rooted", "deep/a/kept", "xyzz", "cc", "escape", "ü", "link", "empty"] {
        assert!(has(name), "{name}: {}", ours[0]);
    }
    for name in [
        "Dockerfile",
        ".dockerignore",
        "a.log",
        "sub/b.log",
        "rooted",
        "deep/a/lost",
        "xyz",
        "ac",
        "esc*",
        "blank",
    ] {
        assert!(!has(name), "{name}: {}", ours[0]);
    }
    if let Some(theirs) = by_docker(folder.path()) {
        assert_eq!(ours[0], listing(engine, &theirs));
        engine.remove_image(&theirs).unwrap();
    }
}

/// The image that Docker's own client builds; none without one that can.
fn by_docker(folder: &Path) -> Option<String> {
    let mut command = std::process::Command::new("/usr/bin/docker");
    let output =
        command.args(["build", "-q", "."]).env("DOCKER_BUILDKIT", "1").current_dir(folder).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

fn many_files_arrive(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let text = dockerfile(engine, "COPY . /all\n");
    let (folder, mut spec) = folder(&[("Dockerfile", &text)]);
    // Enough that both sides have to wait for each other, were it not for two tasks.
    for number in 0..6_000 {
        std::fs::write(folder.path().join(format!("file-{number:05}")), number.to_string()).unwrap();
    }
    std::fs::write(folder.path().join("large"), vec![7; 20 << 20]).unwrap();
    for builder in BOTH {
        spec.builder = builder;
        let id = builds.build(&spec).0.unwrap();
        let script =
            "cd /all && ls | /bin/busybox wc -l && /bin/busybox md5sum large | cut -c1-8; cat file-05999";
        let script = script.replace("cut", "/bin/busybox cut");
        let (_, printed) = run_image(engine, &id, &script);
        assert!(printed.starts_with("6002\n") && printed.ends_with("5999"), "{printed}");
    }
}

fn the_classic_builder_says_what_it_cannot(engine: &Engine) {
    let mut builds = Builds::of(engine);
    let text = dockerfile(engine, "RUN --mount=type=cache,target=/c true\n");
    let (_folder, mut spec) = folder(&[("Dockerfile", &text)]);
    spec.builder = Builder::Classic;
    let error = builds.build(&spec).0.unwrap_err();
    assert!(error.to_string().contains("requires BuildKit"), "{error}");
    spec.builder = Builder::Auto;
    builds.build(&spec).0.unwrap();
}
