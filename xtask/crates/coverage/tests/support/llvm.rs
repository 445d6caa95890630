//! The same profiles read by llvm-cov, and what it says otherwise than the embedded reader.

#![expect(clippy::unwrap_used, reason = "a tool that says something unforeseen fails its test")]

use std::{
    collections::BTreeMap,
    env, fmt, fs,
    path::{Path, PathBuf},
    process::Command,
};

use slipway_coverage::{FileCoverage, Share, Totals, embedded::Reading};

/// The tools of the compiler's LLVM.
pub(crate) struct Tools {
    cov: PathBuf,
    profdata: PathBuf,
}

/// What llvm-cov says of a file.
#[derive(Debug, Default)]
pub(crate) struct File {
    pub(crate) lines: BTreeMap<u32, u64>,
    /// The counts of all functions that begin in a line.
    pub(crate) functions: BTreeMap<u32, u64>,
    pub(crate) branches: Vec<(u32, u32, u32, Option<u64>)>,
    pub(crate) totals: Totals,
}

impl Tools {
    /// `LLVM_COV` and `LLVM_PROFDATA`, or a distribution's tools of the compiler's version.
    pub(crate) fn find() -> Option<Self> {
        let given = |name: &str| env::var_os(name).map(PathBuf::from);
        if let (Some(cov), Some(profdata)) = (given("LLVM_COV"), given("LLVM_PROFDATA")) {
            return Some(Self { cov, profdata });
        }
        let version = output(Command::new("rustc").arg("-vV"));
        let major =
            version.lines().find_map(|line| line.strip_prefix("LLVM version: ")?.split('.').next())?;
        let found = |name: &str| {
            let path = PathBuf::from(format!("{name}-{major}"));
            Command::new(&path).arg("--version").output().is_ok().then_some(path)
        };
        Some(Self { cov: found("llvm-cov")?, profdata: found("llvm-profdata")? })
    }

    /// Merges profiles, in `scratch`.
    pub(crate) fn merge(&self, profiles: &[PathBuf], scratch: &Path) -> PathBuf {
        let (list, merged) = (scratch.join("profiles.txt"), scratch.join("merged.profdata"));
        let lines: Vec<String> = profiles.iter().map(|path| path.display().to_string()).collect();
        fs::write(&list, lines.join("\n")).unwrap();
        output(Command::new(&self.profdata).arg("merge").arg("-f").arg(list).arg("-o").arg(&merged));
        merged
    }

    /// Exports merged profiles in a format.
    pub(crate) fn export(&self, merged: &Path, objects: &[PathBuf], format: &[&str]) -> String {
        let mut command = Command::new(&self.cov);
        command.arg("export").args(format).arg("-instr-profile").arg(merged);
        for object in objects {
            command.arg("-object").arg(object);
        }
        output(&mut command)
    }

    /// What llvm-cov says of each file.
    pub(crate) fn read(
        &self,
        profiles: &[PathBuf],
        objects: &[PathBuf],
        scratch: &Path,
    ) -> BTreeMap<String, File> {
        let merged = self.merge(profiles, scratch);
        let mut files = tracefile(&self.export(&merged, objects, &["-format=lcov"]));
        let summary = self.export(&merged, objects, &["-summary-only"]);
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        for file in summary["data"][0]["files"].as_array().unwrap() {
            let share = |of: &str| Share {
                covered: file["summary"][of]["covered"].as_u64().unwrap(),
                total: file["summary"][of]["count"].as_u64().unwrap(),
            };
            let totals = &mut files.get_mut(file["filename"].as_str().unwrap()).unwrap().totals;
            let lines = totals.lines;
            *totals = Totals {
                lines: share("lines"),
                functions: share("functions"),
                branches: share("branches"),
                regions: share("regions"),
            };
            assert_eq!(lines, totals.lines, "LF and LH of the tracefile");
        }
        files
    }
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn tracefile(text: &str) -> BTreeMap<String, File> {
    let mut files = BTreeMap::new();
    let (mut path, mut file, mut begin) = (String::new(), File::default(), BTreeMap::new());
    for line in text.lines() {
        let (record, rest) = line.split_once(':').unwrap_or((line, ""));
        let mut fields = rest.splitn(if record.starts_with("FN") { 2 } else { 4 }, ',');
        let mut field = || fields.next().unwrap();
        match record {
            "SF" => rest.clone_into(&mut path),
            "FN" => {
                let line: u32 = field().parse().unwrap();
                begin.insert(field().to_owned(), line);
            }
            "FNDA" => {
                let count: u64 = field().parse().unwrap();
                *file.functions.entry(begin[field()]).or_default() += count;
            }
            "DA" => {
                file.lines.insert(field().parse().unwrap(), field().parse().unwrap());
            }
            "BRDA" => {
                let mut number = || field().parse().unwrap();
                let (line, block, branch) = (number(), number(), number());
                file.branches.push((line, block, branch, field().parse().ok()));
            }
            "LF" => file.totals.lines.total = rest.parse().unwrap(),
            "LH" => file.totals.lines.covered = rest.parse().unwrap(),
            "end_of_record" => {
                begin.clear();
                files.insert(std::mem::take(&mut path), std::mem::take(&mut file));
            }
            _ => {}
        }
    }
    files
}

/// What was compared, and the differences, a line each.
#[derive(Default)]
pub(crate) struct Differences {
    pub(crate) files: usize,
    pub(crate) lines: usize,
    pub(crate) list: Vec<String>,
    /// Files in which llvm-cov prints counts below zero as huge ones, behind a panic for example.
    pub(crate) below_zero: Vec<String>,
}

impl fmt::Display for Differences {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} files, {} lines, {} differences", self.files, self.lines, self.list.len())?;
        self.below_zero
            .iter()
            .try_for_each(|path| writeln!(out, "not compared, counts below zero: {path}"))?;
        self.list.iter().try_for_each(|difference| writeln!(out, "{difference}"))
    }
}

