//! What of the system a component keeps that does without std's files, streams
//! and variables: two functions of its C library, in place of those that would
//! bring all of them along.
//!
//! std reports a panic with `write` and looks for `RUST_BACKTRACE` with
//! `getenv`. Both reach every stream, terminal and variable that there is, so
//! every component would import a dozen interfaces for them, and pay for them
//! whenever it is instantiated.

use wasip2::cli::stderr::get_stderr;

/// What `wasi:io` takes in one write.
const CHUNK_BYTES: usize = 4096;
/// Standard error.
const STDERR: i32 = 2;
/// `ENOTSUP`.
pub const NOT_SUPPORTED: i32 = 58;

/// Writes a part of `bytes` to standard error, and to nothing else.
pub fn write(descriptor: i32, bytes: &[u8]) -> Option<usize> {
    if descriptor != STDERR {
        return None;
    }
    let part = &bytes[..bytes.len().min(CHUNK_BYTES)];
    // Nobody is left to tell when the words of a panic cannot be written.
    let _ = get_stderr().blocking_write_and_flush(part);
    Some(part.len())
}

/// Puts `write` and `getenv` into the component: words for standard error go
/// to `$write`, all else is not supported.
#[doc(hidden)]
#[macro_export]
macro_rules! __replace_std_io {
    ($write:expr) => {
        const _: () = {
            unsafe extern "C" {
                #[link_name = "errno"]
                static mut ERRNO: i32;
            }

            #[unsafe(no_mangle)]
            extern "C" fn write(descriptor: i32, bytes: *const u8, len: usize) -> isize {
                // SAFETY: the C library's contract: `len` bytes at `bytes`, and one thread.
                unsafe {
                    match $write(descriptor, ::core::slice::from_raw_parts(bytes, len)) {
                        Some(written) => written as isize,
                        None => {
                            ERRNO = $crate::__private::NOT_SUPPORTED;
                            -1
                        }
                    }
                }
            }

            #[unsafe(no_mangle)]
            extern "C" fn getenv(_name: *const u8) -> *mut u8 {
                ::core::ptr::null_mut()
            }
        };
    };
}
