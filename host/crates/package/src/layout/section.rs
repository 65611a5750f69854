//! One section of a component, and how ours are written.

use std::ops::Range;

use super::{LayoutError, MANIFEST_SECTION, SIGNATURE_SECTION};
use crate::limits::{MAX_MANIFEST_BYTES, MAX_SIGNATURE_BYTES};

const CUSTOM: u8 = 0;

#[derive(Clone, Copy)]
pub(super) enum Ours {
    Manifest,
    Signature,
}

impl Ours {
    fn named(name: &[u8]) -> Option<Self> {
        match name {
            b"bulkhead.manifest" => Some(Self::Manifest),
            b"bulkhead.signature" => Some(Self::Signature),
            _ => None,
        }
    }

    const fn name_and_cap(self) -> (&'static str, usize) {
        match self {
            Self::Manifest => (MANIFEST_SECTION, MAX_MANIFEST_BYTES),
            Self::Signature => (SIGNATURE_SECTION, MAX_SIGNATURE_BYTES),
        }
    }
}

pub(super) struct Section {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) ours: Option<Ours>,
    /// What stands behind the name, in a custom section of ours.
    pub(super) content: Range<usize>,
}

impl Section {
    pub(super) fn read(file: &[u8], start: usize) -> Result<Self, LayoutError> {
        let id = file[start];
        let size = Length::read(file, start + 1, "a section's length")?;
        let (body, end) = (size.end, size.end.saturating_add(size.value));
        if end > file.len() {
            return Err(LayoutError::Truncated { offset: file.len(), expected: "the rest of a section" });
        }
        let plain = Self { start, end, ours: None, content: body..end };
        if id != CUSTOM {
            return Ok(plain);
        }
        let name_size = Length::read(&file[..end], body, "a custom section's name")
            .map_err(|_| LayoutError::Malformed { offset: body, expected: "a custom section's name" })?;
        let name_end = name_size.end.saturating_add(name_size.value);
        let name = file[..end]
            .get(name_size.end..name_end)
            .ok_or(LayoutError::Malformed { offset: body, expected: "a custom section's name inside the section" })?;
        let Some(ours) = Ours::named(name) else { return Ok(plain) };
        let (section, most) = ours.name_and_cap();
        if !size.shortest || !name_size.shortest {
            return Err(LayoutError::Padded { section, offset: start });
        }
        let found = end - name_end;
        if found > most {
            return Err(LayoutError::SectionTooLarge { section, offset: start, found, most });
        }
        Ok(Self { ours: Some(ours), content: name_end..end, ..plain })
    }
}

/// An unsigned LEB128 of at most 32 bits.
struct Length {
    value: usize,
    end: usize,
    shortest: bool,
}

impl Length {
    fn read(file: &[u8], offset: usize, expected: &'static str) -> Result<Self, LayoutError> {
        let mut value = 0u64;
        for position in 0..5 {
            let at = offset + position;
            let byte = *file.get(at).ok_or(LayoutError::Truncated { offset: file.len(), expected })?;
            value |= u64::from(byte & 0x7f) << (7 * position);
            if byte & 0x80 == 0 {
                let in_range = u32::try_from(value).ok().and_then(|v| usize::try_from(v).ok());
                let value = in_range.ok_or(LayoutError::Malformed { offset, expected: "a length of 32 bits" })?;
                return Ok(Self { value, end: at + 1, shortest: position == 0 || byte != 0 });
            }
        }
        Err(LayoutError::Malformed { offset, expected: "a length of at most 5 bytes" })
    }
}

/// A custom section with `name` and `content`, its lengths in shortest encoding.
pub(crate) fn section(name: &str, content: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(name.len() + content.len() + 5);
    write_length(name.len(), &mut body);
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(content);
    let mut out = vec![CUSTOM];
    write_length(body.len(), &mut out);
    out.append(&mut body);
    out
}

fn write_length(mut value: usize, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(value & 0x7f).unwrap_or(0);
        value >>= 7;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}
