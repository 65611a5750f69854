use std::fmt;

/// One call's id, the same in the log, the record and the answer.
///
/// 96 random bits, written as 24 hexadecimal digits: unguessable, so that it
/// may be handed to a client.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CallId([u8; 12]);

impl CallId {
    /// A new id from the system's random source.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn fresh() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; 12];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
