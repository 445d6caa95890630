//! How long the pages of a large program take: 3,000 files of 300 lines, all in memory.
//!
//! `cargo bench -p slipway-coverage --bench pages` tells the time of making the pages, and, with a folder as
//! argument (`-- target/pages`), leaves them there to be looked at.
#![expect(clippy::print_stdout, reason = "what was measured is what a benchmark is for")]

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, io};

use slipway_coverage::pages::{self, Site};
use slipway_coverage::{Coverage, FileCoverage, Function, Regions, Scale, Share, Span};

const FILES: u32 = 3_000;
const ROUNDS: usize = 7;

/// 300 lines as a program has them: comments, strings, functions.
fn source() -> String {
    let mut source = String::new();
    for function in 0..30 {
        let written = write!(
            source,
            "/// Says what number {function} is, unless nobody asked.
pub fn number_{function}(asked: &Request<'_>) -> Result<String, Failure> {{
    let Some(name) = asked.names.get({function}) else {{
        return Err(Failure::new(\"nobody\", asked.line)); // \"told once\"
    }};
    let words: Vec<&str> = name.split(' ').filter(|word| !word.is_empty()).collect();
    if words.len() > 3 && asked.is_short {{ return Ok(words[0].to_owned()); }}
    Ok(format!(\"{{}} <{{}}>\", words.join(\" & \"), asked.line))
}}

"
        );
        assert!(written.is_ok(), "a string takes everything");
    }
    source
}

/// A file of which every seventh function never ran, and every third ran in part.
fn file(seed: u32) -> FileCoverage {
    let mut file = FileCoverage::default();
    let (mut lines, mut uncovered) = (Vec::new(), Vec::new());
    for function in 0..30 {
        let first = function * 10 + 2;
        let count =
            if (function + seed).is_multiple_of(7) { 0 } else { u64::from((function * seed) % 20_000 + 1) };
        file.functions.push(Function { line: first, name: format!("number_{function}"), count });
        lines.extend((first..first + 8).map(|line| (line, count)));
        if (function + seed).is_multiple_of(3) {
            let line = first + 5;
            uncovered.push(Span { start_line: line, start_column: 46, end_line: line, end_column: 76 });
        }
    }
    let share = Share { covered: 300 - uncovered.len() as u64, total: 300 };
    file.regions = Some(Regions { share, uncovered });
    file.lines = lines.into_iter().collect();
    file
}

/// The shortest of several rounds: what the machine can do when nothing else happens on it.
fn shortest(mut round: impl FnMut()) -> Duration {
    let times = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        round();
        started.elapsed()
    });
    times.min().unwrap_or_default()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let source = source().into_bytes();
    let path = |number: u32| format!("crates/part-{}/src/{}/file_{number}.rs", number % 20, number % 7);
    let coverage = Coverage { files: (0..FILES).map(|number| (path(number), file(number))).collect() };
    let site = Site {
        title: "3,000 files",
        facts: &[],
        report: None,
        coverage: &coverage,
        source: &|_| Some(source.clone()),
        patch: None,
        scale: Scale::default(),
    };

    let bytes = AtomicUsize::new(0);
    let count = |_: &str, page: &[u8]| -> io::Result<()> {
        bytes.fetch_add(page.len(), Ordering::Relaxed);
        Ok(())
    };
    let mut outcome = Ok(());
    let time = shortest(|| {
        bytes.store(0, Ordering::Relaxed);
        outcome = pages::write(&site, &count);
    });
    outcome?;
    let megabytes = bytes.into_inner() / 1_000_000;
    println!(
        "{FILES} files of {} lines: {time:.2?} for {megabytes} MB of pages",
        source.split(|byte| *byte == b'\n').count()
    );

    if let Some(folder) = env::args().skip(1).find(|argument| !argument.starts_with('-')).map(PathBuf::from) {
        fs::create_dir_all(&folder)?;
        let started = Instant::now();
        pages::write(&site, &|name, page| fs::write(folder.join(name), page))?;
        println!("written to {}: {:.2?}", folder.display(), started.elapsed());
    }
    Ok(())
}
