//! One list at a time: what both sides have, and what only one has.

use std::{collections::BTreeMap, fmt::Display};

use bulkhead_package::{Access as AskedAccess, HttpRequest, Requests, Scheme as AskedScheme, TcpRequest};

use super::Shortfall;
use crate::{
    Grants, HostRule, HttpRule, Method, Mount, MountAccess, PathRule, Scheme, SecretRule, TcpRule, grants::scalar,
};

#[derive(Default)]
pub(super) struct Gaps(Vec<Shortfall>);

impl Gaps {
    pub(super) fn told(self) -> Vec<Shortfall> {
        self.0
    }

    pub(super) fn not_given(&mut self, list: &'static str, line: String, why: &str) {
        self.0.push(Shortfall::NotGiven { list, line, why: why.to_owned() });
    }

    fn not_asked(&mut self, list: &'static str, line: String) {
        self.0.push(Shortfall::NotAsked { list, line });
    }

    /// Joins each given rule with each ask; `line` words an ask that no rule met.
    fn rules<A, R: Display>(
        &mut self,
        list: &'static str,
        asks: &[A],
        rules: &[R],
        both: impl Fn(&R, &A) -> Option<R>,
        line: impl Fn(&A) -> (String, String),
    ) -> Vec<R> {
        let mut met = vec![false; asks.len()];
        let mut joined = Vec::new();
        for rule in rules {
            let before = joined.len();
            for (ask, met) in asks.iter().zip(&mut met) {
                let found = both(rule, ask);
                *met |= found.is_some();
                joined.extend(found);
            }
            if joined.len() == before {
                self.not_asked(list, rule.to_string());
            }
        }
        for (ask, _) in asks.iter().zip(met).filter(|(_, met)| !met) {
            let (line, why) = line(ask);
            self.not_given(list, line, &why);
        }
        joined
    }

    pub(super) fn mounts(&mut self, asked: &Requests, given: &Grants) -> Vec<Mount> {
        let mut mounts: Vec<Mount> = Vec::new();
        let joined = self.rules(
            "fs",
            &asked.fs,
            &given.fs,
            |mount, ask| {
                let access = mount.access.min(access(ask.access));
                (ask.at == "*" || ask.at == mount.at.as_str()).then(|| Mount { access, ..mount.clone() })
            },
            |ask| {
                let at = scalar(if ask.at == "*" { "/GUEST/PATH" } else { &ask.at });
                (format!("{{path: FOLDER, at: {at}, access: {}}}", access(ask.access)), ask.why.clone())
            },
        );
        // Two asks that meet in one mount: the wider access was given and asked.
        for mount in joined {
            match mounts.iter_mut().find(|known| known.at == mount.at && known.host == mount.host) {
                Some(known) => known.access = known.access.max(mount.access),
                None => mounts.push(mount),
            }
        }
        mounts
    }

    pub(super) fn http(&mut self, asked: &Requests, given: &Grants) -> Vec<HttpRule> {
        self.rules("http", &asked.http, &given.http, http_both, |ask| (http_line(ask), ask.why.clone()))
    }

    pub(super) fn tcp(&mut self, asked: &Requests, given: &Grants) -> Vec<TcpRule> {
        self.rules("tcp", &asked.tcp, &given.tcp, tcp_both, |ask| {
            (format!("{{host: {}, port: {}}}", scalar(&ask.host), ask.port), ask.why.clone())
        })
    }

    pub(super) fn secrets(&mut self, asked: &Requests, given: &Grants) -> Vec<SecretRule> {
        self.rules(
            "secrets",
            &asked.secrets,
            &given.secrets,
            |rule, ask| (rule.name() == ask.name).then(|| rule.clone()),
            |ask| (format!("{}: {{value: …, origin: https://HOST, header: NAME}}", scalar(&ask.name)), ask.why.clone()),
        )
    }

