//! Memory, tables and instances of one call.

use bulkhead_base::ByteSize;
use wasmtime::ResourceLimiter;

use crate::settings::TABLE_ELEMENTS;

/// Core instances, memories and tables of one call. The pool's own limits per
/// component are the same; these hold whatever allocator there is.
const INSTANCES: usize = 64;
const MEMORIES: usize = 4;
const TABLES: usize = 32;

/// The wall around a call's memory. Remembers that it said no.
#[derive(Debug)]
pub(crate) struct Walls {
    limit: usize,
    used: usize,
    denied: bool,
}

/// Ends the guest where it wanted too much: most guests would only abort.
#[derive(Debug, thiserror::Error)]
#[error("memory limit reached")]
struct TooMuchMemory;

impl Walls {
    pub(crate) fn new(limit: ByteSize) -> Self {
        Self { limit: limit.as_usize(), used: 0, denied: false }
    }

    /// Bytes of memory that it has: memory only grows.
    pub(crate) const fn used(&self) -> usize {
        self.used
    }

    /// Whether the guest was refused memory.
    pub(crate) const fn denied(&self) -> bool {
        self.denied
    }
}

impl ResourceLimiter for Walls {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.limit {
            self.denied = true;
            return Err(TooMuchMemory.into());
        }
        self.used = used;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(desired <= TABLE_ELEMENTS)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        TABLES
    }

    fn memories(&self) -> usize {
        MEMORIES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_together_stay_inside() {
        let mut walls = Walls::new(ByteSize::kib(192));
        assert!(walls.memory_growing(0, 64 << 10, None).unwrap());
        assert!(walls.memory_growing(0, 64 << 10, None).unwrap());
        assert!(walls.memory_growing(64 << 10, 128 << 10, None).unwrap());
        assert!(!walls.denied());
        assert!(walls.memory_growing(64 << 10, 128 << 10, None).is_err());
        assert!(walls.denied());
    }

    #[test]
    fn a_table_has_an_end() {
        let mut walls = Walls::new(ByteSize::mib(1));
        assert!(walls.table_growing(0, TABLE_ELEMENTS, None).unwrap());
        assert!(!walls.table_growing(0, TABLE_ELEMENTS + 1, None).unwrap());
    }
}
