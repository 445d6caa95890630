//! Tracefiles of 100 MB: read, merged, judged and written as Cobertura in one process, beside Debian's lcov.
//!
//! `cargo bench -p slipway-coverage --bench tracefile`. Where lcov is installed it gets the same two files; that takes
//! minutes. Numbers are medians of five for us, and one run for lcov.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that fails has no numbers to print"
)]

use std::env;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, UNIX_EPOCH};

use slipway_coverage::{Coverage, cobertura, lcov};

const BYTES: u64 = 100 << 20;
const ROUNDS: usize = 5;

fn main() {
    // `cargo test --all-targets` starts benchmarks too, without this.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [one, other, merged] = ["one.info", "other.info", "merged.info"].map(|name| folder.path().join(name));
    generate(&one, 1);
    generate(&other, 2);
    let bytes = fs::metadata(&one).unwrap().len() + fs::metadata(&other).unwrap().len();

    let mut steps = Steps::default();
    for _ in 0..ROUNDS {
        steps.run(&one, &other, &merged);
    }
    let ours = steps.print(bytes);
    println!("peak memory                    {}", peak_memory());
    many_files(&folder.path().join("many.info"));

    if env::args().any(|argument| argument == "--alone")
        || Command::new("lcov").arg("--version").output().is_err()
    {
        println!("nothing to compare with: lcov is not installed, or `--alone` was given");
        return;
    }
    let quiet = ["--quiet", "--rc", "lcov_branch_coverage=1"];
    let summary = timed(|| lcov(Command::new("lcov").args(quiet).arg("--summary").arg(&one)));
    let add = |command: &mut Command| lcov(command.args(quiet).arg("-a").arg(&one).arg("-a").arg(&other));
    let merge = timed(|| add(Command::new("lcov").arg("-o").arg(&merged)));
    println!("lcov --summary ONE             {:8.3} s", summary.as_secs_f64());
    println!("lcov -a ONE -a OTHER -o MERGED {:8.3} s", merge.as_secs_f64());
    println!("ratio                          {:8.1} x", (summary + merge).as_secs_f64() / ours.as_secs_f64());
}

/// How long each step took, in each round.
#[derive(Default)]
struct Steps {
    read: Vec<Duration>,
    merge: Vec<Duration>,
    totals: Vec<Duration>,
    cobertura: Vec<Duration>,
    lcov: Vec<Duration>,
}

impl Steps {
    fn run(&mut self, one: &Path, other: &Path, written: &Path) {
        let mut both = Coverage::default();
        let mut second = Coverage::default();
        self.read.push(timed(|| {
            both = read(one);
            second = read(other);
        }));
        self.merge.push(timed(|| both.merge(second)));
        self.totals.push(timed(|| {
            black_box(both.totals());
        }));
        let package = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
        let header = cobertura::Header { root: "/work", package: &package, time: UNIX_EPOCH };
        self.cobertura.push(timed(|| cobertura::write(&both, &header, &mut create(written)).unwrap()));
        self.lcov.push(timed(|| lcov::write(&both, &mut create(written)).unwrap()));
    }

    /// The sum of what lcov does too, and Cobertura.
    fn print(self, bytes: u64) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "some hundred million")]
        let megabytes = bytes as f64 / 1e6;
        let [read, merge, totals, cobertura, lcov] =
            [self.read, self.merge, self.totals, self.cobertura, self.lcov].map(median);
        let sum = read + merge + totals + cobertura;
        println!(
            "read both ({megabytes:.0} MB)             {:8.3} s, {:.0} MB/s",
            read.as_secs_f64(),
            megabytes / read.as_secs_f64()
        );
        println!("merge                          {:8.3} s", merge.as_secs_f64());
        println!("totals                         {:8.3} s", totals.as_secs_f64());
        println!("write Cobertura                {:8.3} s", cobertura.as_secs_f64());
        println!("together                       {:8.3} s", sum.as_secs_f64());
        println!("write lcov (not counted)       {:8.3} s", lcov.as_secs_f64());
        sum
    }
}

/// A real file: formatting for [`std::io::sink`] is optimised away.
fn create(path: &Path) -> BufWriter<File> {
    BufWriter::with_capacity(1 << 16, File::create(path).unwrap())
}

fn read(path: &Path) -> Coverage {
    let source = BufReader::with_capacity(1 << 16, File::open(path).unwrap());
    let tracefile = lcov::read(source, "generated").unwrap();
    assert!(tracefile.losses.is_empty(), "{}", tracefile.losses);
    tracefile.coverage
}

/// A million source files of one line each.
fn many_files(path: &Path) {
    let mut out = create(path);
    for file in 0..1_000_000 {
        writeln!(out, "SF:/work/src/module_{}/file_{file}.rs\nDA:1,1\nend_of_record", file / 1000).unwrap();
    }
    drop(out);
    let mut files = 0;
    let time = timed(|| files = read(path).files.len());
    assert_eq!(files, 1_000_000);
    println!("read a million files           {:8.3} s", time.as_secs_f64());
}

/// Like what llvm-cov writes of a large workspace: names are mangled, a third of the lines never ran.
fn generate(path: &Path, seed: u64) {
    let mut out = create(path);
    let mut random = seed;
    let mut next = |below: u64| {
        // Knuth's constants; the upper bits are good enough for counts.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    let mut written = 0;
    let mut file = 0;
    while written < BYTES {
        let text = section(file, &mut next);
        out.write_all(text.as_bytes()).unwrap();
        written += u64::try_from(text.len()).unwrap();
        file += 1;
    }
}

fn section(file: u64, next: &mut impl FnMut(u64) -> u64) -> String {
    let mut count = || if next(3) == 0 { 0 } else { next(100_000) };
    let lines: Vec<_> =
        (1..2000).filter(|line| line % 5 != 0).map(|line| format!("DA:{line},{}\n", count())).collect();
    let name =
        |function| format!("_RNvMs{function}_NtCsgH3jJ_5thing9module_{file}NtB5_6Thing8method_{function}");
    let functions = (0..60).map(|function| format!("FN:{},{}\n", function * 33 + 1, name(function)));
    let mut text = format!("SF:/home/me/work/crate_{}/src/module_{file}.rs\n", file / 40);
    text.extend(functions);
    text.extend((0..60).map(|function| format!("FNDA:{},{}\n", count(), name(function))));
    text.push_str("FNF:60\nFNH:40\n");
    text.extend(
        (0..200).map(|branch| format!("BRDA:{},0,{},{}\n", branch / 2 * 20 + 1, branch % 2, count())),
    );
    text.push_str("BRF:200\nBRH:130\n");
    text.extend(lines);
    text.push_str("LF:1600\nLH:1100\nend_of_record\n");
    text
}

fn lcov(command: &mut Command) {
    assert!(command.output().unwrap().status.success(), "{command:?}");
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// The most memory that this process had, as Linux counts it.
fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or("not known here", str::trim).to_owned()
}
