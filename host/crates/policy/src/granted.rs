//! A plugin with what it may touch: asked for in its signed manifest ∩ given by
//! the operator.

mod gaps;

use bulkhead_package::{PackedFile, Requests, VerifiedPlugin};

use crate::{Grants, LimitOverrides};
use gaps::Gaps;

/// A verified plugin and its grants. [`grant`] is its only maker.
#[derive(Debug)]
pub struct GrantedPlugin {
    plugin: VerifiedPlugin,
    grants: Grants,
    shortfalls: Vec<Shortfall>,
}

impl GrantedPlugin {
    /// The plugin.
    #[must_use]
    pub const fn plugin(&self) -> &VerifiedPlugin {
        &self.plugin
    }

    /// Hands on the file that was verified, which is then no longer held here.
    pub const fn take_file(&mut self) -> Option<PackedFile> {
        self.plugin.take_file()
    }

    /// What it may touch and use up: both asked for and given.
    #[must_use]
    pub const fn grants(&self) -> &Grants {
        &self.grants
    }

    /// Where asking and giving did not meet, for the log and for `check`.
    #[must_use]
    pub fn shortfalls(&self) -> &[Shortfall] {
        &self.shortfalls
    }
}

/// Something that was asked for or given, and not both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shortfall {
    /// The plugin asked and was not given: it will be denied. `line` belongs
    /// into `grants.{list}` of its entry.
    NotGiven { list: &'static str, line: String, why: String },
    /// The operator gave what was never asked for: it has no effect.
    NotAsked { list: &'static str, line: String },
}

impl std::fmt::Display for Shortfall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotGiven { list, line, why } if why.is_empty() => {
                write!(f, "asks for {list} and is not given it: {line}")
            }
            Self::NotGiven { list, line, why } => write!(f, "asks for {list} ({why}) and is not given it: {line}"),
            Self::NotAsked { list, line } => write!(f, "is given {list}, which it never asked for: {line}"),
        }
    }
}

/// Joins what `plugin` asks for with what it is `given`.
#[must_use]
pub fn grant(plugin: VerifiedPlugin, given: &Grants) -> GrantedPlugin {
    let (grants, shortfalls) = meet(&plugin.manifest().requests, given);
    GrantedPlugin { plugin, grants, shortfalls }
}

impl Grants {
    /// What `requests` and these grants have in common, and where they do not
    /// meet: what [`grant`] would make of them, without a plugin.
    #[must_use]
    pub fn meet(&self, requests: &Requests) -> (Self, Vec<Shortfall>) {
        meet(requests, self)
    }
}

fn meet(asked: &Requests, given: &Grants) -> (Grants, Vec<Shortfall>) {
    let mut gaps = Gaps::default();
    let overrides = limits(asked);
    let grants = Grants {
        fs: gaps.mounts(asked, given),
        http: gaps.http(asked, given),
        tcp: gaps.tcp(asked, given),
        env: gaps.map("env", asked.env.iter().map(|ask| (&*ask.name, &*ask.why)), &given.env),
        secrets: gaps.secrets(asked, given),
        kv: gaps.switch("kv", "true", asked.kv.as_ref().map(|need| &*need.why), given.kv),
        config: gaps.map("config", asked.config.iter().map(|ask| (&*ask.key, &*ask.why)), &given.config),
        clock_fine: gaps
            .switch("clock", "fine", asked.fine_clock.as_ref().map(|n| &*n.why), given.clock_fine.then_some(()))
            .is_some(),
        instance: given.instance,
        limits: given.limits.capped_by(&overrides),
    };
    for (key, wanted, _) in given.limits.below(&overrides) {
        gaps.not_given("limits", format!("{key}: {wanted}"), "");
    }
    (grants, gaps.told())
}

