//! The record: what was done, by whom, in order.
//!
//! A [`Record`] is a folder of JSON lines that one server writes. Each line is
//! a leaf of a Merkle tree, every write ends with a signed checkpoint of it,
//! and many who append share one write. [`verify`] names the first line that is
//! not what was written, and says up to where everything is; a tail that was
//! cut is found by a checkpoint kept elsewhere.
//!
//! **Invariants:** an entry that was told to be durable is on disk and signed;
//! one that could not be written fails its appender and everybody after it,
//! until a write succeeds again. A disk that hangs fails like one that is full.
//! Nothing is written behind what does not hold.
//! Everything that waits or grows is bounded. **Absent:** who may do what, what
//! is worth recording, how an error is worded for a client.
//!
//! ## How a host uses it
//!
//! ```
//! # use std::time::SystemTime;
//! # use bulkhead_audit::*;
//! # use bulkhead_base::*;
//! # async fn call() -> Result<(), Box<dyn std::error::Error>> {
//! # let (folder, keys) = ("audit", Keypair::generate()?);
//! # let (id, operation) = (CallId::fresh()?, todo!());
//! # let (plugin_digest, contract_digest) = (Digest::of(b""), Digest::of(b""));
//! let mut settings = Settings::new(folder, "tools.example.com/audit".parse()?);
//! settings.mode = Mode::Record;
//! let record = Record::open(settings, keys)?;
//! let detail = Detail { full: false, redaction: Redaction::new(["/card"])? };
//!
//! let call = Call { id, principal: "alice", operation, digest: Some(&plugin_digest), contract: Some(&contract_digest) };
//! // Before the plugin runs. An error stops the call: it must not run.
//! record.append(Intent { call, arguments: "{}" }.entry(SystemTime::now(), &detail)).await?;
//! // … the plugin runs …
//! // Before the result, or a notification that carries content, leaves. An error
//! // takes the place of the result.
//! let outcome = Outcome { call, outcome: "ok", reason: None, result: Some("{}"), flagged: &[], screen: "flag", cost: Cost::default() };
//! record.append(outcome.entry(SystemTime::now(), &detail)).await?;
//! # Ok(()) }
//! ```
//!
//! The same calls serve both modes: under [`Mode::Batch`] they return at once,
//! unless the queue is full, and fail only while the record cannot be written.
//! `mode: off` is the host's: it has no [`Record`]. [`Record::health`] is for
//! readiness and metrics; [`Record::close`] is the last thing before the end.
//!
//! Whatever reads the record needs its public key at most: [`verify`] and
//! [`prove`] for what holds, [`Tail`], [`export`] and [`entries`] for what it
//! says. They read the files, also while a server writes them.
//!
//! ## What it costs
//!
//! A write ends with one checkpoint of some 400 bytes and 43 more for each line
//! that it covers: as much again as the entries where each is written alone,
//! and a tenth where many share a write. Checkpoints are deleted with their
//! segment. Copies of them (`checkpoint`, [`Settings::checkpoint_to`]) are made
//! once a second at most, by a thread of their own, and stop nobody.
//!
//! ## The folder
//!
//! | file | |
//! |---|---|
//! | `00000000000000000042.jsonl` | a segment, named by its first record |
//! | `checkpoint` | the newest checkpoint, at most a second old, which the next start compares with |
//! | `00000000000000000042.9000.cut` | what a killed server left behind byte 9000 of a segment |
//! | `lock` | who writes |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking"))]

mod collection;
mod copies;
mod entry;
mod error;
mod folder;
mod key;
mod line;
mod merkle;
mod note;
mod proof;
mod queue;
mod read;
mod record;
mod recover;
mod redact;
mod rehearse;
mod retain;
mod segment;
mod settings;
mod verify;
mod watch;
mod writer;

pub use bulkhead_keys::{KeyError, Keypair, PublicKey};
pub use entry::{
    Call, Cost, DOCUMENT_BYTES, Decision, Detail, ENTRY_BYTES, Entry, Found, Heard, Intent, Kind, Outcome, Said,
    TEXT_BYTES,
};
pub use error::{AppendError, AuditError, Failure, Left};
pub use key::verifier;
pub use note::{Checkpoint, LogName, NameError, NoteError};
pub use proof::{Proof, prove};
pub use read::{Filter, MOST_LINES, Seen, Tail, entries, export};
pub use record::{Counts, Health, Record};
pub use redact::{MOST_PATTERNS, PatternError, Redaction};
pub use rehearse::{Rehearsal, rehearse};
pub use retain::overdue;
pub use settings::{Clock, Mode, Settings};
pub use verify::{Finding, Flaw, Report, verify};
