//! Work that is done side by side.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Does `work` for every job, on as many threads as there are processors. What
/// came of those that went well, and the jobs of the others, both in order.
pub(super) fn side_by_side<J: Sync, T: Send>(jobs: Vec<J>, work: impl Fn(&J) -> Option<T> + Sync) -> (Vec<T>, Vec<J>) {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let taken = AtomicUsize::new(0);
    let take = || {
        let at = taken.fetch_add(1, Ordering::Relaxed);
        Some((at, jobs.get(at)?))
    };
    let some = || std::iter::from_fn(take).map(|(at, job)| (at, work(job))).collect::<Vec<_>>();
    let mut results: HashMap<usize, Option<T>> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(some)).collect();
        let mut done = some();
        // What a thread broke over is left for the flow to meet by itself.
        others.into_iter().for_each(|other| done.extend(other.join().unwrap_or_default()));
        done.into_iter().collect()
    });
    let (mut well, mut rest) = (Vec::new(), Vec::new());
    for (at, job) in jobs.into_iter().enumerate() {
        match results.remove(&at).flatten() {
            Some(result) => well.push(result),
            None => rest.push(job),
        }
    }
    (well, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_well_and_what_does_not_each_come_back_in_order() {
        let even = |number: &u32| number.is_multiple_of(2).then_some(number * 10);
        let (well, rest) = side_by_side((0..1_000_u32).collect(), even);
        assert_eq!(well, (0..500).map(|half| half * 20).collect::<Vec<u32>>());
        assert_eq!(rest, (0..500).map(|half| half * 2 + 1).collect::<Vec<u32>>());
        assert_eq!(side_by_side(Vec::<u32>::new(), even), (Vec::new(), Vec::new()));
    }
}
