//! `wasi:random`: the system's random bytes, so many for each call.

use bulkhead_base::ByteSize;
use wasmtime::{
    Result,
    component::{HasSelf, Linker},
};
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

use crate::state::{CallState, Exhausted};

/// Links all three interfaces. The insecure ones are as good as the other: a
/// weak generator would save nothing and could be mistaken for a strong one.
pub(crate) fn link(l: &mut Linker<CallState>) -> Result<()> {
    random::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    insecure::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)?;
    insecure_seed::add_to_linker::<_, HasSelf<CallState>>(l, |call| call)
}

/// Random bytes that a call may still draw.
#[derive(Debug)]
pub(crate) struct Draws(u64);

impl Draws {
    pub(crate) const fn new(limit: ByteSize) -> Self {
        Self(limit.get())
    }

    fn bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.0 = self.0.checked_sub(len).ok_or(Exhausted("random bytes"))?;
        let mut bytes = vec![0; usize::try_from(len)?];
        getrandom::fill(&mut bytes).map_err(wasmtime::Error::new)?;
        Ok(bytes)
    }

    fn number(&mut self) -> Result<u64> {
        self.0 = self.0.checked_sub(8).ok_or(Exhausted("random bytes"))?;
        getrandom::u64().map_err(wasmtime::Error::new)
    }
}

impl random::Host for CallState {
    fn get_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.draws.bytes(len)
    }

    fn get_random_u64(&mut self) -> Result<u64> {
        self.draws.number()
    }
}

impl insecure::Host for CallState {
    fn get_insecure_random_bytes(&mut self, len: u64) -> Result<Vec<u8>> {
        self.draws.bytes(len)
    }

    fn get_insecure_random_u64(&mut self) -> Result<u64> {
        self.draws.number()
    }
}

impl insecure_seed::Host for CallState {
    fn insecure_seed(&mut self) -> Result<(u64, u64)> {
        Ok((self.draws.number()?, self.draws.number()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_draws_so_much_and_no_more() {
        let mut draws = Draws::new(ByteSize::bytes(100));
        assert_eq!(draws.bytes(92).unwrap().len(), 92);
        assert!(draws.number().is_ok());
        assert!(draws.number().is_err());
        assert!(Draws::new(ByteSize::kib(1)).bytes(u64::MAX).is_err(), "nothing is allocated first");
    }
}
