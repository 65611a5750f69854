//! Which keys exist and which were read: for the test that no key is missing
//! from the documentation.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use crate::config::tree::Value;

type Keys = BTreeMap<&'static str, (BTreeSet<&'static str>, BTreeSet<String>)>;

thread_local! {
    static SEEN: RefCell<Keys> = RefCell::default();
}

pub(super) fn note(name: &'static str, fields: &'static [&'static str], value: &Value) {
    SEEN.with_borrow_mut(|seen| {
        let (known, written) = seen.entry(name).or_default();
        known.extend(fields);
        if let Value::Map { entries, .. } = value {
            written.extend(entries.iter().map(|(key, _)| key.text.clone()));
        }
    });
}

/// By map: the keys it may have, and those that were written.
pub(in crate::config) fn take() -> Keys {
    SEEN.take()
}
