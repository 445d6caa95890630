//! Several things at once, on threads; the first failure ends all of them.

use std::sync::{Mutex, PoisonError};
use std::thread;

use super::call::Call;
use super::error::RegistryError;

/// Does something with each item, on as many threads as the options say. The results are in the order of the items.
pub(super) fn each<T: Sync, R: Send>(
    call: &Call<'_>,
    items: &[T],
    work: impl Fn(&T) -> Result<R, RegistryError> + Sync,
) -> Result<Vec<R>, RegistryError> {
    let threads = call.registry.options.parallel.clamp(1, items.len().max(1));
    if threads == 1 {
        return items.iter().map(work).collect();
    }
    let queue = Mutex::new(items.iter().enumerate());
    let done = Mutex::new((Vec::with_capacity(items.len()), None));
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || {
        while let Some((number, item)) = next() {
            let outcome = work(item);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            match outcome {
                Ok(result) => done.0.push((number, result)),
                Err(error) => {
                    // The others are told to stop, and their "cancelled" is not the reason.
                    if matches!(done.1, None | Some(RegistryError::Cancelled)) {
                        done.1 = Some(error);
                    }
                    call.stop();
                    return;
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(worker);
        }
    });
    let (mut results, failure) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = failure {
        return Err(error);
    }
    results.sort_by_key(|(number, _)| *number);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
