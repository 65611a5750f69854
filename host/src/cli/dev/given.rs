//! What plugins are given while they are developed.
//!
//! Files: a folder below `.bulkhead/dev/`. Hosts: what was typed, or confirmed
//! by somebody at a terminal. `--yes` confirms public hosts alone.

use bulkhead_base::PluginName;
use bulkhead_package::{Access, HttpRequest, RequestedLimits, Requests, Scheme as Asked, TcpRequest, display::safe};
use bulkhead_policy::{
    GivenGrant, Grants, HostRule, HttpRule, KvScope, Limits, Method, Mount, MountAccess, PathRule, RuleError, Scheme,
    TcpRule, needs_private,
};

use super::{home::Home, target::Target};
use crate::cli::terminal::Terminal;

/// The methods that "every method" stands for.
const EVERY_METHOD: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Who says yes.
pub(super) struct Giver<'a> {
    pub(super) home: &'a Home,
    pub(super) typed: &'a [GivenGrant],
    pub(super) terminal: &'a Terminal,
    pub(super) yes: bool,
    /// Whether somebody may be asked now: not while the server already serves.
    pub(super) may_ask: bool,
}

impl Giver<'_> {
    /// What the plugin of `target` is given.
    pub(super) fn give(&self, target: &Target, name: &PluginName, requests: &Requests) -> Grants {
        let mut grants = Grants::default();
        for grant in self.typed {
            grant.clone().add_to(&mut grants, self.home.project());
        }
        if matches!(target, Target::Prebuilt(_)) {
            return grants;
        }
        grants.limits = at_least(grants.limits, &requests.limits);
        self.files(name, requests, &mut grants);
        for request in &requests.http {
            self.host(target, name, &mut grants, &request.why, http_rule(request));
        }
        for request in &requests.tcp {
            self.port(target, name, &mut grants, request);
        }
        if requests.kv.is_some() && grants.kv.is_none() {
            grants.kv = Some(KvScope::Principal);
        }
        grants.clock_fine |= requests.fine_clock.is_some();
        grants
    }

    fn files(&self, name: &PluginName, requests: &Requests, grants: &mut Grants) {
        for request in &requests.fs {
            let at = if request.at == "*" { "/data" } else { &request.at };
            let Ok(at) = at.parse() else { continue };
            if grants.fs.iter().any(|mount| mount.at == at) {
                continue;
            }
            match self.home.files(name, at.as_str()) {
                Ok(folder) => grants.fs.push(Mount { access: access(request.access), ..Mount::reading(folder, at) }),
                Err(error) => self.terminal.warn(&format!("{name}: no folder for {}: {error}", at.as_str())),
            }
        }
    }

    fn host(
        &self,
        target: &Target,
        name: &PluginName,
        grants: &mut Grants,
        why: &str,
        rule: Result<HttpRule, RuleError>,
    ) {
        // `*` asks for whatever is typed.
        let Ok(rule) = rule else { return };
        let typed = grants
            .http
            .iter()
            .any(|given| given.scheme == rule.scheme && given.host == rule.host && given.port == rule.port);
        if typed {
            return;
        }
        let public = rule.scheme == Scheme::Https && !rule.allow_private && matches!(rule.host, HostRule::Exact(_));
        let flag = format!("http={}", flag(&rule));
        if self.confirms(target, name, why, &rule.to_string(), &flag, public) {
            grants.http.push(rule);
        }
    }

    fn port(&self, target: &Target, name: &PluginName, grants: &mut Grants, request: &TcpRequest) {
        let Ok(host) = request.host.parse::<HostRule>() else { return };
        let rule = TcpRule::for_endpoint(host, request.port);
        if grants.tcp.iter().any(|given| given.host == rule.host && given.port == rule.port) {
            return;
        }
        let flag = format!("tcp={}:{}", request.host, request.port);
        if self.confirms(target, name, &request.why, &rule.to_string(), &flag, false) {
            grants.tcp.push(rule);
        }
    }

    /// Whether somebody says, or has said, yes to `line`.
    fn confirms(&self, target: &Target, name: &PluginName, why: &str, line: &str, flag: &str, public: bool) -> bool {
        if self.home.was_confirmed(target.path(), line) || (self.yes && public) {
            return true;
        }
        let why = if why.is_empty() { String::new() } else { format!(" ({})", safe(why)) };
        let question = format!("{name} asks for {}{why}. Grant it?", safe(line));
        if self.may_ask && self.terminal.confirm(&question).unwrap_or(false) {
            if let Err(error) = self.home.confirm(target.path(), line.to_owned()) {
                self.terminal.warn(&format!("you will be asked again: {error}"));
            }
            return true;
        }
        self.terminal.say(&format!(
            "{name} asks for {}{why} and is not granted it; to grant it, add --grant '{}'",
            safe(line),
            safe(flag)
        ));
        false
    }
}

