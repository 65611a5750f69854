//! A version of an object, told as parts of another and new bytes.

use crate::error::{GitError, Result};
use crate::limits::MAX_OBJECT_BYTES;

/// What `delta` makes of `base`.
pub(crate) fn apply(base: &[u8], delta: &[u8]) -> Result<Vec<u8>> {
    let mut rest = delta;
    if size(&mut rest)? != base.len() {
        return Err(broken());
    }
    let length = size(&mut rest)?;
    if length > MAX_OBJECT_BYTES {
        return Err(too_large(length));
    }
    let mut out = Vec::with_capacity(length);
    while let Some((&op, after)) = rest.split_first() {
        rest = after;
        let part = if op & 0x80 != 0 { copied(op, &mut rest, base)? } else { inserted(op, &mut rest)? };
        if out.len() + part.len() > length {
            return Err(broken());
        }
        out.extend_from_slice(part);
    }
    if out.len() == length { Ok(out) } else { Err(broken()) }
}

/// Most bytes of the two sizes that a delta begins with.
pub(crate) const SIZES_BYTES: usize = 18;

/// How many bytes a delta makes, by what it begins with.
pub(crate) fn result_size(delta: &[u8]) -> Result<u64> {
    let mut rest = delta;
    size(&mut rest)?;
    let length = size(&mut rest)?;
    if length > MAX_OBJECT_BYTES {
        return Err(too_large(length));
    }
    Ok(u64::try_from(length).unwrap_or(u64::MAX))
}

fn copied<'a>(op: u8, rest: &mut &[u8], base: &'a [u8]) -> Result<&'a [u8]> {
    let mut offset = 0;
    let mut length = 0;
    for bit in 0..4 {
        if op & (1 << bit) != 0 {
            offset |= usize::from(byte(rest)?) << (8 * bit);
        }
    }
    for bit in 0..3 {
        if op & (0x10 << bit) != 0 {
            length |= usize::from(byte(rest)?) << (8 * bit);
        }
    }
    let length = if length == 0 { 0x10000 } else { length };
    let end = offset.checked_add(length).ok_or_else(broken)?;
    base.get(offset..end).ok_or_else(broken)
}

fn inserted<'a>(op: u8, rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    // An operation of 0 is reserved.
    let (part, after) = rest.split_at_checked(usize::from(op)).filter(|_| op != 0).ok_or_else(broken)?;
    *rest = after;
    Ok(part)
}

/// A number in groups of seven bits, the lowest first.
fn size(rest: &mut &[u8]) -> Result<usize> {
    let mut value: u64 = 0;
    for shift in (0..63).step_by(7) {
        let byte = byte(rest)?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return usize::try_from(value).map_err(|_| broken());
        }
    }
    Err(broken())
}

fn byte(rest: &mut &[u8]) -> Result<u8> {
    let (first, after) = rest.split_first().ok_or_else(broken)?;
    *rest = after;
    Ok(*first)
}

/// An object that no call holds.
pub(crate) fn too_large(bytes: usize) -> GitError {
    GitError::failed(format!("an object unfolds to {bytes} bytes; at most {MAX_OBJECT_BYTES} are taken"))
}

fn broken() -> GitError {
    GitError::failed("a delta does not fit its base: the data is damaged")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_copies_and_inserts() {
        // Of 5 bytes, 8: "world" from 0, then "!!!".
        let delta = [5, 8, 0x90, 5, 3, b'!', b'!', b'!'];
        assert_eq!(apply(b"world", &delta).unwrap(), b"world!!!");
        assert_eq!(result_size(&delta).unwrap(), 8);
    }

    #[test]
    fn a_delta_that_lies_is_refused() {
        for (what, delta) in [
            ("another base", &[4, 1, 1, b'a'][..]),
            ("less than it says", &[5, 2, 1, b'a']),
            ("more than it says", &[5, 1, 2, b'a', b'b']),
            ("beyond the base", &[5, 6, 0x91, 3, 6]),
            ("far beyond the base", &[5, 6, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
            ("cut short", &[5, 9, 9, b'a']),
            ("reserved", &[5, 0, 0]),
            ("no size", &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]),
            ("empty", &[]),
        ] {
            assert!(apply(b"world", delta).is_err(), "{what}");
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_takes_memory() {
        let delta = [5, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x90, 5];
        let error = apply(b"world", &delta).unwrap_err().to_string();
        assert!(error.contains("at most") || error.contains("damaged"), "{error}");
    }
}
