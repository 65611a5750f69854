//! One question for each thing that the plugin asks for and that was not
//! granted on the command line. Nobody there, nothing granted.

use std::path::Path;

use bulkhead_package::{Access, HttpRequest, Requests, Scheme, display::safe};
use bulkhead_policy::{GivenGrant, Grants, KvScope, RuleError, Shortfall};

use crate::cli::{
    exit::{Exit, Failure},
    review,
    terminal::Terminal,
};

/// The grants that were typed, and those that are said yes to.
pub(super) fn complete(
    requests: &Requests,
    typed: Vec<GivenGrant>,
    terminal: &Terminal,
) -> Result<Vec<GivenGrant>, Failure> {
    let mut grants = typed;
    if !terminal.asks() {
        return Ok(grants);
    }
    for one in one_by_one(requests) {
        if !is_met(&one, &grants) {
            grants.extend(ask(&one, terminal)?);
        }
    }
    Ok(grants)
}

/// Each ask as requests of its own.
fn one_by_one(requests: &Requests) -> Vec<Requests> {
    let Requests { fs, http, tcp, env, secrets, config, kv, fine_clock, limits: _ } = requests.clone();
    let none = Requests::default;
    let mut all = Vec::new();
    all.extend(fs.into_iter().map(|ask| Requests { fs: vec![ask], ..none() }));
    all.extend(http.into_iter().map(|ask| Requests { http: vec![ask], ..none() }));
    all.extend(tcp.into_iter().map(|ask| Requests { tcp: vec![ask], ..none() }));
    all.extend(env.into_iter().map(|ask| Requests { env: vec![ask], ..none() }));
    all.extend(secrets.into_iter().map(|ask| Requests { secrets: vec![ask], ..none() }));
    all.extend(config.into_iter().map(|ask| Requests { config: vec![ask], ..none() }));
    all.extend(kv.map(|ask| Requests { kv: Some(ask), ..none() }));
    all.extend(fine_clock.map(|ask| Requests { fine_clock: Some(ask), ..none() }));
    all
}

fn is_met(one: &Requests, grants: &[GivenGrant]) -> bool {
    let mut given = Grants::default();
    grants.iter().cloned().for_each(|grant| grant.add_to(&mut given, Path::new("/")));
    !given.meet(one).1.iter().any(|gap| matches!(gap, Shortfall::NotGiven { .. }))
}

/// Asks for one thing. What has a value that only the operator knows is asked
/// for its value; nothing typed is no.
fn ask(one: &Requests, terminal: &Terminal) -> Result<Option<GivenGrant>, Failure> {
    let shown = review::asks(one).join("; ");
    if let Some(secret) = one.secrets.first() {
        let name = safe(&secret.name).into_owned();
        terminal.say(&format!("{shown}: a secret is written by hand, under grants.secrets of the entry:"));
        terminal.say(&format!("    {name}: {{value: \"${{NAME}}\", origin: https://HOST, header: X-Api-Key}}"));
        return Ok(None);
    }
    let line = match (one.fs.first(), one.http.first(), one.tcp.first(), one.env.first(), one.config.first()) {
        (Some(fs), ..) => {
            let at = if fs.at == "*" { "/data" } else { &fs.at };
            let access = if fs.access == Access::Write { "rw" } else { "ro" };
            typed_value(&format!("{shown}\n  which folder? (none)"), terminal)?
                .map(|folder| format!("fs={folder}:{at}:{access}"))
        }
        (_, Some(http), ..) if http.host == "*" => {
            typed_value(&format!("{shown}\n  which address, such as https://api.example.com/v1/*? (none)"), terminal)?
                .map(|url| format!("http={}{url}", methods(http)))
        }
        (_, Some(http), ..) => {
            return if terminal.confirm(&format!("grant {shown}?"))? { all_of(http) } else { Ok(None) };
        }
        (.., Some(tcp), _, _) if tcp.host == "*" => typed_value(&format!("{shown}\n  which host? (none)"), terminal)?
            .map(|host| format!("tcp={host}:{}", tcp.port)),
        (.., Some(tcp), _, _) => yes(&shown, format!("tcp={}:{}", tcp.host, tcp.port), terminal)?,
        (.., Some(env), _) => typed_value(&format!("{shown}\n  which value? (none)"), terminal)?
            .map(|value| format!("env={}={value}", env.name)),
        (.., Some(config)) => typed_value(&format!("{shown}\n  which value? (none)"), terminal)?
            .map(|value| format!("config={}={value}", config.key)),
        _ if one.kv.is_some() => {
            return Ok(terminal.confirm(&format!("grant {shown}?"))?.then_some(GivenGrant::Kv(KvScope::Principal)));
        }
        _ => return Ok(terminal.confirm(&format!("grant {shown}?"))?.then_some(GivenGrant::FineClock)),
    };
    line.map(|line| line.parse().map_err(|error: RuleError| Failure::from_error(Exit::USAGE, &error))).transpose()
}

