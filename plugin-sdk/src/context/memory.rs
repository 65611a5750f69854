//! What a call remembers between its rounds: it rides in the state that the
//! host seals and hands back.

use std::cell::{RefCell, RefMut};
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};

/// The host refuses a larger state, which a client would have to carry.
pub(crate) const MAX_STATE_BYTES: usize = 12 * 1024;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) once: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<Value>,
}

/// Read when it is first needed.
#[derive(Debug, Default)]
pub(crate) struct Memory(RefCell<Option<Kept>>);

impl Memory {
    /// What is kept, read from `state` the first time.
    pub(crate) fn open(&self, state: Option<&str>) -> Result<RefMut<'_, Kept>> {
        let mut kept = self.0.borrow_mut();
        if kept.is_none() {
            let read = state
                .map(serde_json::from_str)
                .transpose()
                .map_err(|_| Error::failed("the state of this call was not made by this plugin"))?;
            *kept = Some(read.unwrap_or_default());
        }
        Ok(RefMut::map(kept, |kept| kept.get_or_insert_default()))
    }

    /// The state for the next round: what was kept, or what came, unread.
    pub(crate) fn seal(&self, state: Option<&str>) -> Result<Option<String>> {
        let text = match &*self.0.borrow() {
            None => state.map(str::to_owned),
            Some(kept) if *kept == Kept::default() => None,
            Some(kept) => Some(serde_json::to_string(kept)?),
        };
        match text {
            Some(text) if text.len() > MAX_STATE_BYTES => Err(Error::failed(format!(
                "this call keeps {} bytes between its rounds, and {MAX_STATE_BYTES} is the most",
                text.len()
            ))),
            text => Ok(text),
        }
    }
}
