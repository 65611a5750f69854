//! `wasi:cli/environment` and `exit`: granted variables, no arguments, no folder.

use wasmtime::{
    Result,
    component::{HasSelf, Linker},
};
use wasmtime_wasi::{
    I32Exit,
    p2::bindings::cli::{environment, exit},
};

use crate::{
    state::CallState,
    undefended::{Defence, switched_off},
};

/// Links both.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    environment::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    exit::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)
}

impl environment::Host for CallState {
    fn get_environment(&mut self) -> Result<Vec<(String, String)>> {
        if switched_off(Defence::Surroundings) {
            return Ok(std::env::vars().collect());
        }
        let env = &self.grounds().env;
        Ok(env.iter().map(|(name, value)| (name.clone(), value.expose().clone())).collect())
    }

    fn get_arguments(&mut self) -> Result<Vec<String>> {
        if switched_off(Defence::Surroundings) {
            return Ok(std::env::args().collect());
        }
        Ok(Vec::new())
    }

    fn initial_cwd(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
}

impl exit::Host for CallState {
    fn exit(&mut self, status: Result<(), ()>) -> Result<()> {
        Err(I32Exit(i32::from(status.is_err())).into())
    }

    fn exit_with_code(&mut self, status: u8) -> Result<()> {
        Err(I32Exit(i32::from(status)).into())
    }
}
