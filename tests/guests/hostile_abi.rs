//! Breaks the rules of the canonical ABI: pointers, texts and handles that are none, calls where none may be made.
//! With `proper`, the one word that is wrong is put right.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU8, Ordering::Relaxed},
};

use bulkhead_sdk::prelude::*;
use wasip2::{
    clocks::monotonic_clock::{now, subscribe_duration},
    io::{poll::Pollable, streams::InputStream},
    random::random::get_random_bytes,
};

#[link(wasm_import_module = "bulkhead:plugin/host@0.1.0")]
unsafe extern "C" {
    #[link_name = "log"]
    fn raw_log(level: i32, has_logger: i32, logger: *const u8, logger_len: usize, data: *const u8, data_len: usize);
}

/// Not in any memory of this size.
const OUTSIDE: usize = 0xffff_0000;

/// What the allocator does next.
static TRICK: AtomicU8 = AtomicU8::new(HONEST);
const HONEST: u8 = 0;
const ALLOCATES_OUTSIDE: u8 = 1;
const ALLOCATES_NOTHING: u8 = 2;
const CALLS_WHILE_ALLOCATING: u8 = 3;
const CALLS_WHILE_FREEING: u8 = 4;

/// The system's, until it is told to lie.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match TRICK.load(Relaxed) {
            ALLOCATES_OUTSIDE => OUTSIDE as *mut u8,
            ALLOCATES_NOTHING => core::arch::wasm32::unreachable(),
            CALLS_WHILE_ALLOCATING => {
                now();
                unsafe { System.alloc(layout) }
            }
            _ => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        if TRICK.load(Relaxed) == CALLS_WHILE_FREEING {
            now();
        }
        unsafe { System.dealloc(at, layout) }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    StringOutside,
    StringPastTheEnd,
    StringWraps,
    StringNotUtf8,
    StringSurrogate,
    StructuredOutside,
    ArgumentOutside,
    ArgumentNotUtf8,
    EnumOutOfRange,
    OptionOutOfRange,
    HandleForged,
    HandleZero,
    HandleAfterDrop,
    HandleDroppedTwice,
    HandleOfAnotherType,
    ReallocOutside,
    ReallocTraps,
    ReallocCalls,
    PostReturnCalls,
    Unreachable,
    ReadOutside,
    IndirectOutside,
}

#[derive(Deserialize, JsonSchema)]
struct Abuse {
    kind: Kind,
    /// Keeps to the rules instead.
    #[serde(default)]
    proper: bool,
}

/// Does this.
#[tool]
fn run(args: Abuse) -> ToolResult {
    let proper = args.proper;
    let text = |at: usize, len: usize| if proper { "got: a text".to_owned() } else { forged(at, len) };
    let end = core::arch::wasm32::memory_size(0) * 65_536;
    match args.kind {
        Kind::StringOutside => return ToolResult::text(text(OUTSIDE, 64)),
        Kind::StringPastTheEnd => return ToolResult::text(text(end - 8, 64)),
        Kind::StringWraps => return ToolResult::text(text(end - 64, 0xffff_ffc0)),
        Kind::StringNotUtf8 => return ToolResult::text(bytes(proper, &[0xff, 0xfe])),
        Kind::StringSurrogate => return ToolResult::text(bytes(proper, &[0xed, 0xa0, 0x80])),
        Kind::StructuredOutside => {
            let structured = if proper { "{\"got\":1}".to_owned() } else { forged(OUTSIDE, 64) };
            return ToolResult { structured: Some(structured), ..ToolResult::text("got: a value") };
        }
        Kind::PostReturnCalls => {
            TRICK.store(if proper { HONEST } else { CALLS_WHILE_FREEING }, Relaxed);
            return ToolResult::text("got: the last word");
        }
        kind => misuse(kind, proper),
    }
    ToolResult::text("got: through")
}

fn misuse(kind: Kind, proper: bool) {
    let pollable = || subscribe_duration(0);
    let handle = |forged: u32| if proper { pollable() } else { unsafe { Pollable::from_handle(forged) } };
    match kind {
        Kind::ArgumentOutside => log(1, 0, if proper { b"1".as_ptr() } else { OUTSIDE as *const u8 }, 1),
        Kind::ArgumentNotUtf8 => log(1, 0, if proper { b"1" } else { b"\xff" }.as_ptr(), 1),
        Kind::EnumOutOfRange => log(if proper { 1 } else { 99 }, 0, b"1".as_ptr(), 1),
        Kind::OptionOutOfRange => log(1, if proper { 0 } else { 7 }, b"1".as_ptr(), 1),
        Kind::HandleForged => handle(4_711).block(),
        Kind::HandleZero => handle(0).block(),
        Kind::HandleAfterDrop => {
            let kept = pollable();
            let used = unsafe { Pollable::from_handle(kept.handle()) };
            if !proper {
                drop(kept);
                used.block();
            }
            std::mem::forget(used);
        }
        Kind::HandleDroppedTwice => {
            let kept = pollable();
            let again = unsafe { Pollable::from_handle(kept.handle()) };
            drop(kept);
            if proper { std::mem::forget(again) } else { drop(again) }
        }
        Kind::HandleOfAnotherType => {
            let kept = pollable();
            if !proper {
                drop(unsafe { InputStream::from_handle(kept.handle()) }.read(1));
            }
        }
        Kind::ReallocOutside => draw(ALLOCATES_OUTSIDE, proper),
        Kind::ReallocTraps => draw(ALLOCATES_NOTHING, proper),
        Kind::ReallocCalls => draw(CALLS_WHILE_ALLOCATING, proper),
        Kind::Unreachable if !proper => core::arch::wasm32::unreachable(),
        Kind::ReadOutside => {
            let at = if proper { &raw const TRICK as usize } else { OUTSIDE };
            std::hint::black_box(unsafe { (at as *const u8).read_volatile() });
        }
        Kind::IndirectOutside if !proper => {
            let nowhere: extern "C" fn() = unsafe { std::mem::transmute(std::hint::black_box(0x7fff_fff0_usize)) };
            nowhere();
        }
        _ => {}
    }
}

/// A text that is not there.
fn forged(at: usize, len: usize) -> String {
    unsafe { String::from_raw_parts(std::hint::black_box(at) as *mut u8, len, len) }
}

/// A text of any bytes.
fn bytes(proper: bool, bytes: &[u8]) -> String {
    let bytes = if proper { b"got: a text" } else { bytes };
    unsafe { String::from_utf8_unchecked(std::hint::black_box(bytes.to_vec())) }
}

fn log(level: i32, has_logger: i32, data: *const u8, len: usize) {
    unsafe { raw_log(level, has_logger, b"l".as_ptr(), 1, data, len) }
}

/// Has the host hand over a list, into what the allocator then gives.
fn draw(trick: u8, proper: bool) {
    TRICK.store(if proper { HONEST } else { trick }, Relaxed);
    std::hint::black_box(get_random_bytes(16));
    TRICK.store(HONEST, Relaxed);
}

plugin!(run);
