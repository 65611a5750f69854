//! Functions that were compiled before, for a component that is saved again and
//! again: most of it is what it was.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use wasmtime::CacheStore;

/// Most that is remembered; then all is forgotten. Answers "a day of saves".
const MOST_BYTES: usize = 512 << 20;

/// In memory alone: nobody else writes what runs here.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Functions>);

#[derive(Debug, Default)]
struct Functions {
    by_key: HashMap<Box<[u8]>, Box<[u8]>>,
    bytes: usize,
}

impl Remembered {
    fn functions(&self) -> MutexGuard<'_, Functions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CacheStore for Remembered {
    fn get(&self, key: &[u8]) -> Option<Cow<'_, [u8]>> {
        self.functions().by_key.get(key).map(|code| Cow::Owned(code.to_vec()))
    }

    fn insert(&self, key: &[u8], value: Vec<u8>) -> bool {
        let mut functions = self.functions();
        let bytes = key.len() + value.len();
        if functions.bytes + bytes > MOST_BYTES {
            *functions = Functions::default();
        }
        functions.bytes += bytes;
        functions.by_key.insert(key.into(), value.into());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_has_an_end() {
        let remembered = Remembered::default();
        assert!(remembered.insert(b"a", vec![1; MOST_BYTES / 2]));
        assert_eq!(remembered.get(b"a").map(|code| code.len()), Some(MOST_BYTES / 2));
        assert!(remembered.insert(b"b", vec![2; MOST_BYTES / 2]));
        assert!(remembered.get(b"a").is_none() && remembered.get(b"b").is_some());
    }
}
