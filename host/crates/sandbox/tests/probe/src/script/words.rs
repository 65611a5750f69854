//! Everything that takes and gives plain values, and the key-value store.

use wasip2::{cli, clocks, random};

use super::{Script, let_go, one};
use crate::{
    bulkhead::plugin::{host, types::LogLevel},
    wasi::{
        config,
        keyvalue::{atomics, store},
    },
};

#[derive(Default)]
pub struct Held {
    buckets: Vec<store::Bucket>,
}

const LEVELS: [LogLevel; 4] = [LogLevel::Debug, LogLevel::Info, LogLevel::Error, LogLevel::Emergency];
const KINDS: [host::ItemKind; 3] = [host::ItemKind::Tool, host::ItemKind::Prompt, host::ItemKind::Resource];

impl Script<'_> {
    pub(super) fn words(&mut self, what: u8) {
        match what {
            0..=9 => self.tell(what),
            10..=19 => self.store(what),
            20..=25 => self.surroundings(what),
            _ => self.numbers(what),
        }
    }

    fn tell(&mut self, what: u8) {
        match what {
            0 => {
                let (at, total, message) = (self.float(), self.perhaps(Self::float), self.perhaps(Self::text));
                host::progress(at, total, message.as_deref());
            }
            1 | 2 => {
                let (level, logger, data) = (self.byte(), self.perhaps(Self::text), self.text());
                host::log(LEVELS[usize::from(level) % LEVELS.len()], logger.as_deref(), &data);
            }
            3 => self.hear_of(host::cancelled()),
            4 => host::resource_updated(&self.text()),
            5 => host::resources_changed(),
            6 | 7 => {
                let (kind, name, visible) = (self.byte(), self.text(), self.yes());
                let name = if name == "default" { "echo".to_owned() } else { name };
                self.hear_of(host::set_visible(KINDS[usize::from(kind) % KINDS.len()], &name, visible));
            }
            8 => host::task_status(&self.text()),
            _ => host::close_stream(self.perhaps(|script| script.number() as u32)),
        }
    }

    fn store(&mut self, what: u8) {
        if what < 12 {
            let name = if self.byte() > 9 { String::new() } else { self.text() };
            return self.keep(store::open(&name), |script| &mut script.words.buckets);
        }
        let (which, key) = (self.byte(), self.text());
        let value = if what == 13 { self.data() } else { Vec::new() };
        let number = if what > 15 { self.number() } else { 0 };
        if what == 19 {
            return let_go(&mut self.words.buckets, which);
        }
        let Some(bucket) = one(&self.words.buckets, which) else { return };
        match what {
            12 => {
                let got = bucket.get(&key);
                if let Ok(Some(bytes)) = &got {
                    self.heard.extend_from_slice(bytes);
                }
                self.hear_of(got.map(|got| got.map(|bytes| bytes.len())));
            }
            13 => {
                let done = bucket.set(&key, &value);
                self.hear_of(done);
            }
            14 => {
                let done = bucket.delete(&key);
                self.hear_of(done);
            }
            15 => {
                let is = bucket.exists(&key);
                self.hear_of(is);
            }
            16 => {
                let page = bucket.list_keys(Some(number));
                self.hear_of(page);
            }
            17 => {
                let page = bucket.list_keys(None);
                self.hear_of(page);
            }
            _ => {
                let sum = atomics::increment(bucket, &key, number);
                self.hear_of(sum);
            }
        }
    }

    fn surroundings(&mut self, what: u8) {
        match what {
            20 => self.hear_of(cli::environment::get_environment()),
            21 => self.hear_of(cli::environment::get_arguments()),
            22 => self.hear_of(cli::environment::initial_cwd()),
            23 => self.hear_of(config::store::get_all()),
            24 => {
                let key = self.text();
                self.hear_of(config::store::get(&key));
            }
            // The end of the call, in a script that says so on purpose.
            _ if self.byte() == 0x42 => cli::exit::exit(if self.yes() { Ok(()) } else { Err(()) }),
            _ => {}
        }
    }

    fn numbers(&mut self, what: u8) {
        let number = self.number();
        match what {
            26 => drop(random::random::get_random_bytes(number)),
            27 => drop(random::insecure::get_insecure_random_bytes(number)),
            28 => self.hear_of((clocks::monotonic_clock::resolution(), clocks::wall_clock::now().nanoseconds % 1000)),
            29 => drop((random::insecure_seed::insecure_seed(), random::random::get_random_u64())),
            30 => self.pollables.push(clocks::monotonic_clock::subscribe_duration(number)),
            _ => self.pollables.push(clocks::monotonic_clock::subscribe_instant(number)),
        }
    }
}
