//! From what BuildKit tells of its work to events: each once, in lines, with the end of what each step printed.

use std::collections::{HashMap, VecDeque};

use bollard::moby::buildkit::v1::{StatusResponse, Vertex};

use super::spec::Event;

/// How many lines of a step are kept for the case that it fails.
const KEPT: usize = 20;

/// A line without an end is cut into pieces of this many bytes.
const LONGEST: usize = 16 * 1024;

/// What is known of the steps of a build.
#[derive(Debug, Default)]
pub(super) struct Steps {
    numbers: HashMap<String, usize>,
    steps: Vec<Step>,
}

#[derive(Debug, Default)]
struct Step {
    name: String,
    is_begun: bool,
    is_done: bool,
    error: String,
    /// What was printed since the last end of a line.
    rest: Vec<u8>,
    last: VecDeque<String>,
}

/// The step that a build ended in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Culprit {
    pub(super) name: String,
    pub(super) log: Vec<String>,
}

impl Step {
    fn keep(&mut self, line: &str) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(line.to_owned());
    }

    /// The lines that are whole now.
    fn print(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        for byte in bytes {
            if *byte == b'\n' || self.rest.len() == LONGEST {
                lines.push(self.end_line());
            }
            if *byte != b'\n' {
                self.rest.push(*byte);
            }
        }
        lines
    }

    fn end_line(&mut self) -> String {
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.rest)).trim_end().to_owned();
        // A progress bar draws itself anew behind each carriage return: the last state is the line.
        let line = line.rsplit('\r').next().unwrap_or_default().to_owned();
        self.keep(&line);
        line
    }
}

impl Steps {
    /// Takes in what BuildKit tells, and says what is new in it.
    pub(super) fn take(&mut self, told: StatusResponse, tell: &mut dyn FnMut(Event)) {
        for vertex in told.vertexes {
            self.vertex(vertex, tell);
        }
        for status in told.statuses {
            if let Some(number) = self.numbers.get(&status.vertex) {
                let bytes = |number: i64| number.try_into().unwrap_or_default();
                tell(Event::Progress(*number, status.id, bytes(status.current), bytes(status.total)));
            }
        }
        for log in told.logs {
            let number = self.number(&log.vertex);
            for line in self.steps[number].print(&log.msg) {
                tell(Event::Log(number, line));
            }
        }
    }

    fn number(&mut self, digest: &str) -> usize {
        let next = self.steps.len();
        let number = *self.numbers.entry(digest.to_owned()).or_insert(next);
        if number == next {
            self.steps.push(Step::default());
        }
        number
    }

    fn vertex(&mut self, vertex: Vertex, tell: &mut dyn FnMut(Event)) {
        let number = self.number(&vertex.digest);
        let step = &mut self.steps[number];
        step.name = vertex.name;
        if step.is_done {
            return;
        }
        if vertex.cached {
            step.is_done = true;
            tell(Event::Cached(number, step.name.clone()));
            return;
        }
        if vertex.started.is_some() && !step.is_begun {
            step.is_begun = true;
            tell(Event::Started(number, step.name.clone()));
        }
        if !vertex.error.is_empty() {
            step.is_done = true;
            step.error = vertex.error;
            tell(Event::Failed(number, step.name.clone()));
        } else if vertex.completed.is_some() && step.is_begun {
            step.is_done = true;
            tell(Event::Finished(number, step.name.clone()));
        }
    }

    /// The step that was at work when the build was stopped, the last of them.
    pub(super) fn running(mut self) -> Option<Culprit> {
        let index = self.steps.iter().rposition(|step| step.is_begun && !step.is_done)?;
        let step = self.steps.swap_remove(index);
        Some(Culprit { name: step.name, log: step.last.into() })
    }

    /// The step to blame for a failure, and what is wrong. Steps that were only stopped because of it are not.
    pub(super) fn culprit(mut self, tell: &mut dyn FnMut(Event)) -> Option<(Culprit, String)> {
        for (number, step) in self.steps.iter_mut().enumerate().filter(|(_, step)| !step.rest.is_empty()) {
            tell(Event::Log(number, step.end_line()));
        }
        let is_stopped = |step: &Step| step.error.contains("context canceled");
        let failed = self.steps.into_iter().find(|step| !step.error.is_empty() && !is_stopped(step))?;
        Some((Culprit { name: failed.name, log: failed.last.into() }, failed.error))
    }
}

#[cfg(test)]
mod tests {
    use bollard::moby::buildkit::v1::VertexLog;

    use super::*;

    fn vertex(digest: &str, error: &str) -> Vertex {
        Vertex {
            digest: digest.to_owned(),
            name: format!("RUN {digest}"),
            error: error.to_owned(),
            ..Vertex::default()
        }
    }

    fn log(digest: &str, text: &str) -> VertexLog {
        VertexLog { vertex: digest.to_owned(), msg: text.as_bytes().to_vec(), ..VertexLog::default() }
    }

    fn told(steps: &mut Steps, vertexes: Vec<Vertex>, logs: Vec<VertexLog>) -> Vec<Event> {
        let mut events = Vec::new();
        steps.take(StatusResponse { vertexes, logs, ..StatusResponse::default() }, &mut |event| {
            events.push(event);
        });
        events
    }

    #[test]
    #[expect(clippy::default_trait_access, reason = "the library does not name its type of times")]
    fn what_is_repeated_is_told_once_and_lines_are_whole() {
        let mut steps = Steps::default();
        let begun = Vertex { started: Some(Default::default()), ..vertex("a", "") };
        let events = told(&mut steps, vec![begun.clone()], vec![log("a", "one\ntw")]);
        assert_eq!(events, [Event::Started(0, "RUN a".to_owned()), Event::Log(0, "one".to_owned())]);
        let done = Vertex { completed: Some(Default::default()), ..begun.clone() };
        let events = told(&mut steps, vec![begun, done.clone(), done], vec![log("a", "o\r\n10%\r20%\n")]);
        let line = |text: &str| Event::Log(0, text.to_owned());
        assert_eq!(events, [Event::Finished(0, "RUN a".to_owned()), line("two"), line("20%")]);
        let cached = Vertex { cached: true, ..vertex("b", "") };
        assert_eq!(told(&mut steps, vec![cached], Vec::new()), [Event::Cached(1, "RUN b".to_owned())]);
        assert_eq!(steps.running(), None);
    }

    #[test]
    fn the_culprit_is_not_one_that_was_stopped() {
        let mut steps = Steps::default();
        let many = (0..30).fold(String::new(), |text, number| text + &format!("line {number}\n"));
        told(
            &mut steps,
            vec![vertex("a", "context canceled"), vertex("b", "exit code: 7")],
            vec![log("b", &(many + "end"))],
        );
        let mut events = Vec::new();
        let (culprit, error) = steps.culprit(&mut |event| events.push(event)).unwrap();
        assert_eq!((culprit.name.as_str(), error.as_str()), ("RUN b", "exit code: 7"));
        assert_eq!(culprit.log.len(), 20);
        assert_eq!((culprit.log[0].as_str(), culprit.log[19].as_str()), ("line 11", "end"));
        assert_eq!(events, [Event::Log(1, "end".to_owned())]);
    }
}