fn yes(shown: &str, line: String, terminal: &Terminal) -> Result<Option<String>, Failure> {
    Ok(terminal.confirm(&format!("grant {shown}?"))?.then_some(line))
}

fn typed_value(question: &str, terminal: &Terminal) -> Result<Option<String>, Failure> {
    Ok(Some(terminal.ask(question)?).filter(|value| !value.is_empty()))
}

fn methods(http: &HttpRequest) -> String {
    if http.methods.is_empty() { String::new() } else { format!("{} ", http.methods.join(",")) }
}

/// Everything that one ask for a named host names. An ask for every method is
/// given what reads; the rest is written by hand.
fn all_of(http: &HttpRequest) -> Result<Option<GivenGrant>, Failure> {
    let scheme = if http.scheme == Scheme::Http { "http" } else { "https" };
    let port = http.port.map(|port| format!(":{port}")).unwrap_or_default();
    let line = format!("http={}{scheme}://{}{port}/*", methods(http), http.host);
    let grant = line.parse().map_err(|error: RuleError| Failure::from_error(Exit::REFUSED, &error))?;
    let GivenGrant::Http(mut rule) = grant else { return Ok(Some(grant)) };
    if !http.paths.is_empty() {
        let paths = http.paths.iter().map(|path| path.parse()).collect::<Result<_, RuleError>>();
        rule.paths = paths.map_err(|error| Failure::from_error(Exit::REFUSED, &error))?;
    }
    Ok(Some(GivenGrant::Http(rule)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests(text: &str) -> Requests {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn nobody_there_nothing_granted_beyond_what_was_typed() {
        let asked = requests(r#"{"kv":{},"http":[{"host":"a.b"}],"fs":[{"at":"/data"}]}"#);
        let terminal = Terminal::of_process(true, 0, false);
        let typed: Vec<GivenGrant> = vec!["kv".parse().unwrap()];
        if !terminal.asks() {
            assert_eq!(complete(&asked, typed.clone(), &terminal).unwrap(), typed);
        }
    }

    #[test]
    fn what_was_typed_is_not_asked_again() {
        let asked = requests(r#"{"kv":{},"http":[{"host":"a.b"},{"host":"c.d"}]}"#);
        let typed: Vec<GivenGrant> = vec!["http=https://a.b/*".parse().unwrap()];
        let open: Vec<Requests> = one_by_one(&asked).into_iter().filter(|one| !is_met(one, &typed)).collect();
        assert_eq!(open.len(), 2);
        assert_eq!(open[0].http[0].host, "c.d");
        assert!(open[1].kv.is_some());
    }

    #[test]
    fn yes_to_a_host_gives_exactly_what_was_asked() {
        let asked = requests(r#"{"http":[{"host":"a.b","port":8443,"methods":["POST"],"paths":["/v1/*","/x"]}]}"#);
        let Some(GivenGrant::Http(rule)) = all_of(&asked.http[0]).unwrap() else { panic!("no rule") };
        assert_eq!(rule.to_string(), r#"{host: a.b, port: 8443, methods: [POST], paths: ["/v1/*", "/x"]}"#);
    }
}
