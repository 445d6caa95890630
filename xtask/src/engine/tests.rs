use std::sync::{Arc, Mutex};

use super::*;
use crate::kit::secret::Redactor;
use crate::model::command::CommandLine;
use crate::model::gates::outcome::tests::step;
use crate::model::step::Skip;
use crate::tools::interrupt::Interrupt;

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Sink for Heard {
    fn tell(&self, progress: &Progress) {
        if let Progress::Started { step, .. } = progress {
            self.0.lock().unwrap().push(step.clone());
        }
    }
}

struct Hall {
    supervisor: Supervisor,
    heard: Heard,
    logs: tempfile::TempDir,
}

impl Hall {
    fn new() -> Self {
        let supervisor = Supervisor {
            root: std::env::temp_dir(),
            env: std::env::vars().collect(),
            redactor: Redactor::default(),
            interrupt: Interrupt::default(),
            grace: Duration::from_millis(200),
            running: Arc::default(),
        };
        Self { supervisor, heard: Heard::default(), logs: tempfile::tempdir().unwrap() }
    }

    fn run(&self, steps: Vec<Step>, work: Vec<(&str, Work<'_>)>) -> Vec<Finished> {
        let engine = Engine {
            supervisor: &self.supervisor,
            sink: &self.heard,
            logs: self.logs.path(),
            jobs: 4,
            started: Instant::now(),
        };
        let plan = Plan { steps }.check().unwrap();
        engine.carry_out(&plan, work.into_iter().map(|(id, work)| (id.to_owned(), work)).collect())
    }
}

fn needing(id: &str, needs: &[&str]) -> Step {
    Step { needs: needs.iter().map(ToString::to_string).collect(), ..step(id) }
}

fn ends(status: Status) -> Work<'static> {
    Box::new(move |_| Outcome::new(status, Facts::default()))
}

fn statuses(finished: &[Finished]) -> Vec<Status> {
    finished.iter().map(|step| step.outcome.status).collect()
}

#[test]
fn a_failing_step_stops_only_what_needs_it() {
    let hall = Hall::new();
    let steps =
        vec![needing("a.a", &[]), needing("a.b", &["a.a"]), needing("a.c", &["a.b"]), needing("a.d", &[])];
    let passed = || ends(Status::Passed);
    let work = vec![("a.a", ends(Status::Failed)), ("a.b", passed()), ("a.c", passed()), ("a.d", passed())];
    let finished = hall.run(steps, work);
    assert_eq!(statuses(&finished), [Status::Failed, Status::Cancelled, Status::Cancelled, Status::Passed]);
    assert_eq!(finished[2].outcome.reason.as_deref(), Some("needs a.b, which did not pass"));
}

#[test]
fn a_skipped_step_holds_nobody_up() {
    let hall = Hall::new();
    let skipped = Step { skip: Some(Skip::NotSelected), ..needing("a.a", &[]) };
    let finished = hall.run(vec![skipped, needing("a.b", &["a.a"])], vec![("a.b", ends(Status::Passed))]);
    assert_eq!(statuses(&finished), [Status::Skipped, Status::Passed]);
}

#[test]
fn what_is_needed_comes_first_whatever_the_order() {
    let hall = Hall::new();
    let steps = vec![needing("a.late", &["a.early"]), needing("a.early", &[])];
    let finished = hall.run(steps, vec![("a.late", ends(Status::Passed)), ("a.early", ends(Status::Passed))]);
    assert_eq!(statuses(&finished), [Status::Passed, Status::Passed]);
    assert_eq!(*hall.heard.0.lock().unwrap(), ["a.early", "a.late"]);
}

#[test]
fn what_comes_after_a_step_runs_however_that_ended() {
    let hall = Hall::new();
    let after = Step { after: vec!["a.early".to_owned()], ..step("a.late") };
    let work = vec![("a.late", ends(Status::Passed)), ("a.early", ends(Status::Failed))];
    let finished = hall.run(vec![after, step("a.early")], work);
    assert_eq!(statuses(&finished), [Status::Passed, Status::Failed]);
    assert_eq!(*hall.heard.0.lock().unwrap(), ["a.early", "a.late"]);
}

#[test]
fn one_cargo_lock_is_held_by_one_step() {
    let hall = Hall::new();
    let inside = Mutex::new(());
    let alone = || -> Work<'_> {
        Box::new(|_| {
            let status = if let Ok(_held) = inside.try_lock() {
                std::thread::sleep(Duration::from_millis(30));
                Status::Passed
            } else {
                Status::Failed
            };
            Outcome::new(status, Facts::default())
        })
    };
    let cargo = |id| Step { resource: Resource::CargoTarget, ..step(id) };
    let steps = vec![cargo("a.a"), cargo("a.b"), cargo("a.c")];
    let finished = hall.run(steps, vec![("a.a", alone()), ("a.b", alone()), ("a.c", alone())]);
    assert_eq!(statuses(&finished), [Status::Passed; 3]);
}

#[test]
fn after_an_interrupt_nothing_starts() {
    let hall = Hall::new();
    let raise: Work<'_> = Box::new(|bench| {
        bench.supervisor().interrupt.raise();
        Outcome::because(Status::Cancelled, "interrupted")
    });
    let steps = vec![needing("a.a", &[]), needing("a.b", &["a.c"]), needing("a.c", &[])];
    let one_by_one = steps.into_iter().map(|step| Step { resource: Resource::CargoTarget, ..step }).collect();
    let work = vec![("a.a", raise), ("a.b", ends(Status::Passed)), ("a.c", ends(Status::Passed))];
    assert_eq!(statuses(&hall.run(one_by_one, work)), [Status::Cancelled; 3]);
}

#[test]
fn a_command_is_logged_with_its_output_and_its_end() {
    let hall = Hall::new();
    let work: Work<'_> = Box::new(|bench| {
        let output = bench.run(&CommandLine::new("sh").args(["-c", "echo said; exit 3"])).unwrap();
        Outcome::because(Status::Failed, output.end.to_string())
    });
    let step = Step { timeout: Duration::from_secs(20), ..step("a.a") };
    let finished = hall.run(vec![step], vec![("a.a", work)]);
    assert_eq!(finished[0].outcome.reason.as_deref(), Some("exit code 3"));
    let log = std::fs::read_to_string(hall.logs.path().join(finished[0].log.as_deref().unwrap())).unwrap();
    assert_eq!(log, "$ sh -c 'echo said; exit 3'\nsaid\n[exit code 3]\n");
}

#[test]
fn a_log_that_cannot_be_written_is_the_machines_fault() {
    let mut hall = Hall::new();
    hall.logs = tempfile::tempdir().unwrap();
    std::fs::create_dir(hall.logs.path().join("a.a.log")).unwrap();
    let work: Work<'_> = Box::new(|bench| {
        bench.write("x");
        Outcome::new(Status::Passed, Facts::default())
    });
    let finished = hall.run(vec![step("a.a")], vec![("a.a", work)]);
    assert!(
        finished[0].outcome.environment && finished[0].outcome.facts.notes[0].starts_with("cannot write ")
    );
}

#[test]
fn a_fault_of_our_own_costs_one_step() {
    let hall = Hall::new();
    let faulty: Work<'_> = Box::new(|_| panic!("on purpose"));
    let finished =
        hall.run(vec![step("a.a"), step("a.b")], vec![("a.a", faulty), ("a.b", ends(Status::Passed))]);
    assert_eq!(statuses(&finished), [Status::Inconclusive, Status::Passed]);
}
