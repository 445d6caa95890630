//! What containers do. Nothing is run: the first argument says what the program would do, in the words of
//! `fixtures/smoke/service.rs`.

use std::time::Duration;

/// What a program does, once it is started.
#[derive(Clone, Debug, Default)]
pub(crate) struct Program {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// After what time it ends by itself, and how.
    pub(crate) end: Option<(Duration, i64)>,
    /// The kernel ends it.
    pub(crate) out_of_memory: bool,
    /// The exit code when it is asked to stop; none when it does not listen.
    pub(crate) on_term: Option<i64>,
    /// What it answers on its port.
    pub(crate) answers: Option<&'static str>,
    /// What its health check says.
    pub(crate) health: Option<&'static str>,
}

impl Program {
    pub(crate) fn of(words: &[String]) -> Self {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let ends = |code| Self { end: Some((Duration::from_millis(20), code)), ..Self::default() };
        let serves = |body| Self {
            stdout: "listening\n".to_owned(),
            on_term: Some(0),
            answers: Some(body),
            health: Some("healthy"),
            ..Self::default()
        };
        let well = "{\"status\":\"ok\"}";
        match words[..] {
            ["print", text, ..] => Self { stdout: format!("{text}\n"), ..ends(0) },
            ["exit", code, ..] => ends(code.parse().unwrap_or(1)),
            ["panic", why, ..] => {
                Self { stderr: format!("thread 'main' panicked at src/main.rs:1:1:\n{why}\n"), ..ends(101) }
            }
            ["memory", ..] => Self { out_of_memory: true, ..ends(137) },
            ["sleep", ..] => Self { on_term: Some(143), ..Self::default() },
            ["serve", ..] => serves(well),
            ["deaf", ..] => Self { on_term: None, ..serves(well) },
            ["unwell", ..] => Self { health: Some("unhealthy"), ..serves(well) },
            ["wrong-body", ..] => serves("<html>"),
            ["quiet", ..] => Self { answers: None, ..serves(well) },
            ["dies", ..] => ends(9),
            _ => ends(0),
        }
    }
}
