//! The top-level sections of a plugin file: where the component ends, where
//! manifest and signature lie, and that nothing comes after them.
//!
//! **Invariant:** a file has one reading. Both sections are the last two, in
//! order, each once, and their lengths are minimally encoded; so the bytes
//! before the signature section are the same for everybody who hashes them.

mod section;

use std::ops::Range;

use crate::limits::MAX_FILE_BYTES;

pub(crate) use section::section;
use section::{Ours, Section};

/// Name of the section that holds the manifest.
pub(crate) const MANIFEST_SECTION: &str = "bulkhead.manifest";
/// Name of the section that holds the signatures.
pub(crate) const SIGNATURE_SECTION: &str = "bulkhead.signature";

const HEADER_BYTES: usize = 8;
const MAGIC: &[u8] = b"\0asm";
const COMPONENT: &[u8] = &[0x0d, 0, 1, 0];
const CORE_MODULE: &[u8] = &[1, 0, 0, 0];

/// A file whose sections are not those of a plugin file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LayoutError {
    #[error("larger than {MAX_FILE_BYTES} bytes, the most that is read of a plugin file")]
    TooLarge,
    #[error("not WebAssembly: expected the bytes 00 61 73 6d at offset 0; give the .wasm file itself")]
    NotWasm,
    #[error(
        "a core module, not a component: expected 0d 00 01 00 at offset 4; build for wasm32-wasip2, or wrap it with `wasm-tools component new`"
    )]
    CoreModule,
    #[error("a WebAssembly encoding that this version does not read: expected 0d 00 01 00 at offset 4, found {0:02x?}")]
    OtherVersion([u8; 4]),
    #[error("cut off: expected {expected} at offset {offset}, and the file ends; copy the whole file again")]
    Truncated { offset: usize, expected: &'static str },
    #[error("broken at offset {offset}: expected {expected}")]
    Malformed { offset: usize, expected: &'static str },
    #[error(
        "the section {section} at offset {offset} is the second of its name: expected it once; pack the component again"
    )]
    Doubled { section: &'static str, offset: usize },
    #[error(
        "the section {SIGNATURE_SECTION} at offset {offset} stands before {MANIFEST_SECTION}: expected it last; pack and sign the component again"
    )]
    Reordered { offset: usize },
    #[error(
        "a section follows {after} at offset {offset}: expected nothing after it; whatever added it has to run before packing"
    )]
    Trailing { after: &'static str, offset: usize },
    #[error(
        "a length of the section {section} at offset {offset} is padded: expected its shortest encoding; pack and sign the component again"
    )]
    Padded { section: &'static str, offset: usize },
    #[error("the section {section} at offset {offset} has {found} bytes: expected at most {most}")]
    SectionTooLarge { section: &'static str, offset: usize, found: usize, most: usize },
}

/// How far a file is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// A component that was not packed.
    Bare,
    /// Packed, without signature section.
    Packed,
    /// With a signature section, which says nothing about whose.
    Signed,
}

/// How far `file` is on its way.
///
/// # Errors
/// It is no component, or its sections are out of order.
pub fn stage(file: &[u8]) -> Result<Stage, LayoutError> {
    let layout = Layout::read(file)?;
    Ok(match (layout.manifest, layout.envelope) {
        (_, Some(_)) => Stage::Signed,
        (Some(_), None) => Stage::Packed,
        (None, None) => Stage::Bare,
    })
}

/// Where the parts of a file lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Where the component itself ends.
    pub(crate) component_end: usize,
    /// The manifest's JSON.
    pub(crate) manifest: Option<Range<usize>>,
    /// Where the signature section begins: the end of what is hashed.
    pub(crate) signed_end: usize,
    /// The envelope's JSON.
    pub(crate) envelope: Option<Range<usize>>,
}

impl Layout {
    pub(crate) fn read(file: &[u8]) -> Result<Self, LayoutError> {
        if file.len() > MAX_FILE_BYTES {
            return Err(LayoutError::TooLarge);
        }
        header(file)?;
        let mut layout = Self { component_end: file.len(), manifest: None, signed_end: file.len(), envelope: None };
        let mut offset = HEADER_BYTES;
        while offset < file.len() {
            let section = Section::read(file, offset)?;
            layout.place(&section)?;
            offset = section.end;
        }
        Ok(layout)
    }

    fn place(&mut self, section: &Section) -> Result<(), LayoutError> {
        let offset = section.start;
        match (section.ours, &self.manifest, &self.envelope) {
            (Some(Ours::Manifest), Some(_), _) => Err(LayoutError::Doubled { section: MANIFEST_SECTION, offset }),
            (Some(Ours::Signature), _, Some(_)) => Err(LayoutError::Doubled { section: SIGNATURE_SECTION, offset }),
            (Some(Ours::Signature), None, None) => Err(LayoutError::Reordered { offset }),
            (Some(Ours::Manifest), None, _) => {
                (self.component_end, self.manifest) = (offset, Some(section.content.clone()));
                Ok(())
            }
            (Some(Ours::Signature), Some(_), None) => {
                (self.signed_end, self.envelope) = (offset, Some(section.content.clone()));
                Ok(())
            }
            (None, _, Some(_)) => Err(LayoutError::Trailing { after: SIGNATURE_SECTION, offset }),
            (None, Some(_), None) => Err(LayoutError::Trailing { after: MANIFEST_SECTION, offset }),
            (None, None, None) => Ok(()),
        }
    }
}

