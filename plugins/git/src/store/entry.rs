//! What stands before each object of a pack.

use std::io::Read;

use crate::error::{GitError, Result};
use crate::object::Kind;
use crate::oid::{OID_BYTES, Oid};

/// How an object is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    Whole(Kind),
    /// As a delta of what begins at this offset.
    DeltaAt(u64),
    /// As a delta of the object of this name.
    DeltaOf(Oid),
}

/// The head of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) form: Form,
    /// Of what follows, inflated.
    pub(crate) size: u64,
}

impl Head {
    /// Reads the head of the entry that begins at `offset`.
    pub(crate) fn read(input: &mut impl Read, offset: u64) -> Result<Self> {
        let first = byte(input)?;
        let mut size = u64::from(first & 0x0f);
        let mut more = first & 0x80 != 0;
        let mut shift = 4;
        while more {
            let byte = byte(input)?;
            if shift > 53 {
                return Err(damaged());
            }
            size |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            more = byte & 0x80 != 0;
        }
        let form = match first >> 4 & 0x07 {
            1 => Form::Whole(Kind::Commit),
            2 => Form::Whole(Kind::Tree),
            3 => Form::Whole(Kind::Blob),
            4 => Form::Whole(Kind::Tag),
            6 => Form::DeltaAt(base_offset(input, offset)?),
            7 => {
                let mut id = [0; OID_BYTES];
                input.read_exact(&mut id).map_err(|_| damaged())?;
                Form::DeltaOf(Oid::read(&id).ok_or_else(damaged)?)
            }
            _ => return Err(damaged()),
        };
        Ok(Self { form, size })
    }
}

/// A distance backwards from `offset`, which must stay in the pack.
fn base_offset(input: &mut impl Read, offset: u64) -> Result<u64> {
    let mut byte_now = byte(input)?;
    let mut distance = u64::from(byte_now & 0x7f);
    while byte_now & 0x80 != 0 {
        byte_now = byte(input)?;
        let higher = distance.checked_add(1).filter(|higher| *higher < 1 << 56).ok_or_else(damaged)?;
        distance = higher << 7 | u64::from(byte_now & 0x7f);
    }
    offset.checked_sub(distance).filter(|_| distance > 0).ok_or_else(damaged)
}

fn byte(input: &mut impl Read) -> Result<u8> {
    let mut byte = [0; 1];
    input.read_exact(&mut byte).map_err(|_| damaged())?;
    Ok(byte[0])
}

fn damaged() -> GitError {
    GitError::failed("the pack is damaged or was cut off")
}
