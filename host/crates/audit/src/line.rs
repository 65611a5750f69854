//! The lines that the record writes about itself.
//!
//! A segment begins with a head and ends with a checkpoint, and every write
//! ends with a checkpoint. A head says what the tree was before it, so that the
//! segment can be verified when those before it are gone. A checkpoint gives
//! the leaves since the one before, so that a line that was altered can be
//! named. Both are lines of the tree themselves; the newest checkpoint, which
//! nothing covers yet, has one spelling, and its signature covers that.

use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

use crate::{
    Checkpoint, Kind, NoteError, PublicKey,
    entry::write_time,
    merkle::{Frontier, Hash},
    verify::Check,
};

pub(crate) const HEAD: &str = "segment";
pub(crate) const CHECKPOINT: &str = "checkpoint";
pub(crate) const RECOVERED: &str = "recovered";
pub(crate) const RETIRED: &str = "retired";

/// Whether there are lines of this kind, checkpoints apart.
pub(crate) fn is_kind(kind: &str) -> bool {
    [HEAD, RECOVERED, RETIRED].contains(&kind) || Kind::ALL.iter().any(|one| one.as_str() == kind)
}

const SEQUENCE: &[u8] = b"{\"seq\":";
const KIND: &[u8] = b",\"kind\":\"";

/// Begins the line of record `sequence`.
pub(crate) fn begin(to: &mut Vec<u8>, sequence: u64) {
    to.extend(SEQUENCE);
    to.extend(sequence.to_string().as_bytes());
    to.push(b',');
}

/// Which record a line says it is, and of which kind. What it says is worth
/// something only once a checkpoint covers it.
pub(crate) fn claimed(line: &[u8]) -> Option<(u64, &str)> {
    let rest = line.strip_prefix(SEQUENCE)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let sequence = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
    let rest = rest[digits..].strip_prefix(KIND)?;
    let end = rest.iter().position(|byte| *byte == b'"')?;
    Some((sequence, std::str::from_utf8(&rest[..end]).ok()?))
}

/// The first line of a segment.
pub(crate) struct Head {
    /// What the tree was before this line.
    pub(crate) tree: Frontier,
    pub(crate) checkpoint: Checkpoint,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHead {
    seq: u64,
    #[serde(rename = "kind")]
    _kind: String,
    #[serde(rename = "time")]
    _time: String,
    frontier: String,
    note: String,
}

impl Head {
    pub(crate) fn write(to: &mut Vec<u8>, at: SystemTime, tree: &Frontier, checkpoint: &Checkpoint) {
        begin(to, tree.size());
        to.extend(b"\"kind\":\"");
        to.extend(HEAD.as_bytes());
        to.extend(b"\",\"time\":\"");
        write_time(to, at);
        to.extend(b"\",\"frontier\":\"");
        to.extend(STANDARD.encode(tree.peaks().as_flattened()).as_bytes());
        write_note(to, checkpoint);
    }

    /// Whether a line is a head that another key signed.
    pub(crate) fn is_foreign(line: &[u8], key: &PublicKey) -> bool {
        let raw = serde_json::from_slice(line).map(|raw: RawHead| raw.note);
        raw.is_ok_and(|note| Checkpoint::parse(&note, key) == Err(NoteError::NotSigned))
    }

    /// A head whose checkpoint is of `key` and fits what it says.
    pub(crate) fn read(line: &[u8], key: &PublicKey) -> Option<Self> {
        let raw: RawHead =
            serde_json::from_slice(line).ok().filter(|_| claimed(line).is_some_and(|(_, kind)| kind == HEAD))?;
        let checkpoint = Checkpoint::parse(&raw.note, key).ok()?;
        let tree = Frontier::from_parts(raw.seq, read_hashes(&raw.frontier)?)?;
        let fits = checkpoint.size() == tree.size() && *checkpoint.root() == tree.root();
        fits.then_some(Self { tree, checkpoint })
    }
}

/// A line that signs what stands before it.
pub(crate) struct Seal {
    /// The leaves since the checkpoint or head before.
    pub(crate) leaves: Vec<Hash>,
    pub(crate) checkpoint: Checkpoint,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSeal {
    seq: u64,
    #[serde(rename = "kind")]
    _kind: String,
    leaves: String,
    note: String,
}

impl Seal {
    pub(crate) fn write(to: &mut Vec<u8>, leaves: &[Hash], checkpoint: &Checkpoint) {
        begin(to, checkpoint.size());
        to.extend(b"\"kind\":\"");
        to.extend(CHECKPOINT.as_bytes());
        to.extend(b"\",\"leaves\":\"");
        to.extend(STANDARD.encode(leaves.as_flattened()).as_bytes());
        write_note(to, checkpoint);
    }

    /// A checkpoint of `key` in its one spelling. Whether its leaves fit it is
    /// for whoever knows the tree.
    pub(crate) fn read(line: &[u8], key: &PublicKey, check: Check) -> Option<Self> {
        let raw: RawSeal = serde_json::from_slice(line).ok()?;
        let checkpoint = Checkpoint::parse_unchecked(&raw.note, key).ok()?;
        if check == Check::Every && !checkpoint.is_signed(key) {
            return None;
        }
        let leaves = read_hashes(&raw.leaves)?;
        let mut spelled = Vec::with_capacity(line.len());
        Self::write(&mut spelled, &leaves, &checkpoint);
        (raw.seq == checkpoint.size() && spelled == line).then_some(Self { leaves, checkpoint })
    }

    /// Behind how many records its leaves begin.
    pub(crate) fn start(&self) -> Option<u64> {
        self.checkpoint.size().checked_sub(self.leaves.len() as u64)
    }
}

/// What a line says of how many records before it were deleted because their
/// time was over.
pub(crate) fn retired(line: &[u8]) -> u64 {
    #[derive(Deserialize)]
    struct Raw {
        before: u64,
    }
    serde_json::from_slice(line).map_or(0, |Raw { before }| before)
}

/// When a line was written, as it says, in the form of [`write_time`].
pub(crate) fn time(line: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Raw {
        time: String,
    }
    serde_json::from_slice(line).ok().map(|Raw { time }| time)
}

fn write_note(to: &mut Vec<u8>, checkpoint: &Checkpoint) {
    to.extend(b"\",\"note\":\"");
    to.extend(checkpoint.to_string().replace('\n', "\\n").as_bytes());
    to.extend(b"\"}");
}

fn read_hashes(text: &str) -> Option<Vec<Hash>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (hashes, rest) = bytes.as_chunks();
    rest.is_empty().then(|| hashes.to_vec())
}
