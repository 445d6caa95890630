//! Baselines: written and read, the noise, what vanished.

use proptest::prelude::*;

use super::*;
use crate::FileCoverage;

/// A run with so many covered lines of so many.
fn run(covered: u64, total: u64) -> Baseline {
    let lines = Share { covered, total };
    Baseline {
        commit: Some("c0ffee".to_owned()),
        time: "2026-01-02T03:04:05Z".to_owned(),
        totals: Totals { lines, ..Totals::default() },
        files: [("src/lib.rs".to_owned(), lines)].into(),
    }
}

fn runs(lines: &[(u64, u64)]) -> Baselines {
    let mut baselines = Baselines::default();
    for (covered, total) in lines {
        baselines.push(run(*covered, *total), KEEP);
    }
    baselines
}

#[test]
fn what_was_written_is_read_back() {
    let baselines = runs(&[(8, 10), (9, 10)]);
    let text = baselines.write().unwrap();
    assert!(text.contains("\"src/lib.rs\": \"9/10\"\n"), "{text}");
    assert_eq!(text.matches("src/lib.rs").count(), 1, "earlier runs forget their files");
    assert_eq!(Baselines::read(&text).unwrap(), baselines);
}

#[test]
fn only_the_newest_are_kept() {
    let mut baselines = runs(&[(1, 10), (2, 10), (3, 10)]);
    baselines.push(run(4, 10), 2);
    let covered: Vec<u64> = baselines.entries().iter().map(|entry| entry.totals.lines.covered).collect();
    assert_eq!(covered, [3, 4]);
    baselines.push(run(5, 10), 0);
    assert_eq!((baselines.entries().len(), baselines.newest()), (1, Some(&run(5, 10))));
}

#[test]
fn what_is_no_baseline_is_refused_in_its_own_words() {
    let told = |text: &str| Baselines::read(text).unwrap_err().to_string();
    assert!(told("").starts_with("it is no coverage baseline: EOF"));
    assert_eq!(told("[]"), "it is no coverage baseline: it has no `version`");
    assert_eq!(told("{\"version\": 2}"), "it is a coverage baseline of version 2, and version 1 is read");
    assert_eq!(told("{\"version\": 1, \"entries\": []}"), "it is a coverage baseline without any entry");
    let text = runs(&[(9, 10)]).write().unwrap();
    assert!(told(&text.replace("9/10", "11/10")).contains("\"11/10\" is no share such as \"9/10\""));
    assert!(told(&text.replace("\"time\"", "\"when\"")).contains("missing field `time`"));
}

#[test]
fn noise_is_what_comes_and_goes() {
    assert_eq!(runs(&[(900, 1000), (898, 1000), (900, 1000)]).noise(), 200);
    assert_eq!(runs(&[(900, 1000), (899, 1000), (901, 1000), (900, 1000)]).noise(), 100);
    let rarely = [(900, 1000), (900, 1000), (900, 1000), (899, 1000), (900, 1000), (900, 1000)];
    assert_eq!(runs(&rarely).noise(), 100, "a median would say 0");
}

#[test]
fn a_lasting_change_is_no_noise() {
    assert_eq!(runs(&[(900, 1000), (880, 1000), (880, 1000), (860, 1000)]).noise(), 0);
    assert_eq!(runs(&[(800, 1000), (880, 1000), (879, 1000)]).noise(), 100, "only the flicker");
    assert_eq!(runs(&[(900, 1000), (890, 1010), (900, 1000)]).noise(), 0, "the code changed");
}

#[test]
fn fewer_than_three_runs_have_no_noise() {
    assert_eq!(runs(&[]).noise(), 0);
    assert_eq!(runs(&[(900, 1000)]).noise(), 0);
    assert_eq!(runs(&[(900, 1000), (800, 1000)]).noise(), 0);
}

#[test]
fn there_is_a_most_that_noise_can_be() {
    assert_eq!(runs(&[(900, 1000), (500, 1000), (900, 1000)]).noise(), MOST_NOISE);
    assert_eq!(runs(&[(0, 0), (0, 0), (0, 0)]).noise(), 0);
}

#[test]
fn the_best_run_is_compared_as_a_fraction() {
    assert_eq!(runs(&[(2, 3), (199, 300), (0, 0)]).best(), Some(Share { covered: 2, total: 3 }));
    assert_eq!(runs(&[(0, 0)]).best(), None);
}

#[test]
fn a_file_that_is_there_and_not_covered_has_vanished() {
    let mut baselines = runs(&[]);
    let lines = |covered, total| Share { covered, total };
    let files = [
        ("src/kept.rs", lines(1, 1)),
        ("src/deleted.rs", lines(1, 1)),
        ("src/forgotten.rs", lines(0, 4)),
        ("src/types.rs", lines(0, 0)),
    ];
    let files = files.map(|(path, lines)| (path.to_owned(), lines)).into();
    baselines.push(Baseline { files, ..run(1, 6) }, KEEP);
    let coverage = Coverage { files: [("src/kept.rs".to_owned(), FileCoverage::default())].into() };
    assert_eq!(baselines.vanished(&coverage, |path| path != "src/deleted.rs"), ["src/forgotten.rs"]);
    assert_eq!(Baselines::default().vanished(&coverage, |_| true), Vec::<String>::new());
}

#[test]
fn a_run_is_kept_as_it_was_measured() {
    let file = FileCoverage { lines: [(1, 1), (2, 0)].into_iter().collect(), ..FileCoverage::default() };
    let coverage = Coverage { files: [("src/lib.rs".to_owned(), file)].into() };
    let baseline = Baseline::of(&coverage, None, "2026-01-02T03:04:05Z".to_owned());
    assert_eq!(baseline.files["src/lib.rs"], Share { covered: 1, total: 2 });
    assert_eq!(baseline.totals, coverage.totals());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = Baselines::read(&text);
    }

    #[test]
    fn any_runs_are_written_and_read_back(
        lines in prop::collection::vec((any::<u64>(), any::<u64>()), 1..30),
        path in any::<String>(),
    ) {
        let mut baselines = Baselines::default();
        for (covered, total) in lines {
            let mut run = run(covered.min(total), total);
            run.files.insert(path.clone(), Share { covered: 0, total });
            baselines.push(run, KEEP);
        }
        prop_assert!(baselines.noise() <= MOST_NOISE);
        prop_assert!(baselines.best().is_none_or(Share::is_measured));
        prop_assert_eq!(Baselines::read(&baselines.write().unwrap()).unwrap(), baselines);
    }
}
