use std::{cell::RefCell, fmt};

/// One call's id, the same in the log, the record and the answer.
///
/// 96 random bits, written as 24 hexadecimal digits: unguessable, so that it
/// may be handed to a client.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallId([u8; BYTES]);

/// Bytes of an id.
const BYTES: usize = 12;

/// Ids that a thread draws at a time: the system's random source costs as much
/// for one as for all of them.
const DRAWN: usize = 32;

/// Random bytes that became no id yet.
struct Stock {
    bytes: [u8; BYTES * DRAWN],
    left: usize,
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; BYTES * DRAWN], left: 0 }) };
}

impl Stock {
    fn take(&mut self) -> Result<[u8; BYTES], getrandom::Error> {
        if self.left == 0 {
            getrandom::fill(&mut self.bytes)?;
            self.left = DRAWN;
        }
        self.left -= 1;
        let drawn = self.bytes.as_chunks_mut().0;
        Ok(std::mem::take(&mut drawn[self.left]))
    }
}

impl CallId {
    /// A new id from the system's random source.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        STOCK.with_borrow_mut(Stock::take).map(Self)
    }

    /// As it is written, in ASCII.
    #[must_use]
    pub fn ascii(&self) -> [u8; 2 * BYTES] {
        let mut digits = [0; 2 * BYTES];
        // There is room for two digits a byte, so that it cannot fail.
        let _ = hex::encode_to_slice(self.0, &mut digits);
        digits
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.ascii()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_are_the_same_and_each_is_24_digits() {
        let many = 3 * DRAWN;
        let ids: HashSet<String> = (0..many).map(|_| CallId::fresh().unwrap().to_string()).collect();
        assert_eq!(ids.len(), many);
        assert!(ids.iter().all(|id| id.len() == 24 && id.bytes().all(|b| b.is_ascii_hexdigit())));
        assert!(!ids.contains(&"0".repeat(24)));
    }
}