    pub(super) fn map<'a, V: Clone>(
        &mut self,
        list: &'static str,
        asks: impl Iterator<Item = (&'a str, &'a str)>,
        given: &BTreeMap<String, V>,
    ) -> BTreeMap<String, V> {
        let mut both = BTreeMap::new();
        for (name, why) in asks {
            match given.get(name) {
                Some(value) => drop(both.insert(name.to_owned(), value.clone())),
                None if name == "*" => both.extend(given.iter().map(|(name, value)| (name.clone(), value.clone()))),
                None => self.not_given(list, format!("{}: …", scalar(name)), why),
            }
        }
        for name in given.keys().filter(|name| !both.contains_key(*name)) {
            self.not_asked(list, name.clone());
        }
        both
    }

    pub(super) fn switch<T>(
        &mut self,
        list: &'static str,
        line: &str,
        asked: Option<&str>,
        given: Option<T>,
    ) -> Option<T> {
        match (asked, given) {
            (Some(_), Some(given)) => Some(given),
            (Some(why), None) => {
                self.not_given(list, line.to_owned(), why);
                None
            }
            (None, Some(_)) => {
                self.not_asked(list, line.to_owned());
                None
            }
            (None, None) => None,
        }
    }
}

const fn access(asked: AskedAccess) -> MountAccess {
    match asked {
        AskedAccess::Read => MountAccess::Read,
        AskedAccess::Write => MountAccess::Write,
    }
}

const fn scheme(asked: AskedScheme) -> Scheme {
    match asked {
        AskedScheme::Https => Scheme::Https,
        AskedScheme::Http => Scheme::Http,
    }
}

/// An ask for the host `*` leaves scheme and port to the operator, unless a
/// port is written. An ask that cannot be read asks for nothing.
fn http_both(rule: &HttpRule, ask: &HttpRequest) -> Option<HttpRule> {
    let any_host = ask.host == "*";
    let scheme = if any_host { rule.scheme } else { scheme(ask.scheme) };
    let otherwise = if any_host { rule.port } else { scheme.default_port() };
    let methods: Option<Vec<Method>> = ask.methods.iter().map(|method| method.parse().ok()).collect();
    let paths: Option<Vec<PathRule>> = ask.paths.iter().map(|path| path.parse().ok()).collect();
    let asked = HttpRule {
        scheme,
        host: if any_host { rule.host.clone() } else { ask.host.parse::<HostRule>().ok()? },
        port: ask.port.unwrap_or(otherwise),
        methods: methods?,
        paths: paths?,
        allow_private: false,
    };
    rule.intersect(&HttpRule {
        methods: if asked.methods.is_empty() { rule.methods.clone() } else { asked.methods },
        paths: if asked.paths.is_empty() { vec![PathRule::all()] } else { asked.paths },
        ..asked
    })
}

/// The line that gives all that is asked, as far as it is known.
fn http_line(ask: &HttpRequest) -> String {
    let scheme = scheme(ask.scheme);
    let host = if ask.host == "*" { Ok(HostRule::Exact("HOST".into())) } else { ask.host.parse() };
    let Ok(host) = host else { return format!("{{host: {:?}}}", ask.host) };
    let methods: Vec<Method> = ask.methods.iter().filter_map(|method| method.parse().ok()).collect();
    let paths: Vec<PathRule> = ask.paths.iter().filter_map(|path| path.parse().ok()).collect();
    let rule = HttpRule {
        scheme,
        port: ask.port.unwrap_or(scheme.default_port()),
        methods: if methods.is_empty() { HttpRule::reading_methods() } else { methods },
        paths: if paths.is_empty() { vec![PathRule::all()] } else { paths },
        allow_private: crate::needs_private(&host),
        host,
    };
    rule.to_string()
}

fn tcp_both(rule: &TcpRule, ask: &TcpRequest) -> Option<TcpRule> {
    let host = if ask.host == "*" { rule.host.clone() } else { ask.host.parse().ok()? };
    rule.intersect(&TcpRule { host, port: ask.port, allow_private: false })
}
