//! The pipes between a process and us, and the threads that read them.

use std::io::{self, BufRead as _, BufReader, PipeReader, PipeWriter, Read};
use std::process::Command;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Instant;

/// A longer line is cut in pieces: one without an end must not fill the memory.
const LONGEST_LINE: usize = 16 << 20;

/// Lines that wait to be looked at; then the process waits. Few, as each may be the longest.
const BACKLOG: usize = 64;

/// Where a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard output, or both when they are merged.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line, without its end, and when it arrived; that it may have to wait to be looked at is no matter then.
pub(super) struct Line {
    pub(super) source: Source,
    pub(super) at: Instant,
    pub(super) bytes: Vec<u8>,
}

/// How output is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pipes {
    /// Two pipes.
    Apart,
    /// One pipe, so that the order of the lines is the order in which they were written.
    Merged,
}

/// The reading ends, before their threads run.
pub(super) struct Readers(Vec<(Source, PipeReader)>);

impl Pipes {
    /// Gives the command its pipes. The writing ends that come back must be dropped once it has started.
    pub(super) fn attach(self, command: &mut Command) -> io::Result<(Vec<PipeWriter>, Readers)> {
        let (reader, writer) = io::pipe()?;
        command.stdout(writer.try_clone()?);
        match self {
            Self::Merged => {
                command.stderr(writer.try_clone()?);
                Ok((vec![writer], Readers(vec![(Source::Stdout, reader)])))
            }
            Self::Apart => {
                let (errors, error_writer) = io::pipe()?;
                command.stderr(error_writer.try_clone()?);
                Ok((
                    vec![writer, error_writer],
                    Readers(vec![(Source::Stdout, reader), (Source::Stderr, errors)]),
                ))
            }
        }
    }
}

impl Readers {
    /// Reads all pipes, each on a thread of its own; the channel closes when all are at their end.
    pub(super) fn start(self) -> Receiver<Line> {
        let (sender, receiver) = sync_channel(BACKLOG);
        for (source, pipe) in self.0 {
            let sender = sender.clone();
            std::thread::spawn(move || read_lines(pipe, source, &sender));
        }
        receiver
    }
}

fn read_lines(pipe: impl Read, source: Source, sender: &SyncSender<Line>) {
    let mut reader = BufReader::with_capacity(64 << 10, pipe);
    loop {
        let mut bytes = Vec::new();
        match reader.by_ref().take(LONGEST_LINE as u64).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let at = Instant::now();
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        if sender.send(Line { source, at, bytes }).is_err() {
            return;
        }
    }
}
