use std::fmt;

use bulkhead_base::{ByteSize, Span};

macro_rules! limits {
    ($($(#[doc = $doc:expr])+ $field:ident : $kind:ty = $default:expr, $key:literal;)+) => {
        /// What one plugin may use up. Everything is bounded; what the operator
        /// leaves out has the default below.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $field: $kind,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        /// Limits of which some are written down: by an operator, or by a plugin
        /// that asks for them.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct LimitOverrides {
            $(#[doc = concat!("`", $key, "`, if written.")] pub $field: Option<$kind>,)+
        }

        impl LimitOverrides {
            /// What was written, with defaults for what was not.
            #[must_use]
            pub fn resolve(self) -> Limits {
                let otherwise = Limits::default();
                Limits { $($field: self.$field.unwrap_or(otherwise.$field),)+ }
            }
        }

        impl Limits {
            /// The configuration's name of every limit, in order.
            pub const KEYS: &'static [&'static str] = &[$($key,)+];

            /// The smaller of what is given and what the plugin asked for.
            #[must_use]
            pub fn capped_by(self, asked: &LimitOverrides) -> Self {
                Self { $($field: asked.$field.map_or(self.$field, |asked| asked.min(self.$field)),)+ }
            }

            /// The limits that a plugin asked more of than it is given:
            /// name, asked for, given.
            #[must_use]
            pub fn below(&self, asked: &LimitOverrides) -> Vec<(&'static str, String, String)> {
                let mut short = Vec::new();
                $(if let Some(wanted) = asked.$field.filter(|wanted| *wanted > self.$field) {
                    short.push(($key, wanted.to_string(), self.$field.to_string()));
                })+
                short
            }
        }

        impl fmt::Display for Limits {
            /// As a line of the configuration.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let parts = [$(format!("{}: {}", $key, self.$field),)+];
                write!(f, "{{{}}}", parts.join(", "))
            }
        }
    };
}

limits! {
    /// Linear memory of one call, all of its component's memories together.
    /// Answers "a guest that allocates until the host is killed". Default 64 MiB.
    memory: ByteSize = ByteSize::mib(64), "memory";
    /// Wall-clock time of one call. Answers "an upstream that never answers".
    /// Default 10 s.
    time: Span = Span::secs(10), "time";
    /// Time that one call computes; waiting is not counted. Answers "an endless
    /// loop". Default 2 s.
    cpu: Span = Span::secs(2), "cpu";
    /// Calls of this plugin at once; further ones wait or are turned away.
    /// Answers "one plugin's crowd takes all instances". Default 16.
    concurrency: u32 = 16, "concurrency";
    /// Bytes of one answer, everything in it together. Answers "a guest that
    /// returns gigabytes of text". Default 1 MiB.
    output: ByteSize = ByteSize::mib(1), "output";
    /// Bytes that one call may log, standard output and error included; what
    /// comes after is cut. Answers "a log flood fills the disk". Default 64 KiB.
    log: ByteSize = ByteSize::kib(64), "log";
    /// Resources of all kinds that one call may hold: files, requests,
    /// responses, pollables. Answers "a guest that opens until the host has no
    /// descriptors left". Default 256.
    handles: u32 = 256, "handles";
    /// Byte streams that one call may hold. Answers "buffers without number in
    /// the host". Default 64.
    streams: u32 = 64, "streams";
    /// Timers that one call may hold. Answers "a guest that fills the host's
    /// timer wheel". Default 64.
    timers: u32 = 64, "timers";
    /// Random bytes that one call may draw. Answers "a guest that has the host
    /// compute for it outside its own processor time". Default 64 KiB.
    random: ByteSize = ByteSize::kib(64), "random";
    /// Bytes of one request's or response's header fields. Answers "a header
    /// flood". Default 32 KiB.
    headers: ByteSize = ByteSize::kib(32), "headers";
    /// Requests and connections that one call may begin. Answers "a guest used
    /// as a cannon against somebody else". Default 64.
    requests: u32 = 64, "requests";
    /// Bytes that one call may receive from and send to the network, together.
    /// Answers "a download without end". Default 64 MiB.
    transfer: ByteSize = ByteSize::mib(64), "transfer";
    /// Bytes that one host call may hand to the host in arguments. Answers "a
    /// list of ten million strings that the host copies before it looks".
    /// Default 1 MiB.
    host_call: ByteSize = ByteSize::mib(1), "hostCall";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_for_less_gives_less_and_asking_for_more_gives_no_more() {
        let given = LimitOverrides { time: Some(Span::secs(30)), ..Default::default() }.resolve();
        let asked = LimitOverrides {
            time: Some(Span::secs(60)),
            memory: Some(ByteSize::mib(8)),
            concurrency: Some(99),
            ..Default::default()
        };
        let effective = given.capped_by(&asked);
        assert_eq!(effective.time, Span::secs(30));
        assert_eq!(effective.memory, ByteSize::mib(8));
        assert_eq!(effective.concurrency, 16);
        assert_eq!(effective.output, ByteSize::mib(1));
        let short: Vec<_> = given.below(&asked).into_iter().map(|(key, ..)| key).collect();
        assert_eq!(short, ["time", "concurrency"]);
    }
}
