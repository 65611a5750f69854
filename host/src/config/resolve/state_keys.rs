use bulkhead_base::Redacted;
use bulkhead_keys::secret;

use super::Folder;
use crate::config::{StateKey, de::At, error::Fault, raw::RawStateKey};

/// Most keys at once: rotating takes two. Answers "a list that only grows".
const MOST_KEYS: usize = 16;

/// Reads the keys, so that one that is missing is an error with its place.
pub(super) fn resolve(raw: Option<At<Vec<RawStateKey>>>, folder: &Folder) -> Result<Vec<StateKey>, Fault> {
    let Some(At { at, value: raw }) = raw else { return Ok(Vec::new()) };
    if raw.is_empty() || raw.len() > MOST_KEYS {
        let text = format!("expected between 1 and {MOST_KEYS} keys, the one that seals first");
        return Err(Fault::at(at, text).under("stateKeys"));
    }
    let read = |(index, RawStateKey { file })| {
        key(&file, folder).map_err(|fault| fault.under("file").under(&format!("[{index}]")).under("stateKeys"))
    };
    raw.into_iter().enumerate().map(read).collect()
}

fn key(file: &At<String>, folder: &Folder) -> Result<StateKey, Fault> {
    let path = folder.join(&file.value);
    match secret::read(&path) {
        Ok(key) => Ok(StateKey { path, key: Redacted::new(key) }),
        Err(error) => {
            let (shown, recipe) = (path.display(), secret::recipe(&path));
            Err(Fault::at(file.at, format!("{shown}: {error}; make a new key with `{recipe}`")))
        }
    }
}
