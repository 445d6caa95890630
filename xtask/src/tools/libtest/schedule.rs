//! When each test began, worked out from when tests ended.
//!
//! libtest prints no times, but its schedule is fixed (`run_tests` in the standard library's `library/test`, and
//! the sorting of tests by name in rustc's test harness): tests are taken in the order of their names, as many as
//! there are threads begin at once, and each one that ends makes room for the next. So the arrival of the line
//! that ends one test is the beginning of another. Whatever does not fit this ends the model: no number then.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// Tests of one executable on their way.
#[derive(Clone, Debug)]
pub struct Schedule {
    names: Vec<String>,
    places: HashMap<String, usize>,
    running: BTreeMap<usize, Duration>,
    next: usize,
    holds: bool,
}

impl Schedule {
    /// The tests in the order in which they begin; the first `threads` begin at `at`.
    #[must_use]
    pub fn new(names: Vec<String>, threads: usize, at: Duration) -> Self {
        let places: HashMap<String, usize> =
            names.iter().enumerate().map(|(place, name)| (name.clone(), place)).collect();
        let holds = places.len() == names.len() && threads > 0;
        let mut schedule = Self { names, places, running: BTreeMap::new(), next: 0, holds };
        for _ in 0..threads.min(schedule.names.len()) {
            schedule.begin(at);
        }
        schedule
    }

    fn begin(&mut self, at: Duration) {
        if self.next < self.names.len() {
            self.running.insert(self.next, at);
            self.next += 1;
        }
    }

    /// A test has ended: how long it ran, unless it cannot have been running.
    pub fn ended(&mut self, name: &str, at: Duration) -> Option<Duration> {
        let began = self.places.get(name).and_then(|place| self.running.remove(place));
        let Some(ran) = began.and_then(|began| at.checked_sub(began)) else {
            self.holds = false;
            return None;
        };
        self.begin(at);
        self.holds.then_some(ran)
    }

    /// Whether nothing has contradicted the schedule so far.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// The tests that run now, and since when.
    pub fn running(&self) -> impl Iterator<Item = (&str, Duration)> {
        self.running.iter().map(|(place, began)| (self.names[*place].as_str(), *began))
    }
}

/// How long each test ran, from the order in which tests begin and from the times at which they ended; none when
/// it cannot have been so.
#[must_use]
pub fn durations(
    order: Vec<String>,
    threads: usize,
    begin: Duration,
    ends: &[(&str, Duration)],
) -> Option<Vec<Duration>> {
    let mut schedule = Schedule::new(order, threads, begin);
    let ran = ends.iter().map(|(name, at)| schedule.ended(name, *at)).collect::<Option<Vec<_>>>()?;
    schedule.holds().then_some(ran)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(number: u64) -> Duration {
        Duration::from_millis(number)
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_third_begins_when_the_first_of_two_ends() {
        let ends = [("b", ms(110)), ("a", ms(300)), ("c", ms(400))];
        let ran = durations(names(&["a", "b", "c"]), 2, ms(100), &ends).unwrap();
        assert_eq!(ran, [ms(10), ms(200), ms(290)]);
    }

    #[test]
    fn a_test_that_cannot_have_begun_ends_the_model() {
        assert_eq!(durations(names(&["a", "b", "c"]), 2, ms(0), &[("c", ms(1))]), None);
        assert_eq!(durations(names(&["a", "a"]), 2, ms(0), &[("a", ms(1))]), None);
        assert_eq!(durations(names(&["a"]), 2, ms(5), &[("a", ms(1))]), None);
        assert_eq!(durations(names(&["a"]), 2, ms(5), &[("a", ms(6)), ("a", ms(7))]), None);
    }

    #[test]
    fn what_runs_is_known() {
        let mut schedule = Schedule::new(names(&["a", "b", "c", "d"]), 2, ms(0));
        schedule.ended("b", ms(7));
        assert_eq!(schedule.running().collect::<Vec<_>>(), [("a", ms(0)), ("c", ms(7))]);
    }

    proptest! {
        /// A true run on so many threads is read back exactly.
        #[test]
        fn a_simulated_run_is_read_back(lengths in prop::collection::vec(1_u64..50, 1..40), threads in 1_usize..6) {
            let order: Vec<String> = (0..lengths.len()).map(|number| format!("t{number:03}")).collect();
            let mut free = vec![0_u64; threads];
            let mut ends: Vec<(u64, usize)> = Vec::new();
            for (place, length) in lengths.iter().enumerate() {
                let thread = (0..threads).min_by_key(|thread| free[*thread]).unwrap();
                free[thread] += length;
                ends.push((free[thread], place));
            }
            ends.sort_unstable();
            let ended: Vec<(&str, Duration)> =
                ends.iter().map(|(at, place)| (order[*place].as_str(), ms(*at))).collect();
            let ran = durations(order.clone(), threads, ms(0), &ended).unwrap();
            for ((_, place), ran) in ends.iter().zip(ran) {
                prop_assert_eq!(ran, ms(lengths[*place]));
            }
        }
    }
}
