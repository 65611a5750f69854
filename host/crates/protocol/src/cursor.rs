use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::fault::Fault;

/// Says which format a cursor is in, so that a later one can tell them apart.
const VERSION: u8 = 1;

/// Longest cursor that is looked at. Answers "a cursor that is a megabyte of base64".
const LONGEST_CURSOR: usize = 8 * 1024;

/// Where a listing goes on: after the item of this name.
///
/// It is made of the name itself and not of a position, so a page that
/// follows a reload neither repeats nor skips what stayed. It is opaque to
/// clients but no secret, and nothing is trusted in it: a name that exists
/// nowhere is a place in the order like any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// The place after the item of this name.
    #[must_use]
    pub fn after(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name of the last item that was seen.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The cursor as it goes to a client.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(self.0.len() + 1);
        bytes.push(VERSION);
        bytes.extend_from_slice(self.0.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor that a client sent back.
    ///
    /// # Errors
    /// It is none of ours: invalid params.
    pub fn decode(text: &str) -> Result<Self, Fault> {
        let bytes =
            Some(text).filter(|text| text.len() <= LONGEST_CURSOR).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let name = bytes.as_deref().and_then(|bytes| bytes.strip_prefix(&[VERSION]));
        let name = name.and_then(|name| std::str::from_utf8(name).ok());
        name.map(Self::after)
            .ok_or_else(|| Fault::invalid_params("invalid cursor: expected nextCursor of an earlier page"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        for name in ["", "calc_evaluate", "ä/ö?", "\n"] {
            let cursor = Cursor::after(name);
            assert_eq!(Cursor::decode(&cursor.encode()), Ok(cursor));
        }
    }

    #[test]
    fn what_is_no_cursor_of_ours_is_invalid() {
        let long = "A".repeat(LONGEST_CURSOR + 1);
        for bad in ["", "!", "bm90IG91cnM", "AQ==", "Af8", &long] {
            assert_eq!(Cursor::decode(bad).map_err(|fault| fault.code), Err(-32602), "{bad:.20}");
        }
    }
}
