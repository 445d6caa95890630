//! The runs of a baseline as people read them.

use std::fmt::Write as _;

use slipway_coverage::baseline::Baselines;

use crate::kit::text::{plural, terminal};
use crate::model::coverage::{Metric, Share, Totals};
use crate::model::percent::Percent;

/// A line a run, the newest first, and what is required of the next one below it.
pub(super) fn listing(baselines: &Baselines) -> String {
    let mut text = format!("{:<20}  {:<12}", "time", "commit");
    for metric in Metric::ALL {
        let _ = write!(text, "{:>14}", metric.noun());
    }
    text.push('\n');
    for run in baselines.entries().iter().rev() {
        let commit: String = run.commit.as_deref().unwrap_or("not known").chars().take(10).collect();
        let time: String = terminal(&run.time).chars().take(19).collect();
        let _ = write!(text, "{time:<20}  {:<12}", terminal(&commit));
        let totals = Totals::from(run.totals);
        for metric in Metric::ALL {
            let _ = write!(text, "{:>14}", totals.of(metric).told());
        }
        text.push('\n');
    }
    let best = baselines.best().map_or_else(|| "not measured".to_owned(), |best| Share::from(best).told());
    let noise = Percent::from_thousandths(baselines.noise().into()).points();
    let runs = plural(baselines.entries().len(), "run");
    let _ = writeln!(text, "\n{runs}; best {best} of lines; {noise} of noise");
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use slipway_coverage as measured;
    use slipway_coverage::baseline::{Baseline, KEEP};

    use super::*;

    #[test]
    fn runs_are_listed_the_newest_first() {
        let mut baselines = Baselines::default();
        for (covered, commit) in [(900, Some("c0ffeec0ffee")), (899, None), (900, Some("\u{1b}[31mf00"))] {
            let lines = measured::Share { covered, total: 1000 };
            let totals = measured::Totals { lines, ..measured::Totals::default() };
            let (commit, time) = (commit.map(ToOwned::to_owned), "2026-01-02T03:04:05.678Z".to_owned());
            baselines.push(Baseline { commit, time, totals, files: BTreeMap::new() }, KEEP);
        }
        let expected = "\
time                  commit               lines     functions       regions      branches
2026-01-02T03:04:05   f00                 90.0 %  not measured  not measured  not measured
2026-01-02T03:04:05   not known           89.9 %  not measured  not measured  not measured
2026-01-02T03:04:05   c0ffeec0ff          90.0 %  not measured  not measured  not measured

3 runs; best 90.0 % of lines; 0.1 percentage points of noise
";
        assert_eq!(listing(&baselines), expected);
    }
}
