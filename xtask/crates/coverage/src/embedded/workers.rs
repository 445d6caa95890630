//! The same work on many things, on every processor, with results in the order of the things.

use std::{
    panic,
    sync::{Mutex, PoisonError},
    thread,
};

/// Runs `work` for each item with its index; every thread has one state, made by `start`. The states come back in no
/// particular order.
pub(super) fn each<T: Send, S: Send>(
    items: impl ExactSizeIterator<Item = T> + Send,
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize, T) + Sync,
) -> Vec<S> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let queue = Mutex::new(items.enumerate());
    let run = || {
        let mut state = start();
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some((index, item)) = next else { return state };
            work(&mut state, index, item);
        }
    };
    if threads <= 1 {
        return vec![run()];
    }
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut states = vec![run()];
        for other in others {
            match other.join() {
                Ok(state) => states.push(state),
                Err(cause) => panic::resume_unwind(cause),
            }
        }
        states
    })
}

/// What `work` makes of each item, in order.
pub(super) fn map<T: Send, R: Send>(
    items: impl ExactSizeIterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
) -> Vec<R> {
    let states = each(items, Vec::new, |made, index, item| made.push((index, work(item))));
    let mut made: Vec<(usize, R)> = states.into_iter().flatten().collect();
    made.sort_unstable_by_key(|(index, _)| *index);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_are_in_order() {
        let squares: Vec<usize> = (0..1000).map(|n| n * n).collect();
        assert_eq!(super::map(0..1000_usize, |n| n * n), squares);
        assert!(super::map(0..0_usize, |n| n).is_empty());
    }
}
