//! `wasi:config/store`: the entry's `config` block, as far as it was asked for.

use wasmtime::Result;

use crate::{bindings::wasi::config::store, state::CallState};

impl store::Host for CallState {
    fn get(&mut self, key: String) -> Result<Result<Option<String>, store::Error>> {
        let found = self.grounds().config.iter().find(|(known, _)| *known == key);
        Ok(Ok(found.map(|(_, value)| value.clone())))
    }

    fn get_all(&mut self) -> Result<Result<Vec<(String, String)>, store::Error>> {
        Ok(Ok(self.grounds().config.clone()))
    }
}
