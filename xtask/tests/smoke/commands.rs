//! Commands: what has to come of them, and each way in which it does not.

use xtask::model::step::Status;

use super::support::{Image, checks, faults, is_allowed};

#[test]
fn a_command_that_does_what_it_should() {
    if !is_allowed() {
        return;
    }
    let image = Image::of(&[]);
    let smoked = image.smoke(
        "[[smoke]]\nname = 'version'\nargs = ['print', 'app', '1.2.3']\nstdout = ['^app \\d+']\nstderr = ['done']\n\
         [[smoke]]\nname = 'code'\nargs = ['exit', '3']\nexit = 3\nmemory = '64MiB'\n\
         [[smoke]]\nname = 'other'\nimage = 'other'\n",
    );
    let expected = [
        "passed starts",
        "passed runs as a user that is not root",
        "passed ends within 30 s",
        "passed exits with 0",
        "passed needs at most 512 MiB of memory",
        "passed prints /^app \\d+/ to standard output",
        "passed prints /done/ to standard error",
        "passed prints no panic",
        "passed starts",
        "passed runs as a user that is not root",
        "passed ends within 30 s",
        "passed exits with 3",
        "passed needs at most 64 MiB of memory",
        "passed prints no panic",
    ];
    assert_eq!(checks(&smoked), expected);
    assert_eq!((smoked.status, smoked.reason), (Status::Passed, None));
    let names: Vec<&str> = smoked.records.iter().map(|record| record.name.as_str()).collect();
    assert_eq!(names, ["version", "code"]);
    let record = &smoked.records[0];
    assert_eq!((record.passed, record.total, record.ready_ms, &record.output), (8, 8, None, &None));
    assert_eq!(record.end.as_deref(), Some("exit code 0"));
    assert_eq!(record.runtime, "process sandbox, no engine");
    assert_eq!(smoked.cases[0].binary, "image app smoke version");
    assert!(smoked.notes[0].contains("shares the network"));
}

#[test]
fn each_fault_of_a_command_is_told() {
    if !is_allowed() {
        return;
    }
    for (settings, expected) in [
        ("args = ['exit', '3']", "failed exits with 0: it ended with exit code 3"),
        ("args = ['abort']", "failed exits with 0: it ended with signal 11 (SIGSEGV)"),
        (
            "args = ['print', 'x']\nstdout = ['y+']",
            "failed prints /y+/ to standard output: nothing in standard output matches /y+/",
        ),
        (
            "args = ['memory', '200']\nmemory = '64MiB'",
            "failed exits with 0: out of memory: it may use 64 MiB\n\
             failed needs at most 64 MiB of memory: out of memory: it may use 64 MiB; give it more with `memory`",
        ),
        (
            "args = ['sleep']\ntimeout = '300ms'",
            "timed out ends within 300 ms: it still ran, and was killed; give it more time with `timeout`, or say with \
             `port` that it is a service\nskipped exits with 0: it did not end by itself",
        ),
        ("args = ['write', '/file']\nexit = 0", "failed exits with 0: it ended with exit code 4"),
        ("args = ['threads', '40']\npids = 16", "failed exits with 0: it ended with exit code 3"),
    ] {
        let smoked = Image::of(&[]).smoke(&format!("[[smoke]]\nname = 'it'\n{settings}"));
        assert_eq!(faults(&smoked).join("\n"), expected);
        assert_eq!(smoked.status, Status::Failed);
        assert!(smoked.records[0].output.is_some());
    }
}

#[test]
fn a_panic_is_found_and_the_log_is_kept() {
    if !is_allowed() {
        return;
    }
    let smoked = Image::of(&["panic", "bad"]).smoke("[[smoke]]\nname = 'it'\nexit = 101");
    let [fault] = &faults(&smoked)[..] else { unreachable!("{:?}", faults(&smoked)) };
    assert!(fault.starts_with("failed prints no panic: "), "{fault}");
    assert!(fault.contains("panicked at ") && fault.contains("service.rs:"), "{fault}");
    let output = smoked.records[0].output.as_deref().unwrap();
    assert!(output.starts_with("state: exit code 101\n\nstdout: nothing\n\nstderr:\n"), "{output}");
    assert!(output.contains("this is bad"), "{output}");
    assert_eq!(smoked.reason.as_deref(), Some("1 check failed of 6"));
    let failed = smoked.cases.iter().find(|case| case.outcome.is_bad()).unwrap();
    assert_eq!(failed.output, output);
}

#[test]
fn an_image_that_cannot_be_started_or_runs_as_root_fails() {
    if !is_allowed() {
        return;
    }
    let mut image = Image::of(&[]);
    image.packaged.entrypoint = vec!["/app/none".to_owned()];
    let smoked = image.smoke("[[smoke]]\nname = 'it'");
    assert_eq!(
        checks(&smoked),
        ["failed starts: cannot start /app/none: there is no such file in the image"]
    );
    assert_eq!(smoked.status, Status::Failed);

    let mut image = Image::of(&["exit", "0"]);
    image.packaged.user = "0:0".to_owned();
    let smoked = image.smoke("[[smoke]]\nname = 'it'\n[[smoke]]\nname = 'allowed'\nroot = true");
    let why = "it runs as root; set `user` of the image, or `root = true` of this run";
    assert_eq!(faults(&smoked), [format!("failed runs as a user that is not root: {why}")]);
}

#[test]
fn nothing_to_run_is_inconclusive() {
    if !is_allowed() {
        return;
    }
    let smoked = Image::of(&["exit", "0"]).smoke("[[smoke]]\nname = 'it'\nimage = 'other'");
    assert_eq!((smoked.status, smoked.cases.len()), (Status::Inconclusive, 0));
    assert!(smoked.reason.unwrap().contains("[[smoke]]"));
}

#[test]
fn secrets_do_not_reach_the_report() {
    if !is_allowed() {
        return;
    }
    let mut image = Image::of(&["env", "TOKEN"]);
    image.supervisor.redactor =
        xtask::kit::secret::Redactor::new([xtask::kit::secret::Secret::new("hunter-2-hunter")]);
    let smoked = image.smoke("[[smoke]]\nname = 'it'\nexit = 1\nenv = { TOKEN = 'hunter-2-hunter' }");
    let output = smoked.records[0].output.as_deref().unwrap();
    assert!(output.contains("stdout:\n***\n") && !output.contains("hunter"), "{output}");
}

#[test]
fn an_interrupted_run_is_cancelled() {
    if !is_allowed() {
        return;
    }
    let image = Image::of(&["sleep"]);
    let interrupt = image.supervisor.interrupt.clone();
    let raiser = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        interrupt.raise();
    });
    let smoked = image.smoke("[[smoke]]\nname = 'it'\n[[smoke]]\nname = 'next'");
    raiser.join().unwrap();
    assert_eq!((smoked.status, smoked.records.len()), (Status::Cancelled, 1));
}