fn header(file: &[u8]) -> Result<(), LayoutError> {
    let cut = |expected| LayoutError::Truncated { offset: file.len(), expected };
    let begins = &file[..file.len().min(MAGIC.len())];
    if !MAGIC.starts_with(begins) {
        return Err(LayoutError::NotWasm);
    }
    let version = file.get(MAGIC.len()..HEADER_BYTES).ok_or_else(|| cut("a WebAssembly header of 8 bytes"))?;
    match version {
        COMPONENT => Ok(()),
        CORE_MODULE => Err(LayoutError::CoreModule),
        other => Err(LayoutError::OtherVersion(other.try_into().unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_SIGNATURE_BYTES;

    const EMPTY: [u8; 8] = [0, b'a', b's', b'm', 0x0d, 0, 1, 0];

    fn file(sections: &[Vec<u8>]) -> Vec<u8> {
        [EMPTY.to_vec(), sections.concat()].concat()
    }

    #[test]
    fn the_two_sections_are_found_at_the_end() {
        let (other, manifest, signature) =
            (section("name", b"x"), section(MANIFEST_SECTION, b"{}"), section(SIGNATURE_SECTION, b"[]"));
        let bytes = file(&[other.clone(), manifest.clone(), signature]);
        let layout = Layout::read(&bytes).unwrap();
        assert_eq!(layout.component_end, 8 + other.len());
        assert_eq!(layout.signed_end, 8 + other.len() + manifest.len());
        assert_eq!(&bytes[layout.manifest.unwrap()], b"{}");
        assert_eq!(&bytes[layout.envelope.unwrap()], b"[]");
    }

    #[test]
    fn every_other_order_is_refused() {
        let (other, manifest, signature) =
            (section("name", b"x"), section(MANIFEST_SECTION, b"{}"), section(SIGNATURE_SECTION, b"[]"));
        let read =
            |sections: &[&Vec<u8>]| Layout::read(&file(&sections.iter().map(|s| (*s).clone()).collect::<Vec<_>>()));
        type Kind = fn(&LayoutError) -> bool;
        let doubled: Kind = |e| matches!(e, LayoutError::Doubled { .. });
        let trailing: Kind = |e| matches!(e, LayoutError::Trailing { .. });
        let reordered: Kind = |e| matches!(e, LayoutError::Reordered { .. });
        let cases: [(&[&Vec<u8>], Kind); 7] = [
            (&[&manifest, &manifest], doubled),
            (&[&manifest, &signature, &signature], doubled),
            (&[&manifest, &signature, &manifest], doubled),
            (&[&signature, &manifest], reordered),
            (&[&signature], reordered),
            (&[&manifest, &other, &signature], trailing),
            (&[&manifest, &signature, &other], trailing),
        ];
        for (position, (sections, expected)) in cases.into_iter().enumerate() {
            let error = read(sections).unwrap_err();
            assert!(expected(&error), "case {position}: {error}");
        }
    }

    #[test]
    fn a_padded_length_is_refused() {
        let mut padded_size = section(MANIFEST_SECTION, b"{}");
        padded_size.splice(1..2, [padded_size[1] | 0x80, 0]);
        let mut padded_name = section(MANIFEST_SECTION, b"{}");
        padded_name[1] += 1;
        padded_name.splice(2..3, [padded_name[2] | 0x80, 0]);
        for padded in [padded_size, padded_name] {
            let error = Layout::read(&file(&[padded])).unwrap_err();
            assert!(matches!(error, LayoutError::Padded { .. }), "{error}");
        }
        let mut other = section("name", b"x");
        other.splice(1..2, [other[1] | 0x80, 0]);
        assert!(Layout::read(&file(&[other])).is_ok(), "other tools pad, and their sections are not ours to judge");
    }

    #[test]
    fn what_is_no_component_is_named() {
        assert_eq!(Layout::read(b"#!/bin/sh"), Err(LayoutError::NotWasm));
        assert_eq!(Layout::read(b"\0asm\x01\0\0\0"), Err(LayoutError::CoreModule));
        assert!(matches!(Layout::read(b"\0asm\x0e\0\x01\0"), Err(LayoutError::OtherVersion(_))));
        assert!(matches!(Layout::read(b"\0as"), Err(LayoutError::Truncated { .. })));
        assert!(matches!(
            Layout::read(&[&EMPTY[..], &[0, 0xff, 0xff, 0xff, 0xff, 0x7f]].concat()),
            Err(LayoutError::Malformed { .. })
        ));
        assert!(matches!(
            Layout::read(&[&EMPTY[..], &[0, 3, 9, b'a', b'b']].concat()),
            Err(LayoutError::Malformed { .. })
        ));
    }

    #[test]
    fn sections_have_caps() {
        let large = section(SIGNATURE_SECTION, &vec![b' '; MAX_SIGNATURE_BYTES + 1]);
        let error = Layout::read(&file(&[section(MANIFEST_SECTION, b"{}"), large])).unwrap_err();
        assert!(matches!(error, LayoutError::SectionTooLarge { section: SIGNATURE_SECTION, .. }), "{error}");
    }
}