/// The author's own limits where they are above the defaults: it is the author
/// who runs this.
fn at_least(given: Limits, asked: &RequestedLimits) -> Limits {
    Limits {
        memory: given.memory.max(asked.memory.unwrap_or(given.memory)),
        time: given.time.max(asked.time.unwrap_or(given.time)),
        cpu: given.cpu.max(asked.cpu.unwrap_or(given.cpu)),
        concurrency: given.concurrency.max(asked.concurrency.unwrap_or(given.concurrency)),
        output: given.output.max(asked.output.unwrap_or(given.output)),
        log: given.log.max(asked.log.unwrap_or(given.log)),
        ..given
    }
}

const fn access(asked: Access) -> MountAccess {
    match asked {
        Access::Read => MountAccess::Read,
        Access::Write => MountAccess::Write,
    }
}

/// What is asked for, as a rule that grants exactly that.
fn http_rule(asked: &HttpRequest) -> Result<HttpRule, RuleError> {
    let host: HostRule = asked.host.parse()?;
    let scheme = match asked.scheme {
        Asked::Https => Scheme::Https,
        Asked::Http => Scheme::Http,
    };
    let methods: Vec<&str> = match asked.methods.is_empty() {
        true => EVERY_METHOD.to_vec(),
        false => asked.methods.iter().map(String::as_str).collect(),
    };
    let paths = match asked.paths.is_empty() {
        true => vec![PathRule::all()],
        false => asked.paths.iter().map(|path| path.parse()).collect::<Result<_, _>>()?,
    };
    Ok(HttpRule {
        scheme,
        port: asked.port.unwrap_or(scheme.default_port()),
        methods: methods.into_iter().map(str::parse::<Method>).collect::<Result<_, _>>()?,
        paths,
        allow_private: needs_private(&host),
        host,
    })
}

/// The rule as `--grant` takes it: with its first path.
fn flag(rule: &HttpRule) -> String {
    let methods: Vec<&str> = rule.methods.iter().map(Method::as_str).collect();
    let methods =
        if rule.methods == HttpRule::reading_methods() { String::new() } else { format!("{} ", methods.join(",")) };
    let port = if rule.port == rule.scheme.default_port() { String::new() } else { format!(":{}", rule.port) };
    let path = rule.paths.first().map(ToString::to_string).unwrap_or_default();
    let host = match &rule.host {
        HostRule::Exact(name) => name.to_string(),
        HostRule::Below(name) => format!("*.{name}"),
        HostRule::Address(address) => address.to_string(),
    };
    format!("{methods}{}://{host}{port}{path}", rule.scheme)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKS: &str = r#"{
        "fs": [{"at": "*", "access": "write"}],
        "http": [{"host": "api.example.com", "methods": ["GET"], "paths": ["/v1/*"]}, {"host": "127.0.0.1"}, {"host": "*"}],
        "kv": {}
    }"#;

    fn given(target: &Target, typed: &[&str], yes: bool) -> (tempfile::TempDir, Grants) {
        let project = tempfile::tempdir().unwrap();
        let home = Home::open(project.path()).unwrap();
        let typed: Vec<GivenGrant> = typed.iter().map(|text| text.parse().unwrap()).collect();
        let terminal = Terminal::of_process(true, 0, false);
        let giver = Giver { home: &home, typed: &typed, terminal: &terminal, yes, may_ask: false };
        let grants = giver.give(target, &"x".parse().unwrap(), &serde_json::from_str(ASKS).unwrap());
        (project, grants)
    }

    #[test]
    fn hosts_need_a_yes_and_private_ones_need_to_be_typed() {
        let source = Target::Source("/src/x".into());
        let (_, nobody) = given(&source, &[], false);
        assert!(nobody.http.is_empty());
        let (_, yes) = given(&source, &[], true);
        assert_eq!(yes.http.iter().map(flag).collect::<Vec<_>>(), ["GET https://api.example.com/v1/*"]);
        let (_, typed) = given(&source, &["http=https://127.0.0.1/*"], true);
        assert_eq!(typed.http.len(), 2);
    }

    #[test]
    fn files_are_never_the_sources() {
        let (project, grants) = given(&Target::Source("/src/x".into()), &[], false);
        let project = std::fs::canonicalize(project.path()).unwrap();
        assert_eq!(grants.fs[0].host.path(), Some(&*project.join(".bulkhead/dev/x/data")));
        assert_eq!((grants.fs[0].at.as_str(), grants.fs[0].access), ("/data", MountAccess::Write));
        assert_eq!(grants.kv, Some(KvScope::Principal));
    }

    #[test]
    fn a_file_that_was_not_built_here_gets_what_is_typed_alone() {
        let (_, grants) = given(&Target::Prebuilt("/x.wasm".into()), &["kv"], true);
        assert_eq!(grants, Grants { kv: Some(KvScope::Principal), ..Grants::default() });
    }
}
