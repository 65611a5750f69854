//! Looks at files, clocks, random bytes and variables by WASI, and logs. It never heard of Bulkhead.

use std::{
    collections::hash_map::RandomState,
    env, fs,
    hash::{BuildHasher as _, Hasher as _},
    time::{SystemTime, UNIX_EPOCH},
};

wit_bindgen::generate!({
    inline: "
        package tests:outside;

        world outside {
            import wasi:logging/logging;
            export read-file: func(path: string) -> result<string, string>;
            export write-file: func(path: string, text: string) -> result<_, string>;
            export now: func() -> u64;
            export draw: func() -> u64;
            export variable: func(name: string) -> option<string>;
            export say: func(text: string);
            export tell: func(text: string);
            export spin: func();
        }

        package wasi:logging {
            interface logging {
                enum level { trace, debug, info, warn, error, critical }
                log: func(level: level, context: string, message: string);
            }
        }
    ",
    generate_all,
});

use wasi::logging::logging::{Level, log};

struct Outside;

impl Guest for Outside {
    fn read_file(path: String) -> Result<String, String> {
        fs::read_to_string(path).map_err(|error| error.to_string())
    }
    fn write_file(path: String, text: String) -> Result<(), String> {
        fs::write(path, text).map_err(|error| error.to_string())
    }
    fn now() -> u64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
    }
    fn draw() -> u64 {
        RandomState::new().build_hasher().finish()
    }
    fn variable(name: String) -> Option<String> {
        env::var(name).ok()
    }
    fn say(text: String) {
        println!("{text}");
    }
    fn tell(text: String) {
        log(Level::Trace, "", "too quiet to be told");
        log(Level::Warn, "outside", &text);
    }
    #[expect(clippy::empty_loop, reason = "that is what it does")]
    fn spin() {
        loop {}
    }
}

export!(Outside);
