//! Calls host functions as bytes say, in any order and with any argument: for
//! fuzzing. What the host says comes back as the answer, for whoever looks
//! whether it should have been told.
//!
//! A byte says which function; more of them say its arguments, and which of
//! the handles got so far. Handles stay open to the end, which leaves it to the
//! host to clear up.

mod files;
mod http;
mod sockets;
mod streams;
mod words;

use std::fmt::Debug;

use wasip2::{
    filesystem::{
        preopens::get_directories,
        types::{Descriptor, DirectoryEntryStream},
    },
    io::{
        poll::Pollable,
        streams::{InputStream, OutputStream},
    },
};

/// Calls of one script.
const CALLS: usize = 96;

/// Bytes that it keeps of what it was told.
const HEARD: usize = 192 << 10;

/// Names that are worth a try: what lies in the granted folders, what lies
/// beside them, and ways from one to the other.
const NAMES: [&str; 32] = [
    "",
    ".",
    "..",
    "/",
    "file",
    "sub",
    "sub/deep",
    "way-out",
    "way-up",
    "fifo",
    "twice",
    "../secret",
    "way-out/secret",
    "way-up/secret",
    "sub/../../secret",
    "sub/..",
    "./file",
    "file/",
    "file/.",
    "/data/file",
    "//",
    "a",
    "b/c",
    "b",
    "old",
    "proc",
    "\0",
    "file\0",
    "\\",
    "..\\secret",
    "default",
    "authority",
];

/// The rest of the script, and what it has got so far.
pub struct Script<'a> {
    rest: &'a [u8],
    heard: Vec<u8>,
    folders: Vec<Descriptor>,
    listings: Vec<DirectoryEntryStream>,
    inputs: Vec<InputStream>,
    outputs: Vec<OutputStream>,
    pollables: Vec<Pollable>,
    words: words::Held,
    sockets: sockets::Held,
    http: http::Held,
}

/// Runs the script and says what it heard.
pub fn run(bytes: &[u8]) -> Vec<u8> {
    let folders = get_directories().into_iter().map(|(folder, _)| folder).collect();
    let (listings, inputs, outputs, pollables, heard) = Default::default();
    let (words, sockets, http) = Default::default();
    let mut script = Script { rest: bytes, heard, folders, listings, inputs, outputs, pollables, words, sockets, http };
    for _ in 0..CALLS {
        if script.rest.is_empty() || script.heard.len() > HEARD {
            break;
        }
        script.step();
    }
    let heard = std::mem::take(&mut script.heard);
    std::mem::forget(script);
    heard
}

impl Script<'_> {
    fn step(&mut self) {
        let what = self.byte();
        match what >> 5 {
            0 | 1 => self.files(what & 0x3f),
            2 => self.streams(what & 0x1f),
            3 | 4 => self.words(what & 0x1f),
            5 => self.sockets(what & 0x1f),
            _ => self.http(what & 0x3f),
        }
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    fn yes(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Small ones, and those at the edges of what a number can be.
    fn number(&mut self) -> u64 {
        match self.byte() {
            0xfb => u16::from_le_bytes(self.bytes()).into(),
            0xfc => u32::from_le_bytes(self.bytes()).into(),
            0xfd => u64::from_le_bytes(self.bytes()),
            0xfe => u64::MAX,
            0xff => 1 << 63,
            small => small.into(),
        }
    }

    fn float(&mut self) -> f64 {
        if self.yes() { f64::from_le_bytes(self.bytes()) } else { self.byte().into() }
    }

    /// As written, or much of one byte.
    fn data(&mut self) -> Vec<u8> {
        match self.byte() {
            0xff => vec![self.byte(); self.number() as usize % (2 << 20)],
            len => {
                let (data, rest) = self.rest.split_at(usize::from(len).min(self.rest.len()));
                self.rest = rest;
                data.to_vec()
            }
        }
    }

    /// A name that is worth a try, or any text.
    fn text(&mut self) -> String {
        match self.rest.first() {
            Some(known @ 0xc0..=0xdf) => {
                let known = NAMES[usize::from(known - 0xc0)];
                self.byte();
                known.to_owned()
            }
            Some(0xe0) => {
                self.byte();
                self.text() + "/" + &self.text()
            }
            _ => String::from_utf8_lossy(&self.data()).into_owned(),
        }
    }

    fn perhaps<T>(&mut self, some: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.yes() { Some(some(self)) } else { None }
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
    }

    fn hear_of(&mut self, said: impl Debug) {
        self.hear(format!("{said:?}\n").as_bytes());
    }

    /// Keeps what was got, or says why it was not.
    fn keep<T, E: Debug>(&mut self, got: Result<T, E>, among: impl FnOnce(&mut Self) -> &mut Vec<T>) {
        match got {
            Ok(got) => among(self).push(got),
            Err(error) => self.hear_of(error),
        }
    }
}

/// One of those got so far.
fn one<T>(of: &[T], which: u8) -> Option<&T> {
    of.get(usize::from(which) % of.len().max(1))
}

/// Gives one of those got so far back.
fn let_go<T>(of: &mut Vec<T>, which: u8) {
    if !of.is_empty() {
        drop(of.swap_remove(usize::from(which) % of.len()));
    }
}