/// Compares what llvm-cov says of files that are wanted with what was read.
pub(crate) fn compare(
    theirs: &BTreeMap<String, File>,
    ours: &Reading,
    keep: impl Fn(&str) -> Option<String>,
) -> Differences {
    let mut found = Differences::default();
    let mut seen = Vec::new();
    for (path, theirs) in theirs {
        let Some(path) = keep(path) else { continue };
        if theirs
            .lines
            .values()
            .chain(theirs.functions.values())
            .any(|count| *count > i64::MAX.unsigned_abs())
        {
            found.below_zero.push(path.clone());
            seen.push(path);
            continue;
        }
        let empty = FileCoverage::default();
        let ours_file = ours.coverage.files.get(&path).unwrap_or(&empty);
        found.files += 1;
        found.lines += theirs.lines.len();
        found.list.extend(lines(theirs, ours_file).map(|difference| format!("{path}: {difference}")));
        let report = ours.report.get(&path).copied().unwrap_or_default();
        let mut differ = |what: &str, theirs: &dyn fmt::Debug, ours: &dyn fmt::Debug| {
            let (theirs, ours) = (format!("{theirs:?}"), format!("{ours:?}"));
            if theirs != ours {
                found.list.push(format!("{path}: {what}: llvm-cov {theirs}, embedded {ours}"));
            }
        };
        differ("lines of functions", &theirs.totals.lines, &report.lines);
        differ("functions", &theirs.totals.functions, &report.functions);
        differ("branches of functions", &theirs.totals.branches, &report.branches);
        differ("regions", &theirs.totals.regions, &report.regions);
        let mut functions: BTreeMap<u32, u64> = BTreeMap::new();
        for function in &ours_file.functions {
            *functions.entry(function.line).or_default() += function.count;
        }
        differ("counts of functions", &theirs.functions, &functions);
        let branch =
            |branch: &slipway_coverage::Branch| (branch.line, branch.block, branch.branch, branch.taken);
        let branches: Vec<_> = ours_file.branches.iter().map(branch).collect();
        differ("branches", &theirs.branches, &branches);
        seen.push(path);
    }
    let more = ours.coverage.files.keys().filter(|path| !seen.contains(path));
    found.list.extend(more.map(|path| format!("{path}: llvm-cov does not know it")));
    found
}

fn lines(theirs: &File, ours: &FileCoverage) -> impl Iterator<Item = String> {
    let ours: BTreeMap<u32, u64> = ours.lines.iter().collect();
    let all: std::collections::BTreeSet<u32> = theirs.lines.keys().chain(ours.keys()).copied().collect();
    all.into_iter().filter_map(move |line| {
        let (theirs, ours) = (theirs.lines.get(&line), ours.get(&line));
        (theirs != ours).then(|| format!("line {line}: llvm-cov {theirs:?}, embedded {ours:?}"))
    })
}
