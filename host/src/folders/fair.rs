//! Who is looked for, where not everything is.

use std::{collections::BTreeMap, sync::Arc};

/// The places of `watched`, at most `most`, whose watchers are given: one of
/// each watcher in turn, so that who watches much takes nothing from who
/// watches little.
pub(super) fn chosen<'a>(watched: impl Iterator<Item = &'a [Arc<str>]> + Clone, most: usize) -> Vec<usize> {
    let all = watched.clone().count();
    if all <= most {
        return (0..all).collect();
    }
    let mut by_watcher: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, watchers) in watched.enumerate() {
        watchers.iter().for_each(|watcher| by_watcher.entry(watcher).or_default().push(place));
    }
    // The last one is the next.
    by_watcher.values_mut().for_each(|places| places.reverse());
    let (mut taken, mut count) = (vec![false; all], 0);
    while count < most && !by_watcher.is_empty() {
        by_watcher.retain(|_, places| {
            let next = std::iter::from_fn(|| places.pop()).find(|place| taken.get(*place) == Some(&false));
            if let Some(free) = next.filter(|_| count < most).and_then(|place| taken.get_mut(place)) {
                (*free, count) = (true, count + 1);
            }
            next.is_some()
        });
    }
    taken.iter().enumerate().filter(|(_, taken)| **taken).map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(watchers: &[&[&str]], most: usize) -> Vec<usize> {
        let watchers: Vec<Vec<Arc<str>>> =
            watchers.iter().map(|all| all.iter().map(|who| Arc::from(*who)).collect()).collect();
        chosen(watchers.iter().map(Vec::as_slice), most)
    }

    #[test]
    fn who_watches_much_takes_nothing_from_who_watches_little() {
        let (a, b): (&[&str], &[&str]) = (&["a"], &["b"]);
        assert_eq!(of(&[a, a, a, a, b], 5), [0, 1, 2, 3, 4]);
        assert_eq!(of(&[a, a, a, a, b], 3), [0, 1, 4]);
        assert_eq!(of(&[a, b, a, b, a], 4), [0, 1, 2, 3]);
        assert_eq!(of(&[a, a, &["a", "b"], a, a], 2), [0, 2]);
        assert_eq!(of(&[&["a", "b"], &["a", "b"], a], 2), [0, 1]);
        assert_eq!(of(&[a, a], 0), [0; 0]);
    }
}
