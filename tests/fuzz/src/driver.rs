//! How a property meets its inputs: libFuzzer's, or those of files.

use std::{env, fs, panic, process, slice, sync::Once};

/// What libFuzzer calls. A panic on any thread ends the process, as a fault that was found.
///
/// # Safety
/// `len` bytes lie at `data`.
pub unsafe fn hold(holds: fn(&[u8]), data: *const u8, len: usize) -> i32 {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let say = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            say(what);
            process::abort();
        }));
    });
    // An empty input may lie nowhere.
    let input = if len == 0 { &[] } else { unsafe { slice::from_raw_parts(data, len) } };
    holds(input);
    0
}

/// Without a fuzzer: the files that are named.
pub fn replay(holds: fn(&[u8])) {
    for file in env::args_os().skip(1) {
        let input = fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        holds(&input);
    }
}

/// Makes a module's `holds` a target.
#[macro_export]
macro_rules! target {
    ($module:ident) => {
        #[cfg(fuzzing)]
        #[unsafe(no_mangle)]
        unsafe extern "C" fn LLVMFuzzerTestOneInput(data: *const u8, len: usize) -> i32 {
            unsafe { $crate::driver::hold($crate::$module::holds, data, len) }
        }

        #[cfg(not(fuzzing))]
        fn main() {
            $crate::driver::replay($crate::$module::holds);
        }
    };
}