/// Limits that the plugin asks for.
fn limits(asked: &Requests) -> LimitOverrides {
    let limits = &asked.limits;
    LimitOverrides {
        memory: limits.memory,
        time: limits.time,
        cpu: limits.cpu,
        concurrency: limits.concurrency,
        output: limits.output,
        log: limits.log,
        ..LimitOverrides::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GivenGrant, KvScope};
    use std::path::Path;

    fn given(lines: &[&str]) -> Grants {
        let mut grants = Grants::default();
        for line in lines {
            line.parse::<GivenGrant>().unwrap().add_to(&mut grants, Path::new("/base"));
        }
        grants
    }

    fn lines(asked: &str, given_lines: &[&str]) -> Vec<String> {
        let asked: Requests = serde_json::from_str(asked).unwrap();
        given(given_lines).meet(&asked).0.lines().into_iter().map(|(list, line)| format!("{list} {line}")).collect()
    }

    const WEATHER: &str = r#"{"http":[{"host":"api.example.com","methods":["GET"],"paths":["/v1/*"]}]}"#;

    #[test]
    fn nothing_is_in_effect_that_was_not_both_asked_and_given() {
        let all =
            ["fs=/srv:/data:rw", "http=https://api.example.com/*", "tcp=db.internal:1", "env=A=1", "kv", "config=k=v"];
        assert!(lines("{}", &all).is_empty());
        assert!(lines(WEATHER, &[]).is_empty());
        let asked: Requests = serde_json::from_str("{}").unwrap();
        assert_eq!(given(&all).meet(&asked).0, Grants::default());
    }

    #[test]
    fn the_narrower_of_both_is_in_effect() {
        let http = |given_line: &str| lines(WEATHER, &[given_line]);
        assert_eq!(
            http("http=https://*.example.com/*"),
            [r#"http {host: api.example.com, methods: [GET], paths: ["/v1/*"]}"#]
        );
        assert_eq!(
            http("http=https://api.example.com/v1/forecast"),
            [r#"http {host: api.example.com, methods: [GET], paths: ["/v1/forecast"]}"#]
        );
        assert!(http("http=https://api.example.com/v2/*").is_empty());
        assert!(http("http=POST https://api.example.com/v1/*").is_empty());
        assert!(http("http=https://api.example.com:8443/v1/*").is_empty());
        let read = r#"{"fs":[{"at":"/data","access":"read"}]}"#;
        assert_eq!(lines(read, &["fs=/srv:/data:rw"]), ["fs {path: /srv, at: /data, access: read}"]);
        assert!(lines(read, &["fs=/srv:/etc:ro"]).is_empty());
    }

    #[test]
    fn a_star_asks_for_whatever_is_given() {
        let asked = r#"{"http":[{"host":"*"}],"fs":[{"at":"*","access":"write"}]}"#;
        let got = lines(asked, &["http=POST http://127.0.0.1:8080/x", "fs=/srv:/data:ro"]);
        let http =
            r#"http {host: 127.0.0.1, scheme: http, port: 8080, methods: [POST], paths: ["/x"], allowPrivate: true}"#;
        assert_eq!(got, ["fs {path: /srv, at: /data, access: read}", http]);
    }

    #[test]
    fn what_is_asked_for_cannot_break_out_of_the_line_that_would_give_it() {
        let asked = r#"{"fs":[{"at":"/d, access: write, x: y"}],"env":[{"name":"A:B,C"}]}"#;
        let (_, gaps) = Grants::default().meet(&serde_json::from_str(asked).unwrap());
        let told: Vec<String> = gaps.iter().map(ToString::to_string).collect();
        assert!(told[0].ends_with(r#"{path: FOLDER, at: "/d, access: write, x: y", access: read}"#), "{}", told[0]);
        assert!(told[1].ends_with(r#""A:B,C": …"#), "{}", told[1]);
    }

    #[test]
    fn what_did_not_meet_is_told() {
        let asked: Requests = serde_json::from_str(WEATHER).unwrap();
        let (_, gaps) = given(&["kv"]).meet(&asked);
        let line = r#"{host: api.example.com, methods: [GET], paths: ["/v1/*"]}"#.to_owned();
        let expected = [
            Shortfall::NotGiven { list: "http", line, why: String::new() },
            Shortfall::NotAsked { list: "kv", line: "true".to_owned() },
        ];
        assert_eq!(gaps, expected);
        let asked: Requests = serde_json::from_str(r#"{"kv":{"why":"notes"},"limits":{"time":"60s"}}"#).unwrap();
        let (grants, gaps) = given(&["kv=shared"]).meet(&asked);
        assert_eq!(grants.kv, Some(KvScope::Shared));
        assert_eq!(gaps, [Shortfall::NotGiven { list: "limits", line: "time: 1m".to_owned(), why: String::new() }]);
    }
}
