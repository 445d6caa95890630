//! A running service: started on a free port, read by its log lines, ended when dropped.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::connection::Connection;
use crate::program::app;

/// Longer than anything here takes; it only keeps a broken service from hanging the tests.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Service {
    child: Child,
    lines: Receiver<String>,
    pub(crate) address: SocketAddr,
}

impl Service {
    /// Starts `app serve` with further flags and waits until it listens.
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut child = app()
            .args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the executable starts");
        let stderr = child.stderr.take().expect("stderr is a pipe");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                // Nobody listens any more once the test is over.
                let _ = sender.send(line);
            }
        });
        // From here on the child is ended whatever happens.
        let mut service = Self { child, lines, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let bound = service.next_event("listening")["address"].as_str().map(str::to_owned);
        service.address = bound.expect("an address").parse().expect("a socket address");
        service
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::open(self.address)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("the service can be signalled");
    }

    /// Sends a stop signal and waits until the service has taken note.
    pub(crate) fn begin_stop(&self, signal: Signal) -> Value {
        self.signal(signal);
        self.next_event("stopping")
    }

    /// The next log line, which must tell this event.
    #[track_caller]
    pub(crate) fn next_event(&self, message: &str) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("a log line");
        let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a log line: {line}"));
        assert_eq!(event["message"], message, "{line}");
        event
    }

    /// Waits for the end; the exit code and what was said since the last event.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("the child can be asked") {
                break status;
            }
            assert!(Instant::now() < deadline, "the service does not end");
            thread::sleep(Duration::from_millis(5));
        };
        let rest: Vec<String> = self.lines.iter().collect();
        (status.code(), rest.join("\n"))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail for a service that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
