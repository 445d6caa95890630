//! The smoke contract by the engine, with the program that the sandbox's tests use.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;
use xtask::kit::secret::Redactor;
use xtask::model::step::Status;
use xtask::model::test::TestOutcome;
use xtask::pipeline::smoke::{Smoked, Subject, Surroundings, smoke_in};
use xtask::settings::{File, Sources, load};
use xtask::tools::docker::Engine;
use xtask::tools::interrupt::Interrupt;
use xtask::tools::runtime::engine::InEngine;
use xtask::tools::runtime::{Fault, Packaged, RunSpec, Runtime as _};

use super::support::{Test, archive_of_program, busybox_image, limits, owner, program};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("smoke::a_service_that_is_well", a_service_that_is_well),
    ("smoke::each_fault_is_told", each_fault_is_told),
    ("smoke::what_cannot_be_started_is_the_image_s_fault", what_cannot_be_started_is_the_image_s_fault),
    ("smoke::nothing_is_left", nothing_is_left),
];

const IMAGE: &str = "slipway-live/smoke:1";

/// Runs the program as these entries say.
fn smoke(engine: &Engine, settings: &str) -> Smoked {
    static LOADED: OnceLock<()> = OnceLock::new();
    static COUNT: AtomicU32 = AtomicU32::new(0);
    LOADED.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let config = r#""User":"1000","Entrypoint":["/service"],"ExposedPorts":{"8080/tcp":{}},"#;
        let health = r#""Healthcheck":{"Test":["CMD","/service","healthcheck","8080"],"Interval":300000000}"#;
        let archive =
            archive_of_program(folder.path(), IMAGE, program(), "service", &format!("{config}{health}"));
        engine.load(&archive, &limits()).unwrap();
    });
    let file = Some(File { path: "slipway.toml", text: settings });
    let entries = load(&Sources { file, env: &[].into(), flags: &[] }).unwrap().settings.smoke;
    // Each a run of its own: what one leaves is not for another to remove.
    let owner = owner(&format!("smoke-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
    let interrupt = Interrupt::default();
    let packaged = Packaged::from(&engine.inspect(IMAGE).unwrap());
    let runtime = InEngine { engine, owner: &owner, image: IMAGE.to_owned(), interrupt: interrupt.clone() };
    let subject = Subject { image: "app", reference: IMAGE, packaged: &packaged };
    let around = Surroundings { redactor: &Redactor::default(), interrupt: &interrupt, log: &|_| () };
    let smoked = smoke_in(subject, &entries, &runtime, &around);
    assert!(engine.remove_run(&owner).unwrap().is_empty(), "the runs leave nothing");
    smoked
}

fn faults(smoked: &Smoked) -> Vec<String> {
    let bad = smoked.cases.iter().filter(|case| case.outcome != TestOutcome::Passed);
    bad.map(|case| {
        format!("{} {}: {}", case.outcome.word(), case.name, case.message.as_deref().unwrap_or_default())
    })
    .collect()
}

fn a_service_that_is_well(engine: &Engine) {
    let smoked = smoke(
        engine,
        "[[smoke]]\nname = 'up'\nport = 8080\nargs = ['serve', '8080']\nstdout = ['listening']\n\
         http = [{ path = '/health', json = { status = 'ok' } }]\n\
         [[smoke]]\nname = 'print'\nargs = ['print', 'x']\nstdout = ['^x']",
    );
    assert_eq!((faults(&smoked), smoked.status), (Vec::new(), Status::Passed));
    let names: Vec<&str> = smoked.cases.iter().map(|case| case.name.as_str()).collect();
    assert!(names.contains(&"is well by its own health check within 60 s"), "{names:?}");
    assert_eq!(smoked.records[0].runtime, "engine");
    assert!(smoked.records[0].ready_ms.is_some());
    assert_eq!(smoked.records[0].end.as_deref(), Some("exit code 0"));
}

fn each_fault_is_told(engine: &Engine) {
    for (settings, expected) in [
        ("args = ['exit', '3']", "failed exits with 0: it ended with exit code 3"),
        ("args = ['write', '/file']", "failed exits with 0: it ended with exit code 4"),
        (
            "args = ['memory', '200']\nmemory = '64MiB'",
            // The engine now and then says only that it was killed.
            "failed exits with 0: ",
        ),
        ("args = ['panic', 'bad']\nexit = 101", "failed prints no panic: "),
        ("args = ['sleep']\ntimeout = '500ms'", "timed out ends within 500 ms: "),
        (
            "args = ['quiet']\nport = 8080\nwithin = '1s'\nhttp = [{ path = '/' }]",
            "timed out becomes ready within 1 s: the last time: ",
        ),
        (
            "args = ['quiet']\nport = 8080\nwithin = '1s'",
            "timed out becomes ready within 1 s: the last time: ",
        ),
        (
            "args = ['dies']\nport = 8080",
            "failed becomes ready within 60 s: it ended with exit code 9 before it was ready",
        ),
        (
            "args = ['wrong-body', '8080']\nport = 8080\nhttp = [{ path = '/', json = { status = 'ok' } }]",
            "failed GET / answers status = \"ok\": the answer is no JSON",
        ),
        (
            "args = ['deaf', '8080']\nport = 8080\ngrace = '500ms'",
            "timed out stops on SIGTERM within 500 ms: it still ran, and was killed",
        ),
    ] {
        let smoked = smoke(engine, &format!("[[smoke]]\nname = 'it'\n{settings}"));
        let faults = faults(&smoked);
        assert!(faults.first().is_some_and(|fault| fault.starts_with(expected)), "{settings}: {faults:?}");
        assert_eq!(smoked.status, Status::Failed);
        let of_memory = faults.iter().any(|fault| fault.contains("out of memory: it may use 64 MiB"));
        assert_eq!(of_memory, settings.contains("memory = '64MiB'"), "{settings}: {faults:?}");
    }
}

fn what_cannot_be_started_is_the_image_s_fault(engine: &Engine) {
    let owner = owner("smoke-start");
    let image = busybox_image(engine);
    let runtime = InEngine { engine, owner: &owner, image, interrupt: Interrupt::default() };
    for program in ["/bin/none", "none", "/bin"] {
        let entrypoint = Some(vec![program.to_owned()]);
        let Err(error) = runtime.start(&RunSpec { entrypoint, pids: 16, ..RunSpec::default() }) else {
            unreachable!("{program} cannot be started")
        };
        assert_eq!(error.fault, Fault::Image, "{program}: {error}");
        assert!(error.message.contains(program), "{error}");
    }
    assert!(engine.remove_run(&owner).unwrap().is_empty());
}

fn nothing_is_left(engine: &Engine) {
    let owner = owner("smoke-fault");
    let interrupt = Interrupt::default();
    let runtime = InEngine {
        engine,
        owner: &owner,
        image: "slipway-live/none:1".to_owned(),
        interrupt: interrupt.clone(),
    };
    let packaged = Packaged::default();
    let subject = Subject { image: "app", reference: "none", packaged: &packaged };
    let around = Surroundings { redactor: &Redactor::default(), interrupt: &interrupt, log: &|_| () };
    let file = Some(File { path: "slipway.toml", text: "[[smoke]]\nname = 'it'" });
    let entries = load(&Sources { file, env: &[].into(), flags: &[] }).unwrap().settings.smoke;
    let smoked = smoke_in(subject, &entries, &runtime, &around);
    assert_eq!((smoked.status, smoked.environment), (Status::Inconclusive, true));
    assert!(smoked.reason.unwrap().contains("slipway-live/none:1"));
    assert!(engine.remove_run(&owner).unwrap().is_empty());
}
