//! The log of a step: its commands, every line they printed, how they ended.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use crate::tools::files::FileError;

/// Written while the step runs, so that it is there whatever happens to us. The first failure to write is kept and
/// ends the writing; the run goes on.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    state: State,
}

#[derive(Debug)]
enum State {
    Unopened,
    Open(BufWriter<File>),
    Broken(FileError),
}

impl Log {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, state: State::Unopened }
    }

    pub(super) fn line(&mut self, text: &str) {
        if matches!(self.state, State::Unopened) {
            self.state = match open(&self.path) {
                Ok(file) => State::Open(BufWriter::new(file)),
                Err(error) => State::Broken(error),
            };
        }
        if let State::Open(file) = &mut self.state
            && let Err(error) = writeln!(file, "{text}")
        {
            self.state = State::Broken(FileError { action: "write", path: self.path.clone(), error });
        }
    }

    /// The file name, when there is a log, and what kept it from being written.
    pub(super) fn close(self) -> (Option<String>, Option<String>) {
        let name = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        match self.state {
            State::Unopened => (None, None),
            State::Broken(error) => (None, Some(error.to_string())),
            State::Open(mut file) => match file.flush() {
                Ok(()) => (name, None),
                Err(error) => (None, Some(FileError { action: "write", path: self.path, error }.to_string())),
            },
        }
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    if let Some(folder) = path.parent() {
        crate::tools::files::create_folder(folder)?;
    }
    File::create(path).map_err(|error| FileError { action: "write", path: path.to_owned(), error })
}
