use super::*;
use crate::kit::secret::Secret;

fn supervisor() -> Supervisor {
    Supervisor {
        root: std::env::temp_dir(),
        env: std::env::vars().collect(),
        redactor: Redactor::default(),
        interrupt: Interrupt::default(),
        grace: Duration::from_millis(300),
        running: Arc::default(),
    }
}

fn shell(script: &str) -> CommandLine {
    CommandLine::new("sh").args(["-c", script])
}

const LONG: Duration = Duration::from_mins(1);

/// Whether `sleep MARKER` runs anywhere.
fn is_alive(marker: &str) -> bool {
    let wanted = format!("sleep\0{marker}\0");
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes.into_iter().any(|process| {
        std::fs::read(process.path().join("cmdline")).is_ok_and(|cmdline| cmdline == wanted.as_bytes())
    })
}

#[test]
fn both_streams_and_the_exit_code_come_back() {
    let output = supervisor()
        .run(&shell("echo out; echo err >&2; exit 7"), Pipes::Apart, LONG, &mut Unwatched)
        .unwrap();
    assert_eq!(
        (output.end, output.stdout.as_str(), output.stderr.as_str()),
        (End::Exited(7), "out\n", "err\n")
    );
}

#[test]
fn merged_output_keeps_its_order() {
    let script = "for i in 1 2 3 4 5; do echo out $i; echo err $i >&2; done";
    let output = supervisor().run(&shell(script), Pipes::Merged, LONG, &mut Unwatched).unwrap();
    let expected: Vec<String> = (1..=5).flat_map(|i| [format!("out {i}"), format!("err {i}")]).collect();
    assert_eq!(output.stdout.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn output_that_is_not_utf8_is_kept_as_far_as_it_can_be() {
    let output = supervisor().ask(&shell(r"printf 'a\377b\n'")).unwrap();
    assert_eq!(output.stdout, "a\u{fffd}b\n");
}

#[test]
fn output_for_a_file_goes_there_and_errors_come_to_us() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out");
    let output = supervisor().ask(&shell("echo data; echo said >&2").into_file(&file)).unwrap();
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", "said\n"));
    assert_eq!(std::fs::read_to_string(file).unwrap(), "data\n");
}

#[test]
fn secrets_do_not_come_through() {
    let redactor = Redactor::new([Secret::new("hunter22")]);
    let output = Supervisor { redactor, ..supervisor() }.ask(&shell("echo the word is hunter22")).unwrap();
    assert_eq!(output.stdout, "the word is ***\n");
}

#[test]
fn a_missing_program_is_named() {
    let error = supervisor().ask(&CommandLine::new("no-such-program")).unwrap_err();
    assert!(error.is_missing());
    assert_eq!(error.to_string(), "no-such-program is not installed, or not on PATH");
}

#[test]
fn a_timeout_ends_the_whole_group() {
    let limit = Duration::from_millis(200);
    let script = "sleep 71.25 & sleep 71.25";
    let output = supervisor().run(&shell(script), Pipes::Apart, limit, &mut Unwatched).unwrap();
    assert_eq!(output.end, End::TimedOut(limit));
    assert!(!is_alive("71.25"));
}

#[test]
fn a_process_that_ignores_sigterm_is_killed_after_the_grace() {
    let started = Instant::now();
    let script = "trap '' TERM; while :; do sleep 0.05; done";
    let output =
        supervisor().run(&shell(script), Pipes::Apart, Duration::from_millis(100), &mut Unwatched).unwrap();
    assert!(matches!(output.end, End::TimedOut(_)));
    assert!(started.elapsed() >= Duration::from_millis(400) && started.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_interrupt_ends_it() {
    let supervisor = supervisor();
    let interrupt = supervisor.interrupt.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        interrupt.raise();
    });
    let output = supervisor.run(&shell("sleep 72.25"), Pipes::Apart, LONG, &mut Unwatched).unwrap();
    assert_eq!(output.end, End::Cancelled);
    assert!(!is_alive("72.25"));
}

#[test]
fn what_is_left_running_in_the_background_does_not_hold_us_and_does_not_stay() {
    let started = Instant::now();
    let output = supervisor().ask(&shell("sleep 73.25 & echo done")).unwrap();
    assert_eq!((output.end, output.stdout.as_str()), (End::Exited(0), "done\n"));
    assert!(started.elapsed() < Duration::from_secs(5));
    std::thread::sleep(Duration::from_millis(50));
    assert!(!is_alive("73.25"));
}

#[test]
fn a_signal_that_was_not_ours_is_told() {
    let output = supervisor().ask(&shell("kill -9 $$")).unwrap();
    assert_eq!(output.end, End::Signalled(9));
}

#[test]
fn a_line_without_an_end_arrives() {
    let output = supervisor().ask(&shell("printf 'no newline'")).unwrap();
    assert_eq!(output.stdout, "no newline\n");
}

#[test]
fn all_that_was_printed_is_read_however_slowly() {
    struct Slow(u32);
    impl Watcher for Slow {
        fn line(&mut self, _source: Source, _text: &str, _at: Duration) {
            self.0 += 1;
            std::thread::sleep(Duration::from_millis(if self.0 > 4 { 0 } else { 700 }));
        }
    }
    // Something else holds the pipes open, so that their end tells nothing.
    let script = "seq 1 100; sleep 30.25 &";
    let output = supervisor().run(&shell(script), Pipes::Apart, LONG, &mut Slow(0)).unwrap();
    assert_eq!(output.stdout.lines().count(), 100);
}

#[test]
fn a_command_sees_tokens_only_where_it_is_given_them() {
    let mut ours = supervisor();
    for name in ["GITHUB_TOKEN", "SLIPWAY_REGISTRY_PASSWORD", "SLIPWAY_GITHUB_APP_PRIVATE_KEY", "OTHER_TOKEN"]
    {
        ours.env.insert(name.to_owned(), format!("the-{name}"));
    }
    let printed = |line: &CommandLine| ours.run(line, Pipes::Apart, LONG, &mut Unwatched).unwrap().stdout;
    let env = CommandLine::new("env");
    let seen = printed(&env);
    assert!(seen.contains("OTHER_TOKEN=the-OTHER_TOKEN") && !seen.contains("the-GITHUB"), "{seen}");
    assert!(!seen.contains("the-SLIPWAY"), "{seen}");
    let given = env.clone().secrets(["GITHUB_TOKEN"]);
    let seen = printed(&given);
    assert!(seen.contains("GITHUB_TOKEN=the-GITHUB_TOKEN") && !seen.contains("the-SLIPWAY"), "{seen}");
    assert_eq!(given.to_string(), "env", "what is handed on is not shown");
    assert!(printed(&env.env("GITHUB_TOKEN", "said")).contains("GITHUB_TOKEN=said"));
}
